"""From a clean clone to something that can start: packages, environment, assets, tables, seed."""

from pathlib import Path

from qintong.conf.bootstrap import assets, environment, host, packages
from qintong.conf.bootstrap.cluster import Cluster
from qintong.conf.bootstrap.command import run
from qintong.conf.bootstrap.database import environment as database_environment
from qintong.conf.bootstrap.database import is_foreign
from qintong.conf.bootstrap.packages import Package
from qintong.conf.bootstrap.places import BASE_DIR, VAR_DIR, VENV_DIR, venv_program
from qintong.conf.bootstrap.report import step
from qintong.conf.bootstrap.stamps import digest, forget, unless_stamped

_SOURCE = BASE_DIR / "src" / "qintong"


def programs(extra: tuple[Package, ...] = ()) -> None:
    """Everything that is not data: distribution packages, Python packages, front-end libraries."""
    host.require_python()
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    is_first = not VENV_DIR.exists()
    host.require_space(VAR_DIR, host.SPACE_FIRST_GB if is_first else host.SPACE_AGAIN_GB)
    wanted = packages.GEODJANGO + extra
    packages.provide(wanted if is_foreign() else packages.DATABASE + wanted)
    environment.sync()
    assets.build()
    _compile_catalogue()


def _compile_catalogue() -> None:
    """The English catalogue as Django reads it."""
    catalogue = _SOURCE / "conf/locale/en/LC_MESSAGES/django.po"
    if not catalogue.with_suffix(".mo").exists():
        forget("catalogue")
    unless_stamped(
        "catalogue",
        digest([catalogue]),
        lambda: _qintong("编译英文目录", "compiling the catalogue", None, "catalogue", "--compile"),
    )


def static_files() -> None:
    """Collects static files under var/static with their hashes."""
    if not (VAR_DIR / "static").exists():
        forget("static")
    files = [path for path in _SOURCE.rglob("static/**/*") if path.is_file()]
    lock = BASE_DIR / "uv.lock"
    unless_stamped("static", digest([*files, lock], str(VAR_DIR)), _collect)


def tables(cluster: Cluster | None, demo: bool) -> None:
    """Migrates and seeds. Skipped when neither migrations nor seed have changed since this cluster's last.

    A server named by DATABASE_URL is asked every time: only it knows what it holds.
    """
    files = [*_SOURCE.rglob("migrations/*.py"), *_seed_files(), BASE_DIR / "uv.lock"]
    wanted = digest(files, cluster.identity if cluster else "", f"demo={demo}")
    if cluster is None:
        forget("tables")
    unless_stamped("tables", wanted, lambda: _migrate_and_seed(cluster, demo))


def _seed_files() -> list[Path]:
    return [path for path in _SOURCE.rglob("seed/**/*") if path.is_file() and path.suffix != ".pyc"]


def _collect() -> None:
    with step("静态文件"):
        _qintong(
            "收集静态文件", "collecting static files", None, "collectstatic", "--noinput", "--clear"
        )


def _migrate_and_seed(cluster: Cluster | None, demo: bool) -> None:
    with step("数据表"):
        _qintong("迁移数据表", "migrating the tables", cluster, "migrate", "--noinput")
    with step("基础数据"):
        _qintong("写入基础数据", "seeding", cluster, "seed", *(["--demo"] if demo else []))


def _qintong(what_zh: str, what_en: str, cluster: Cluster | None, *arguments: str) -> None:
    run(
        what_zh,
        what_en,
        [venv_program("qintong"), *arguments],
        environment=database_environment(cluster),
    )
