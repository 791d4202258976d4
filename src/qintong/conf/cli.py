"""`qintong`: one command line. The processes of the stream start without Django, all else through it."""

import os
import sys

from qintong.conf import log_format
from qintong.conf.bootstrap.places import SEED_DIR, VAR_DIR


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qintong.conf.settings")
    log_format.configure()
    # numba reads it at import: compiled kernels are kept from one start to the next
    os.environ.setdefault("NUMBA_CACHE_DIR", str(VAR_DIR / "numba"))
    match sys.argv[1:]:
        case ["gateway", *arguments]:
            from qintong.stream.gateways.jt808 import process

            return process.main(arguments, VAR_DIR)
        case ["replay", *arguments]:
            from qintong.stream.gateways.jt808 import replay

            return replay.main(arguments)
        case ["simulate", *arguments]:
            from qintong.stream.simulator import command

            return command.main(arguments, roster=VAR_DIR / "roster.arrow", roads=SEED_DIR)
        case ["consume", *arguments]:
            from qintong.conf import consume

            return consume.main(arguments)
        case ["lake", *arguments]:
            from qintong.stream.lake import command as lake

            return lake.main(arguments, VAR_DIR)
        case ["catalogue", *arguments]:
            from qintong.conf import catalogue

            return catalogue.main(arguments)
        case _:
            return _django()


def _django() -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0
