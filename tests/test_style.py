"""docs/style.md, as far as a machine can read it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from qintong.conf.bootstrap.places import BASE_DIR

LONGEST = {".py": 400, ".html": 400, ".sql": 400, ".js": 150}
VAGUE = {"util", "utils", "helper", "helpers", "common", "core", "manager", "managers", "misc"}
TOKENS = BASE_DIR / "src/qintong/desk/static/desk/tokens.css"
PLACES_OF_A_MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+|tmp)/")


def tracked(*suffixes: str) -> list[Path]:
    """Files of the repository, without generated ones."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    paths = [BASE_DIR / name for name in listed if name.endswith(suffixes)]
    return [path for path in paths if path.is_file() and "migrations" not in path.parts]


def hits(pattern: re.Pattern[str], paths: list[Path]) -> Iterator[str]:
    """`file:line: text` of every match."""
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path.relative_to(BASE_DIR)}:{line}: {match[0].strip()}"


def test_files_are_short() -> None:
    long = [
        f"{path.relative_to(BASE_DIR)}: {lines}"
        for path in tracked(*LONGEST)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST[path.suffix]
    ]

    assert long == []


def test_no_file_has_a_vague_name() -> None:
    vague = [
        str(path.relative_to(BASE_DIR))
        for path in tracked(".py", ".js", ".html")
        if VAGUE & {part.removesuffix(path.suffix) for part in path.relative_to(BASE_DIR).parts}
    ]

    assert vague == []


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"<script(?![^>]*(\bsrc=|type=\"application/json\"))[^>]*>", id="script"),
        pytest.param(r"<style\b", id="style element"),
        pytest.param(r"<[^>]*\sstyle\s*=", id="style attribute"),
        pytest.param(r"<[^>]*\son[a-z]+\s*=", id="event attribute"),
        pytest.param(r"javascript:", id="script address"),
    ],
)
def test_templates_hold_nothing_inline(pattern: str) -> None:
    assert list(hits(re.compile(pattern, re.IGNORECASE), templates())) == []


def test_templates_and_scripts_name_no_colours() -> None:
    attribute = r"(?:fill|stroke|color|background|content)\s*[=:]\s*[\"']?#[0-9a-f]{3,8}\b"
    literal = r"[\"'`]#(?:[0-9a-f]{6}|[0-9a-f]{8}|[0-9a-f]{3,4})[\"'`]"

    found = list(hits(re.compile(attribute, re.IGNORECASE), templates()))
    found += hits(re.compile(f"{attribute}|{literal}|rgba?\\(\\s*\\d", re.IGNORECASE), scripts())

    assert found == []


def test_nothing_is_loaded_from_another_host() -> None:
    address = re.compile(
        r"(?:src|href|action|url|import|fetch)\W{1,4}(?:https?:)?//(?!www\.w3\.org)[\w.]+"
    )

    assert list(hits(address, templates() + scripts() + tracked(".css"))) == []


def test_every_design_token_used_exists() -> None:
    declared = set(re.findall(r"(--q-[\w-]+)\s*:", TOKENS.read_text(encoding="utf-8")))
    for path in tracked(".css"):  # a component may declare its own
        declared |= set(re.findall(r"(--q-[\w-]+)\s*:", path.read_text(encoding="utf-8")))
    used = re.compile(r"--q-[a-z0-9]+(?:-[a-z0-9]+)*(?![\w-]|\$\{|-)")
    sources = [path for path in tracked(".py") if "tests" not in path.parts]

    unknown = [
        hit
        for hit in hits(used, templates() + scripts() + tracked(".css") + sources)
        if hit.rpartition(" ")[2] not in declared
    ]

    assert unknown == []


def test_no_path_of_a_machine_is_written_down() -> None:
    paths = tracked(
        ".py", ".md", ".toml", ".js", ".html", ".css", ".json", ".sh", "Makefile", ".yaml"
    )
    paths = [path for path in paths if path != Path(__file__)]

    assert list(hits(PLACES_OF_A_MACHINE, paths)) == []


def test_nothing_is_left_for_later() -> None:
    word = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    paths = [path for path in tracked(".py", ".js", ".html", ".css") if path != Path(__file__)]

    assert list(hits(word, paths)) == []


def test_tests_are_flat_functions() -> None:
    paths = [path for path in tracked(".py") if path.name.startswith("test_")]

    assert list(hits(re.compile(r"^class Test\w*", re.MULTILINE), paths)) == []


def templates() -> list[Path]:
    return [path for path in tracked(".html") if "templates" in path.parts]


def scripts() -> list[Path]:
    return [path for path in tracked(".js") if "static" in path.parts]
