"""The private PostgreSQL cluster: made, started and stopped here, reached through a socket of its own."""

import os
import signal
import tempfile
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from qintong.conf.bootstrap import host, packages
from qintong.conf.bootstrap.command import run
from qintong.conf.bootstrap.owner import Owner, of_cluster, place_for
from qintong.conf.bootstrap.report import say, step
from qintong.conf.bootstrap.trouble import Trouble

ROLE = "qintong"
_LONGEST_SOCKET = 100
"""Bytes of a socket's path that every system takes (the limit is 107)."""

_SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
jit = off
shared_buffers = {shared_mib}MB
effective_cache_size = {cache_mib}MB
work_mem = 16MB
maintenance_work_mem = 256MB
random_page_cost = 1.1
wal_compression = on
max_wal_size = 2GB
checkpoint_timeout = 15min
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
"""
_THROWAWAY = """
fsync = off
full_page_writes = off
synchronous_commit = off
"""


@dataclass(frozen=True)
class Cluster:
    """One cluster. `throwaway` gives up durability: for tests, whose data nobody misses."""

    data: Path
    sockets: Path
    binaries: Path
    owner: Owner
    throwaway: bool = False

    @property
    def url(self) -> str:
        """DATABASE_URL of its database `qintong`."""
        return f"postgres://{ROLE}@/qintong?host={self.sockets}"

    @property
    def identity(self) -> str:
        """Changes when the cluster is made anew; part of the stamps of what was done in it."""
        facts = (self.data / "PG_VERSION").stat()
        return f"{self.data} {facts.st_ino} {facts.st_mtime_ns}"

    def command(self) -> list[str]:
        """The server in the foreground; SIGINT is its fast and clean stop."""
        return [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.sockets)]

    def is_ready(self) -> bool:
        """Whether it takes connections: the server notes its state in line 8 of its PID file."""
        if self.server_pid() is None:
            return False
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def start(self) -> None:
        """Starts it in the background and waits; nothing when it runs already."""
        self.clear_stale_pid()
        if self.is_ready():
            return
        self._run(
            "启动数据库",
            "starting the database",
            *("pg_ctl", "-D", str(self.data), "-w", "-s", "-o", f"-k '{self.sockets}'"),
            *("-l", str(self.data / "server.log"), "start"),
        )

    def stop(self) -> None:
        """Stops it and waits: connections are closed, everything committed is on disk."""
        if self.server_pid() is not None:
            self._run(
                "停止数据库",
                "stopping the database",
                *("pg_ctl", "-D", str(self.data), "-w", "-s", "-m", "fast", "stop"),
            )

    def server_pid(self) -> int | None:
        """Process of the running server, None when the PID file is missing or stale."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
            return None
        return pid if str(self.data).encode() in words else None

    def clear_stale_pid(self) -> None:
        """Removes the PID file of a server that is gone: after a crash its number may be another's."""
        file = self.data / "postmaster.pid"
        if file.exists() and self.server_pid() is None:
            file.unlink()
            say("  上次没有正常停止，已清掉过期的 postmaster.pid")

    def create_database(self, name: str = "qintong") -> None:
        """Makes the database when there is none. The server must be running."""
        psql = [str(self.binaries / "psql"), "-h", str(self.sockets), "-U", ROLE, "-d", "postgres"]
        what = ("建数据库", "creating the database")
        query = "select datname from pg_database"
        if name not in run(*what, [*psql, "-Atc", query], environment=_environment()).split():
            run(*what, [*psql, "-qc", f"create database {name}"], environment=_environment())

    def _run(self, what_zh: str, what_en: str, program: str, *arguments: str) -> None:
        run(
            what_zh,
            what_en,
            [str(self.binaries / program), *arguments],
            cwd=self.data.parent,
            environment=_environment(),
            user=self.owner.uid,
            group=self.owner.gid,
        )


def private(var: Path, throwaway: bool = False) -> Cluster:
    """The cluster under var/, made when there is none. Raises Trouble when it is of another version."""
    owner = of_cluster()
    data = place_for(var / "postgres", owner)
    if data != var / "postgres" and not data.exists():
        say(f"  {var} 不在数据库用户能进的目录下，数据放在 {data}")
    cluster = Cluster(data, socket_folder(data), _binaries(), owner, throwaway)
    owner.keep(cluster.sockets)
    require_same_version(cluster)
    if not (data / "PG_VERSION").exists():
        _initialise(cluster)
    (var / "database_url").write_text(cluster.url)
    return cluster


def socket_folder(data: Path) -> Path:
    """Beside the data; elsewhere when the path would be too long for a socket."""
    folder = data.with_name(f"{data.name}-run")
    if len(os.fsencode(folder / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
        return folder
    name = blake2b(os.fsencode(data), digest_size=6).hexdigest()
    return Path(tempfile.gettempdir(), f"qintong-{os.geteuid()}-{name}")


def _binaries() -> Path:
    server = packages.find("usr/lib/postgresql/*/bin/postgres")
    if server is None:
        raise Trouble(
            "没有 PostgreSQL",
            "先运行 make setup，或用 DATABASE_URL 指到已有的库",
            "there is no PostgreSQL",
            "run make setup first, or point DATABASE_URL at a server",
        )
    return server.parent


def require_same_version(cluster: Cluster) -> None:
    marker = cluster.data / "PG_VERSION"
    if not marker.exists():
        return
    made, installed = marker.read_text().strip(), cluster.binaries.parent.name
    if made != installed:
        raise Trouble(
            f"{cluster.data} 是 PostgreSQL {made} 的库，本机装的是 {installed}",
            f"装上 postgresql-{made}，或按 docs/operations.md 升级",
            f"{cluster.data} is a cluster of PostgreSQL {made}, installed is {installed}",
            f"install postgresql-{made}, or upgrade as docs/operations.md says",
        )


def _initialise(cluster: Cluster) -> None:
    host.require_locale("C.UTF-8")
    cluster.owner.keep(cluster.data)
    with step("建数据库集群"):
        cluster._run(
            "建数据库集群",
            "creating the database cluster",
            *("initdb", "-D", str(cluster.data), "-U", ROLE, "-A", "trust", "--no-instructions"),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        memory_mib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        settings = _SETTINGS.format(
            shared_mib=max(128, min(1024, memory_mib // 8)), cache_mib=memory_mib // 2
        )
        with (cluster.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings + (_THROWAWAY if cluster.throwaway else ""))


def _environment() -> dict[str, str]:
    return {**os.environ, **packages.environment(), "LC_ALL": "C.UTF-8"}


STOP_SIGNAL = signal.SIGINT
