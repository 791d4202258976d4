"""`qintong`: one command line. Management commands of Django are reached through it too."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qintong.conf.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
