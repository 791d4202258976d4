"""`python3 -m qintong.conf.bootstrap TARGET`: what the Makefile calls."""

import sys
from collections.abc import Callable

from qintong.conf.bootstrap import assets, restoration, start, suite
from qintong.conf.bootstrap.trouble import Trouble

TARGETS: dict[str, Callable[..., object]] = {
    "run": start.main,
    "setup": suite.setup,
    "test": suite.test,
    "check": suite.check,
    "bench": suite.bench,
    "assets": assets.build,
    "restore": restoration.restore,
}


def main(target: str, arguments: list[str]) -> int:
    """Runs one target. A Trouble ends as two sentences on standard error and exit code 1."""
    try:
        code = TARGETS[target](*arguments)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    return code if isinstance(code, int) and not isinstance(code, bool) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
