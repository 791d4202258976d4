"""`qintong catalogue`: the English catalogue, kept complete by hand and checked by machine."""

import argparse
import re
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from qintong.conf.messages import Message, collect

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "conf" / "locale" / "en" / "LC_MESSAGES" / "django.po"
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


def main(arguments: list[str]) -> int:
    """Without options: brings the catalogue up to date with the code and compiles it."""
    parser = argparse.ArgumentParser(prog="qintong catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="say what is missing, change nothing")
    parser.add_argument("--compile", action="store_true", help="only write the .mo file")
    options = parser.parse_args(arguments)
    if options.compile:
        compile_catalogue()
        return 0
    if not options.check:
        update()
        compile_catalogue()
    complaints = check()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def update() -> None:
    """Adds new messages without a translation, drops those that are gone, keeps the rest."""
    known = _read()
    catalogue = Catalog("en", fuzzy=False)
    for message, places in sorted(
        collect(ROOT).items(), key=lambda item: (min(item[1]), item[0][0])
    ):
        entry = known.get(message)
        catalogue.add(
            message[0] if message[1] is None else (message[0], message[1]),
            entry.string if entry else "",
            locations=[(place, 0) for place in sorted(places)],
        )
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=100, omit_header=True, include_lineno=False)


def check() -> list[str]:
    """One sentence for each message that is missing, untranslated, or whose placeholders differ."""
    found, entries, complaints = collect(ROOT), _read(), []
    for message in found.keys() - entries.keys():
        complaints.append(f"not in the catalogue: {message[0]!r} ({', '.join(found[message])})")
    for message in entries.keys() - found.keys():
        complaints.append(f"no longer used: {message[0]!r}")
    for message in found.keys() & entries.keys():
        texts = _texts(entries[message])
        if not texts or not all(texts):
            complaints.append(f"no English: {message[0]!r}")
        for text in texts:
            if text and set(_PLACEHOLDER.findall(text)) - set(_PLACEHOLDER.findall(message[0])):
                complaints.append(f"other placeholders: {message[0]!r} → {text!r}")
    return sorted(complaints)


def compile_catalogue() -> None:
    """Writes the .mo file that Django reads."""
    with CATALOGUE.open("rb") as source, CATALOGUE.with_suffix(".mo").open("wb") as target:
        write_mo(target, read_po(source, "en"))


def _read() -> dict[Message, Entry]:
    if not CATALOGUE.exists():
        return {}
    with CATALOGUE.open("rb") as file:
        return {_key(entry): entry for entry in read_po(file, "en") if entry.id}


def _key(entry: Entry) -> Message:
    return (entry.id[0], entry.id[1]) if isinstance(entry.id, tuple | list) else (entry.id, None)


def _texts(entry: Entry) -> list[str]:
    return list(entry.string) if isinstance(entry.string, tuple | list) else [entry.string or ""]
