"""`make bench`: runs every bench, or those named, and writes docs/performance.md."""

import datetime
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness import machine
from qintong.conf.bootstrap.places import BASE_DIR

PAGE = BASE_DIR / "docs" / "performance.md"


@dataclass(frozen=True)
class Goal:
    """What a figure is to reach; `most` is an upper bound, else the goal is a lower one."""

    bench: str
    key: str
    meaning: str
    goal: float
    most: bool = False

    def is_met(self, value: float) -> bool:
        return value <= self.goal if self.most else value >= self.goal

    def __str__(self) -> str:
        return f"{'≤' if self.most else '≥'} {_number(self.goal)}"


GOALS = (
    Goal("decode", "ratio_to_plain", "location reports decoded by the kernel, times the plain", 20),
    Goal("gateway", "acked_per_cpu_s_1", "reports acknowledged a CPU-second, 1 a segment", 50_000),
    Goal("gateway", "acked_per_cpu_s_4", "reports acknowledged a CPU-second, 4 a segment", 250_000),
    Goal("connections", "connections", "links held at once", 10_000),
    Goal("connections", "rate_per_s", "reports a second over them", 10_000),
    Goal("connections", "p99_ms", "from report to acknowledgement, 99 %, ms", 100, most=True),
    Goal("freshness", "rate_per_s", "reports a second while measured", 5_000),
    Goal(
        "freshness", "p99_ms", "from sent to visible in the live feed, 99 %, ms", 1_000, most=True
    ),
    Goal("list_page", "rows", "rows behind the list", 1_000_000),
    Goal("list_page", "p95_ms", "list with filter and sort, 95 %, ms", 150, most=True),
    Goal("list_page", "queries", "queries of that page", 12, most=True),
    Goal("list_page", "html_bytes", "bytes of that page", 60_000, most=True),
    Goal("tiles", "z14_per_s", "tiles a second and worker, zoom 14, uncached", 1_000),
    Goal("tiles", "z10_per_s", "zoom 10", 200),
    Goal("tiles", "z8_per_s", "zoom 8", 100),
    Goal("tiles", "cached_per_s", "tiles a second from the cache", 2_000),
    Goal("track", "reports", "reports in the history", 100_000_000),
    Goal("track", "p95_ms", "one vehicle's day out of it, 95 %, ms", 200, most=True),
)


def benches() -> list[str]:
    """Every module here that ends in `harness.main`: those with a goal first, in the order of the goals."""
    folder = Path(__file__).parent
    found = {path.stem for path in folder.glob("*.py") if "harness.main(" in path.read_text()}
    found.discard("__main__")
    found.discard("harness")
    order = list(dict.fromkeys(goal.bench for goal in GOALS))
    return [name for name in order if name in found] + sorted(found - set(order))


def main(names: list[str]) -> int:
    """Runs the benches one after another. Returns the number of those that failed."""
    reports: dict[str, dict[str, Any]] = {}
    chosen = names or benches()
    for name in chosen:
        command = [sys.executable, "-m", f"bench.{name}", "--json"]
        done = subprocess.run(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print(f"{name}: failed")
            continue
        line = done.stdout.strip().splitlines()[-1]
        print(line)
        reports[name] = json.loads(line)
    if not names:
        PAGE.write_text(page(reports, datetime.date.today()), encoding="utf-8")
    return len(chosen) - len(reports)


def page(reports: dict[str, dict[str, Any]], day: datetime.date) -> str:
    """The page in full: goals with figures, every figure with its command, the machine."""
    found = machine()
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; do not edit. Each figure is what a script under `bench/` printed on"
        " the machine below, with the load and the server on the same cores.",
        "",
        f"- Measured on {day.isoformat()}: {found['processor']}, {found['cores']} cores,"
        f" {found['memory_gib']} GiB, Linux {found['kernel']}, Python {found['python']}.",
        "- CPU-seconds are user and system time of the server's processes.",
        "",
        "| bench | what | figure | to reach | |",
        "|---|---|--:|--:|---|",
    ]
    for goal in GOALS:
        value = reports.get(goal.bench, {}).get("figures", {}).get(goal.key)
        shown = "—" if value is None else _number(value)
        mark = "not measured" if value is None else "met" if goal.is_met(value) else "**missed**"
        lines.append(f"| {goal.bench} | {goal.meaning} | {shown} | {goal} | {mark} |")
    lines += ["", "## All figures", ""]
    for name, report in reports.items():
        lines += [f"`{report['command']}`", "", f"| {name} | |", "|---|--:|"]
        lines += [f"| {key} | {_number(value)} |" for key, value in report["figures"].items()]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
