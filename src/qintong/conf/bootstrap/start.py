"""`make run`: prepares, starts everything under the supervisor, watches until it is told to stop."""

import http.client
import os
import signal
import socket
import threading
import time
from types import FrameType

from qintong.conf.bootstrap import cluster as clusters
from qintong.conf.bootstrap import preparation
from qintong.conf.bootstrap.cluster import Cluster
from qintong.conf.bootstrap.database import environment, is_foreign
from qintong.conf.bootstrap.lock import only_one
from qintong.conf.bootstrap.places import VAR_DIR
from qintong.conf.bootstrap.ports import require_free
from qintong.conf.bootstrap.processes import Addresses, Process, application, reachable
from qintong.conf.bootstrap.report import say
from qintong.conf.bootstrap.supervisor import Supervisor
from qintong.conf.bootstrap.trouble import Trouble

READY_WITHIN_S = 90.0
HEALTH_EVERY_S = 15.0
HEALTH_TRIES = 3


class _Told(Exception):
    """SIGINT, SIGTERM or SIGHUP came."""


def main() -> None:
    """Returns when everything has been stopped in order."""
    began = time.monotonic()
    addresses, demo = Addresses.from_environment(), os.environ.get("DEMO", "1") == "1"
    with only_one(VAR_DIR / "run.lock", "make run"):
        require_free(addresses.host, addresses.web_port, "QINTONG_WEB_PORT")
        require_free(addresses.jt808_host, addresses.jt808_port, "QINTONG_JT808_PORT")
        preparation.programs()
        cluster = None if is_foreign() else clusters.private(VAR_DIR)
        supervisor = Supervisor(say, environment(cluster))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _tell)
        try:
            processes = application(addresses, demo)
            for process in (process for process in processes if not process.needs_tables):
                supervisor.start(process)
            if cluster is not None:
                _start_database(supervisor, cluster)
            preparation.tables(cluster, demo)
            preparation.static_files()
            for process in (process for process in processes if process.needs_tables):
                supervisor.start(process)
            _wait_ready(supervisor, addresses)
            _greet(addresses, demo, time.monotonic() - began)
            _watch(supervisor, addresses)
        except _Told:
            say("\n停止 …")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop([name for name in supervisor.names() if name != "database"])
            supervisor.stop()
    say("已全部停止，数据留在 " + str(VAR_DIR))


def _tell(number: int, frame: FrameType | None) -> None:
    raise _Told


def _start_database(supervisor: Supervisor, cluster: Cluster) -> None:
    cluster.clear_stale_pid()
    if cluster.is_ready():  # left by a start whose supervisor was killed
        cluster.stop()
    supervisor.start(
        Process(
            "database",
            tuple(cluster.command()),
            clusters.STOP_SIGNAL,
            cluster.owner.uid,
            cluster.owner.gid,
            hide=" LOG:  ",
        )
    )
    deadline = time.monotonic() + READY_WITHIN_S
    while not cluster.is_ready():
        supervisor.watch(0.05)
        if time.monotonic() > deadline:
            raise _late("数据库", "the database")
    cluster.create_database()


def _wait_ready(supervisor: Supervisor, addresses: Addresses) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not (_is_web_well(addresses, 2.0) and _is_gateway_open(addresses)):
        supervisor.watch(0.1)
        if time.monotonic() > deadline:
            raise _late("网页或网关", "web or gateway")


def _late(what_zh: str, what_en: str) -> Trouble:
    return Trouble(
        f"{what_zh} {READY_WITHIN_S:.0f} 秒内没有就绪",
        "看上面该进程的输出",
        f"{what_en} not ready within {READY_WITHIN_S:.0f} seconds",
        "see the output of that process above",
    )


def _watch(supervisor: Supervisor, addresses: Addresses) -> None:
    """Until told to stop. A web process that hangs, not only one that dies, is started again."""
    misses, next_at = 0, time.monotonic() + HEALTH_EVERY_S
    answer: list[bool] = []
    while True:
        supervisor.watch()
        if answer:
            misses = 0 if answer.pop() else misses + 1
            if misses >= HEALTH_TRIES:
                supervisor.restart("web", f"{HEALTH_TRIES} 次健康检查无应答")
                misses = 0
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + HEALTH_EVERY_S
            threading.Thread(
                target=lambda: answer.append(_is_web_well(addresses, 10.0)), daemon=True
            ).start()


def _is_web_well(addresses: Addresses, timeout_s: float) -> bool:
    connection = http.client.HTTPConnection(
        reachable(addresses.host), addresses.web_port, timeout=timeout_s
    )
    try:
        connection.request("GET", "/health/", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _is_gateway_open(addresses: Addresses) -> bool:
    try:
        with socket.create_connection((reachable(addresses.jt808_host), addresses.jt808_port), 1.0):
            return True
    except OSError:
        return False


def _greet(addresses: Addresses, demo: bool, seconds: float) -> None:
    say(f"""
秦通已启动（{seconds:.1f} s）
  网页     http://{reachable(addresses.host)}:{addresses.web_port}/
  终端接入  {addresses.jt808_host}:{addresses.jt808_port} (JT/T 808, TCP)
  数据     {VAR_DIR}
  停止     Ctrl-C""")
    accounts = VAR_DIR / "demo_accounts.txt"
    if demo and accounts.exists():
        say("演示账号\n" + accounts.read_text(encoding="utf-8").rstrip())
