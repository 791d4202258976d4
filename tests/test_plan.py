"""docs/plan.md tells the truth: every module, page and test it names exists."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.urls import Resolver404, resolve

from qintong.conf.bootstrap.places import BASE_DIR
from qintong.desk.registry import resources

PAGE = BASE_DIR / "docs" / "plan.md"
NOT_YET = "not yet"


@dataclass(frozen=True)
class Row:
    """One sentence of the plan."""

    sentence: str
    module: str
    pages: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> Iterator[Row]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or cells[0].startswith("---") or cells[-1] == "test":
            continue
        module, pages, tests = cells[-3:]
        yield Row(cells[0], module, tuple(pages.split(", ")), tuple(tests.split(", ")))


def test_every_goal_and_every_task_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    tasks = set(re.findall(r"^\| (\d{1,2}) ", text, re.MULTILINE)) | {"1"}

    assert tasks == {str(number) for number in range(1, 11)}
    glossary = (BASE_DIR / "docs" / "glossary.md").read_text(encoding="utf-8")
    goals = glossary.partition("### 3.25")[2].partition("\n---")[0]
    names = [line.split("|")[1].strip() for line in goals.splitlines() if line.startswith("|")]
    assert [name for name in names[2:] if f"| {name} |" not in text] == []


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row.sentence)
def test_what_the_plan_page_names_exists(row: Row) -> None:
    is_met = row.pages != (NOT_YET,)
    package = BASE_DIR / "src" / "qintong" / row.module.replace(".", "/")

    assert not is_met or (package / "__init__.py").exists(), row.module
    for page in row.pages:
        if is_met:
            assert _is_page(page), f"no such page: {page}"
    for test in row.tests:
        if test != NOT_YET:
            assert _is_test(test), f"no such test: {test}"


def _is_page(name: str) -> bool:
    if not name.startswith("/"):
        return name in resources()
    try:
        resolve(name)
    except Resolver404:
        return False
    return True


def _is_test(name: str) -> bool:
    file, _, function = name.partition("::")
    path = BASE_DIR / file
    if not path.exists():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body)
