"""The four steps on top of every page of an import."""

from django.utils.translation import gettext as _

from qintong.desk.import_plan import Plan


def steps(at: str, plan: Plan | None = None) -> list[dict[str, str]]:
    """`at` is file, columns, check or import."""
    note = ""
    if plan is not None:
        counts = {"file": len(plan.headings), "used": len(plan.columns)}
        note = _("%(file)s 列对 %(used)s 列") % counts
    found = [
        {"key": "file", "title": _("选文件"), "note": ""},
        {"key": "columns", "title": _("对应列"), "note": note},
        {"key": "check", "title": _("试导入"), "note": _("没有写入任何数据")},
        {"key": "import", "title": _("导入"), "note": _("可整批撤回，保留 30 天")},
    ]
    keys = [step["key"] for step in found]
    for index, step in enumerate(found):
        step["state"] = "on" if step["key"] == at else "ok" if index < keys.index(at) else ""
    return found
