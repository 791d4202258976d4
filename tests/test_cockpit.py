"""The cockpit tells what the registers, the state and the processes say, within the scope."""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qintong.base.registry.models import Terminal
from qintong.decision.command.alarms import Alarm
from qintong.desk.facts import feeds, headlines
from qintong.desk.scope import Scope
from tests.province import Province, vehicle


def scope_of(user: object) -> Scope:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    scope: Scope = client.get(reverse("home")).wsgi_request.scope  # type: ignore[attr-defined]
    return scope


def figure(scope: Scope, title: str) -> object:
    return next(line.value for line in headlines.of(scope) if line.title == title)


@pytest.fixture
def fleet(province: Province) -> Province:
    """Two vehicles at home, one of them on line; one of the other county on line."""
    mine = [vehicle(province, n) for n in (1, 2)]
    other = vehicle(province, 3, province.other)
    for number, (owner, online) in enumerate(
        ((mine[0], True), (mine[1], False), (other, True)), start=1
    ):
        Terminal.objects.create(
            terminal_number=f"90000000000{number}",
            state="admitted",
            vehicle=owner,
            region=owner.region,
            is_online=online,
        )
    return province


@pytest.fixture
def run_dir() -> Path:
    directory: Path = settings.VAR_DIR / "run"
    directory.mkdir(parents=True, exist_ok=True)
    for file in directory.glob("*.json"):
        file.unlink()
    return directory


def test_vehicles_on_line_are_those_of_the_scope(fleet: Province) -> None:
    assert figure(scope_of(fleet.chief), "在线营运车辆") == 2
    assert figure(scope_of(fleet.clerk), "在线营运车辆") == 1


def test_open_alarms_are_counted_and_listed_within_the_scope(fleet: Province) -> None:
    now = timezone.now()
    for key, region in enumerate((fleet.changan, fleet.changan, fleet.ansai)):
        Alarm.objects.create(
            incident_key=key, rule=2, level=1, region=region, started_at=now, last_at=now,
            place=f"{region.name}某处",
        )  # fmt: skip
    client = Client()
    client.force_login(fleet.clerk)

    page = client.get(reverse("home")).content.decode()

    assert "共 2 条" in page
    assert "长安区某处" in page
    assert "安塞区某处" not in page
    assert figure(scope_of(fleet.clerk), "未结告警") == 2


def test_a_figure_without_a_source_is_a_dash(fleet: Province, run_dir: Path) -> None:
    scope = scope_of(fleet.chief)

    assert figure(scope, "终端报文") is None
    assert {line.state for line in feeds.of(scope)} == {"unknown"}


def test_rates_are_those_the_gateways_wrote_and_old_ones_do_not_count(
    fleet: Province, run_dir: Path
) -> None:
    now_ms = int(time.time() * 1000)
    for name, rate, at_ms in (
        ("a", 30.5, now_ms),
        ("b", 12.0, now_ms),
        ("c", 99.0, now_ms - 60_000),
    ):
        said = {"name": name, "at_ms": at_ms, "connections": 7, "messages_per_s": rate}
        (run_dir / f"gateway-{name}.json").write_text(json.dumps(said | {"positions_per_s": rate}))

    assert figure(scope_of(fleet.chief), "终端报文") == pytest.approx(42.5)


@pytest.mark.parametrize(
    ("pulse_age_s", "record_age_s", "state"),
    [(1, 5, "ok"), (1, 120, "late"), (1, 900, "dead"), (600, 5, "dead")],
)
def test_a_feed_is_judged_by_its_age(
    fleet: Province, run_dir: Path, pulse_age_s: int, record_age_s: int, state: str
) -> None:
    now_ms = int(time.time() * 1000)
    said = {
        "at_ms": now_ms - pulse_age_s * 1000,
        "last_row_at_ms": now_ms - record_age_s * 1000,
        "rows_per_s": 1.0,
        "lag_rows": 0,
    }
    (run_dir / "consume-state.json").write_text(json.dumps(said))

    line = next(line for line in feeds.of(scope_of(fleet.chief)) if line.name == "道路运输车辆定位")

    assert line.state == state


def test_a_broken_metrics_file_is_as_good_as_none(fleet: Province, run_dir: Path) -> None:
    (run_dir / "consume-state.json").write_text('{"at_ms": ')
    (run_dir / "gateway-1.json").write_text("[]")

    scope = scope_of(fleet.chief)

    assert figure(scope, "终端报文") is None
    assert np.all([line.at is None for line in feeds.of(scope)])


def test_the_refresh_brings_the_same_parts_as_the_page(fleet: Province) -> None:
    client = Client()
    client.force_login(fleet.chief)

    page = client.get(reverse("home")).content.decode()
    part = client.get(reverse("home"), headers={"HX-Request": "true"}).content.decode()

    names = re.findall(r'data-part="(\w+)"', part)
    assert names == re.findall(r'data-part="(\w+)"', page)
    assert names == ["strip", "todo", "areas", "map", "feeds"]
    assert "<html" not in part
