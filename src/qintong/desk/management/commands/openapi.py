"""`qintong openapi`: writes openapi.json at the root of the tree; `--check` only says whether it is up to date."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from qintong.desk.openapi import document


class Command(BaseCommand):
    help = "writes openapi.json from the registered entities"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, write nothing")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path: Path = settings.BASE_DIR / "openapi.json"
        made = orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if not check:
            path.write_bytes(made)
        elif not path.exists() or path.read_bytes() != made:
            raise CommandError("openapi.json is not up to date; run `qintong openapi`")
