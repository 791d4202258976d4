"""`qintong gateway`: the JT/T 808 gateway as a process."""

import argparse
import signal
from dataclasses import replace
from pathlib import Path

import structlog

from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.server import Gateway
from qintong.stream.log.local import open_log
from qintong.stream.roster import Watch

logger = structlog.get_logger()


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qintong gateway", description=__doc__)
    parser.add_argument("--host", default="0.0.0.0")  # noqa: S104 - terminals come from outside
    parser.add_argument("--port", type=int, default=6808)
    parser.add_argument(
        "--name", default="gateway-1", help="writer of the log; each process has its own"
    )
    parser.add_argument(
        "--share-port", action="store_true", help="let other gateway processes use the port too"
    )
    parser.add_argument(
        "--require-authentication",
        action="store_true",
        help="serve reports only after 0x0102 (default: from the first message of an admitted one)",
    )
    return parser


def run(var: Path, arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    gateway = Gateway(
        arguments.host,
        arguments.port,
        lambda: open_log(var / "log", arguments.name),
        Watch(var / "roster.arrow"),
        replace(Policy(), requires_authentication=arguments.require_authentication),
        health=var / "run" / f"{arguments.name}.json",
        is_port_shared=arguments.share_port,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: gateway.stop())
    logger.info("gateway_listens", port=gateway.port, terminals=len(gateway.service.watch.roster))
    gateway.run()
    logger.info("gateway_stopped", messages=gateway.tally.messages)
