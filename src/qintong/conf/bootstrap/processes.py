"""The processes of a running Qintong: what the supervisor starts, in this order."""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from qintong.conf.bootstrap.places import venv_program


@dataclass(frozen=True)
class Process:
    """One long-running program and how it is stopped."""

    name: str
    command: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    uid: int | None = None
    gid: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    needs_tables: bool = True
    """False: lives on the log alone and starts while the database is still being prepared."""
    hide: str = ""
    """Lines with this text are not shown: ordinary chatter."""


@dataclass(frozen=True)
class Addresses:
    """Where it listens; each value from the environment, with a default that works."""

    host: str
    web_port: int
    jt808_host: str
    jt808_port: int

    @classmethod
    def from_environment(cls) -> "Addresses":
        host = os.environ.get("QINTONG_HOST", "127.0.0.1")
        return cls(
            host,
            int(os.environ.get("QINTONG_WEB_PORT", "8700")),
            os.environ.get("QINTONG_JT808_HOST", host),
            int(os.environ.get("QINTONG_JT808_PORT", "6808")),
        )


def reachable(host: str) -> str:
    """The address by which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound


def application(addresses: Addresses, demo: bool) -> list[Process]:
    """Everything but the database."""
    qintong = venv_program("qintong")
    web = (
        *(venv_program("uvicorn"), "qintong.conf.asgi:application"),
        *("--host", addresses.host, "--port", str(addresses.web_port)),
        *("--workers", os.environ.get("QINTONG_WEB_WORKERS", "1")),
        *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "2"),
    )
    gateway = (
        *(qintong, "gateway", "--host", addresses.jt808_host),
        *("--port", str(addresses.jt808_port)),
    )
    processes = [
        Process("web", web),
        Process("gateway", gateway, needs_tables=False),
        Process("consume", (qintong, "consume", "state", "lake", "rules"), needs_tables=False),
        Process("feeds", (qintong, "consume", "feeds")),
        Process("jobs", (qintong, "procrastinate", "worker")),
    ]
    if demo:
        processes.append(
            Process(
                "simulate",
                (
                    *(qintong, "simulate"),
                    *("--host", reachable(addresses.jt808_host)),
                    *("--vehicles", "500", "--rate", "50"),
                ),
            )
        )
    return processes
