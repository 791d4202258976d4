"""`qintong gateway`: the JT/T 808 gateway as a process."""

import argparse
import os
import signal
from pathlib import Path

import structlog

from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.server import Gateway
from qintong.stream.log import LogError
from qintong.stream.log.local import open_log
from qintong.stream.roster import Watch

logger = structlog.get_logger()


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qintong gateway", description=__doc__)
    parser.add_argument("--host", default="0.0.0.0")  # noqa: S104 - terminals come from outside
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("QINTONG_JT808_PORT", "6808"))
    )
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


def main(argv: list[str], var: Path) -> int:
    """Serve until SIGTERM or SIGINT; 1 if the port or the log is taken."""
    arguments = parser().parse_args(argv)
    try:
        gateway = _gateway(arguments, var)
    except (OSError, LogError) as error:
        logger.error("gateway_cannot_start", port=arguments.port, reason=str(error))
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: gateway.stop())
    terminals = len(gateway.service.watch.roster)
    logger.info("gateway_listens", port=gateway.port, terminals=terminals)
    gateway.run()
    logger.info("gateway_stopped", messages=gateway.tally.messages)
    return 0


def _gateway(arguments: argparse.Namespace, var: Path) -> Gateway:
    health = var / "run" / f"{arguments.name}.json"
    health.parent.mkdir(parents=True, exist_ok=True)
    return Gateway(
        arguments.host,
        arguments.port,
        lambda: open_log(var / "log", arguments.name),
        Watch(var / "roster.arrow"),
        Policy(requires_authentication=arguments.require_authentication),
        health,
        is_port_shared=arguments.share_port,
    )
