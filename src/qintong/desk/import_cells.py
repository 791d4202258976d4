"""One row of the file → values for the form, with what could not be read said in words."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from qintong.desk.cell_values import (
    likely_unit,
    plain,
    read_date,
    read_number,
    read_stake,
    read_yes_no,
)
from qintong.desk.import_lines import Issue, Level
from qintong.desk.import_mapping import Target, plain_title
from qintong.desk.import_related import Lookup
from qintong.desk.resource import FormerName
from qintong.desk.shapes import read_shape
from qintong.desk.sheets import Cell, Flaw

SRID = 4490
EXTENT = {"lon": (73, 136), "lat": (3, 54)}
"""Degrees of the country."""


def read_row(
    texts: Mapping[str, Cell],
    targets: Mapping[str, Target],
    units: Mapping[str, str],
    lookups: Mapping[str, Lookup],
    former: Mapping[str, Mapping[str, FormerName]],
) -> tuple[dict[str, Any], list[Issue]]:
    """(form field → value, issues). A field with an error is absent from the values."""
    values: dict[str, Any] = {}
    issues: list[Issue] = []
    for name, cell in texts.items():
        target = targets[name]
        if isinstance(cell, Flaw):
            issues.append(Issue(name, target.title, cell.text, _("公式或错误值"), cell.rule))
            continue
        try:
            values[name] = _read(target, cell, units, lookups, former)
        except CellError as error:
            issues.append(error.issue(target, cell))
        else:
            issues += _doubts(target, cell, str(values[name]), units)
    return _points(values, targets), issues


class CellError(ValueError):
    """Why a cell cannot be used; becomes an Issue of the report."""

    def __init__(self, reason: str, rule: str, level: Level = "error", **more: str) -> None:
        super().__init__(rule)
        self.reason, self.rule, self.level, self.more = reason, rule, level, more

    def issue(self, target: Target, text: str) -> Issue:
        return Issue(
            target.name, target.title, text, self.reason, self.rule, self.level, **self.more
        )


def _read(
    target: Target,
    text: str,
    units: Mapping[str, str],
    lookups: Mapping[str, Lookup],
    former: Mapping[str, Mapping[str, FormerName]],
) -> Any:
    match target.kind:
        case "date":
            try:
                return read_date(text)
            except ValueError as error:
                if target.required:
                    raise CellError(_("日期读不懂"), _("%s。") % error) from None
                raise CellError(
                    _("日期读不懂，留空"), _("%s；已留空。") % error, level="notice"
                ) from None
        case "lon" | "lat":
            return _ordinate(target, text)
        case "number" if target.name.endswith("stake_m") and "+" in text:
            try:
                return read_stake(text)
            except ValueError as error:
                raise CellError(_("桩号读不懂"), _("%s。") % error) from None
        case "number":
            try:
                return read_number(text, target.unit, units.get(target.name, ""))
            except ValueError as error:
                raise CellError(
                    _("%s不是数值") % target.title,
                    _("%(title)s应为数值：%(why)s。") % {"title": target.title, "why": error},
                ) from None
        case "yes_no":
            try:
                return read_yes_no(text)
            except ValueError as error:
                raise CellError(_("%s不在选项中") % target.title, _("%s。") % error) from None
        case "choice":
            return _choice(target, text)
        case "related":
            return _related(target, text, lookups[target.name], former.get(target.name, {}))
        case "geometry":
            try:
                return read_shape(text, SRID)
            except ValueError:
                rule = _("几何读不懂，应为 WKT，如 POINT (109.1 34.2)。")
                raise CellError(_("%s读不懂") % target.title, rule) from None
        case _:
            return text


def _ordinate(target: Target, text: str) -> str:
    """Degrees inside the country; where the two columns are swapped, the rule says so."""
    low, high = EXTENT[target.kind]
    try:
        value = read_number(text)
    except ValueError as error:
        raise CellError(_("%s不是数值") % target.title, _("%s。") % error) from None
    if not low <= float(value) <= high:
        counts = {"title": target.title, "value": value, "low": low, "high": high}
        rule = _("%(title)s %(value)s 不在 %(low)s 至 %(high)s 之间；两列是否写反？") % counts
        raise CellError(_("坐标不在国内"), rule)
    return value


def _choice(target: Target, text: str) -> str:
    value = target.choices.get(plain_title(plain(text)))
    if value is not None:
        return value
    near = get_close_matches(text, target.labels, n=1, cutoff=0.4)
    raise CellError(
        _("%s不在选项中") % target.title,
        _("应为%s之一。") % "、".join(target.labels[:8]) if len(target.labels) <= 8
        else _("不在 %(title)s 的 %(count)s 个选项中。") % {"title": target.title, "count": len(target.labels)},
        fix=near[0] if near else "",
    )  # fmt: skip


def _related(target: Target, text: str, lookup: Lookup, former: Mapping[str, FormerName]) -> Any:
    found = lookup.found[text]
    if found.rows == 1:
        return found.pk
    if found.rows > 1:
        raise CellError(
            _("%s重名") % target.title,
            _("有 %(rows)s 条叫 %(text)s；改用代码。") % {"rows": found.rows, "text": text},
        )
    if text in former:
        name = former[text]
        reason = _("%s已变更") % target.title
        raise CellError(reason, name.rule, fix=name.now, fix_title=name.title, basis=name.basis)
    near = found.near
    hint = _("；是否 %s？") % near if near else _("。")
    raise CellError(
        _("找不到%s") % target.title,
        _("你的范围内没有 %(title)s %(text)s%(hint)s")
        % {"title": target.title, "text": text, "hint": hint},
        fix=near,
    )


def _doubts(target: Target, text: str, value: str, units: Mapping[str, str]) -> list[Issue]:
    """Values that can be used but look wrong; the row is still imported."""
    if target.kind != "number" or target.name in units:
        return []
    other = likely_unit(value, target.unit) if plain(text).replace(",", "") == value else ""
    if not other:
        return []
    rule = _("单位像是 %(other)s；本列按 %(unit)s 导入。") % {"other": other, "unit": target.unit}
    return [Issue(target.name, target.title, text, _("数值单位可疑"), rule, "notice", unit=other)]


def _points(values: dict[str, Any], targets: Mapping[str, Target]) -> dict[str, Any]:
    """Longitude and latitude in two columns become one point."""
    ordinates = {name for name in values if targets[name].kind in {"lon", "lat"}}
    for field in {targets[name].field for name in ordinates}:
        lon, lat = values.pop(f"{field}.lon", None), values.pop(f"{field}.lat", None)
        if lon is not None and lat is not None:
            values[field] = Point(float(lon), float(lat), srid=SRID)
    return values
