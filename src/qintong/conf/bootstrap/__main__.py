"""`python3 -m qintong.conf.bootstrap STEP`: what the Makefile calls."""

import sys

from qintong.conf.bootstrap import assets
from qintong.conf.bootstrap.trouble import Trouble

STEPS = {"assets": assets.build}


def main(step: str) -> int:
    try:
        STEPS[step]()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
