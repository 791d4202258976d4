"""What every bench shares: arguments, CPU of processes, percentiles, and the last line of output.

A bench is a module with `measure(options) -> Figures` that ends in `harness.main("decode", measure)`.
It runs as `uv run python -m bench.NAME --json [--seconds N]`.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import django
import numpy as np
import psycopg
from django.core.management import call_command

from qintong.conf.bootstrap.database import running
from qintong.conf.bootstrap.places import VAR_DIR

Figures = Mapping[str, float]
_TICKS = os.sysconf("SC_CLK_TCK")


def main(
    name: str,
    measure: Callable[[argparse.Namespace], Figures],
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
    seconds: float = 20.0,
) -> None:
    """Parses `--json --seconds N` and the bench's own arguments, measures, prints the figures.

    The last line of standard output is one JSON object: name, figures, command, machine.
    """
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}")
    parser.add_argument("--json", action="store_true", help="print only the JSON line")
    parser.add_argument("--seconds", type=float, default=seconds, help="length of the measurement")
    arguments(parser)
    options = parser.parse_args()
    figures = {key: round(float(value), 3) for key, value in measure(options).items()}
    if not options.json:
        for key, value in figures.items():
            print(f"{key:32} {value:>16,.3f}")
    command = " ".join(["uv run python -m", f"bench.{name}", *sys.argv[1:]])
    report = {"name": name, "figures": figures, "command": command, "machine": machine()}
    print(json.dumps(report, ensure_ascii=False), flush=True)


@contextmanager
def database(name: str) -> Iterator[str]:
    """Django set up and migrated on the database `bench_NAME`, which is made once and kept.

    Lies on the server of DATABASE_URL, else on a private cluster that runs for the time of the block.
    Inside the block DATABASE_URL names the database, for processes the bench starts. Call it before
    anything of Django is imported that needs settings.
    """
    with running(VAR_DIR):
        server = os.environ["DATABASE_URL"]
        own = urlsplit(server)._replace(path=f"/bench_{name}").geturl()
        with psycopg.connect(server, autocommit=True) as connection:
            found = connection.execute(
                "select 1 from pg_database where datname = %s", [f"bench_{name}"]
            ).fetchone()
            if found is None:
                connection.execute(f"create database bench_{name}")
        os.environ["DATABASE_URL"] = own
        try:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qintong.conf.settings")
            django.setup()
            call_command("migrate", verbosity=0, interactive=False)
            yield own
        finally:
            django.db.connections["default"].close()
            django.db.connections["default"].close_pool()
            os.environ["DATABASE_URL"] = server


def cpu_s(pids: Iterable[int]) -> float:
    """CPU-seconds used so far by these processes with all their threads, user and system."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def resident_kib(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile: a value that was measured, never an interpolated one."""
    return float(np.percentile(np.asarray(values), percent, method="inverted_cdf"))


def machine() -> dict[str, str | int]:
    """Processor, cores, memory and system: what the figures depend on, and nothing that names a host."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "processor": processor,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_gib),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }
