"""Distribution packages: what is missing, installed with root or sudo, else unpacked under var/prefix."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qintong.conf.bootstrap import host
from qintong.conf.bootstrap.command import run
from qintong.conf.bootstrap.host import Privilege
from qintong.conf.bootstrap.places import PREFIX_DIR, VAR_DIR
from qintong.conf.bootstrap.report import step
from qintong.conf.bootstrap.trouble import Trouble

SUPPORTED = ("debian", "12")


@dataclass(frozen=True)
class Package:
    """A package and the file, as a pattern below the root, whose presence shows that it is there."""

    name: str
    shows: str


DATABASE = (
    Package("postgresql-15", "usr/lib/postgresql/*/bin/postgres"),
    Package("postgresql-15-postgis-3", "usr/share/postgresql/*/extension/postgis.control"),
)
GEODJANGO = (
    Package("libgdal32", "usr/lib/*/libgdal.so.*"),
    Package("libgeos-c1v5", "usr/lib/*/libgeos_c.so.*"),
    Package("libproj25", "usr/lib/*/libproj.so.*"),
)
INSTALLER = (
    Package("python3-pip-whl", "usr/share/python-wheels/pip-*.whl"),
    Package("python3-distutils", "usr/lib/python3*/distutils/cmd.py"),
    Package("ca-certificates", "etc/ssl/certs/ca-certificates.crt"),
)
BROWSER = (
    Package("chromium", "usr/lib/chromium/chromium"),
    Package("libatomic1", "usr/lib/*/libatomic.so.1"),
    Package("fonts-noto-cjk", "usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)


def provide(wanted: Sequence[Package]) -> None:
    """Brings in those that are missing. Raises Trouble on a release whose packages are not known."""
    missing = [package.name for package in wanted if find(package.shows) is None]
    if not missing:
        return
    names = " ".join(missing)
    if host.release() != SUPPORTED or not shutil.which("apt-get"):
        system = " ".join(host.release())
        raise Trouble(
            f"没有试过的系统 {system}，缺 {names}",
            "用 Debian 12；或自己装上 PostgreSQL 15 和 PostGIS 3 及 GDAL、GEOS、PROJ 的同名软件包后重来",
            f"untried system {system}, lacking {names}",
            "use Debian 12, or install its packages of PostgreSQL 15, PostGIS 3, GDAL, GEOS and PROJ",
        )
    privilege = host.privilege()
    with step(f"软件包 {names}"):
        if privilege is Privilege.NONE:
            _unpack(missing)
        else:
            _install(missing, [] if privilege is Privilege.ROOT else ["sudo"])


def find(pattern: str) -> Path | None:
    """The newest match of a pattern in the system, else in var/prefix."""
    for root in (Path("/"), PREFIX_DIR):
        if found := sorted(root.glob(pattern)):
            return found[-1]
    return None


def environment() -> Mapping[str, str]:
    """What programs need to use packages unpacked under var/prefix; empty when there are none."""
    if not PREFIX_DIR.exists():
        return {}
    libraries = PREFIX_DIR.glob("usr/lib/**/lib*.so.*")
    found = {"LD_LIBRARY_PATH": ":".join(sorted({str(path.parent) for path in libraries}))}
    gdal = next(PREFIX_DIR.glob("usr/lib/*/libgdal.so.*"), None)
    geos = next(PREFIX_DIR.glob("usr/lib/*/libgeos_c.so.*"), None)
    if gdal and geos:
        found |= {"QINTONG_GDAL": str(gdal), "QINTONG_GEOS": str(geos)}
        found |= {"GDAL_DATA": str(PREFIX_DIR / "usr/share/gdal")}
    if (fonts := PREFIX_DIR / "usr/share/fonts").exists():
        found |= {"FONTCONFIG_FILE": str(_font_configuration(fonts))}
    if (proj := PREFIX_DIR / "usr/share/proj").exists():
        found |= {"PROJ_DATA": str(proj)}
    return found


def _font_configuration(fonts: Path) -> Path:
    """A fontconfig file that knows the unpacked fonts."""
    path = PREFIX_DIR / "fonts.conf"
    path.write_text(
        f"<fontconfig><dir>{fonts}</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{PREFIX_DIR / 'font-cache'}</cachedir></fontconfig>\n"
    )
    return path


_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/qintong.conf")


def _install(names: Sequence[str], sudo: Sequence[str]) -> None:
    """apt-get install without recommends, and without the system-wide cluster Debian would start."""
    what = ("安装系统软件包", "installing system packages")
    run(*what, [*sudo, "apt-get", "update", "-q"])
    run(*what, [*sudo, "mkdir", "-p", str(_NO_CLUSTER.parent)])
    write = f"echo create_main_cluster = false > {_NO_CLUSTER}"
    run(*what, [*sudo, "sh", "-c", write])
    try:
        run(
            *what,
            [
                *sudo,
                *("env", "DEBIAN_FRONTEND=noninteractive"),
                *("apt-get", "install", "-q", "-y", "--no-install-recommends"),
                *names,
            ],
        )
    finally:
        run(*what, [*sudo, "rm", "-f", str(_NO_CLUSTER)])


def _unpack(names: Sequence[str]) -> None:
    """The same packages with what they depend on, fetched and unpacked as an ordinary user."""
    what = ("取系统软件包", "fetching system packages")
    state = VAR_DIR / "apt"
    for folder in ("lists/partial", "archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    options = [
        *("-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}"),
        *("-o", f"Dir::Cache::archives={state}/archives", "-o", "Debug::NoLocking=1"),
        *("-o", "APT::Sandbox::User="),
    ]
    run(*what, ["apt-get", *options, "update", "-q"])
    install = ["install", "-q", "-y", "--no-install-recommends", "--download-only", *names]
    run(*what, ["apt-get", *options, *install])
    for archive in sorted((state / "archives").glob("*.deb")):
        run("解开软件包", "unpacking packages", ["dpkg", "-x", str(archive), str(PREFIX_DIR)])
    shutil.rmtree(state)
    for control in PREFIX_DIR.glob("usr/share/postgresql/*/extension/postgis-3.control"):
        link = control.with_name("postgis.control")
        if not link.exists():
            link.symlink_to(control.name)
