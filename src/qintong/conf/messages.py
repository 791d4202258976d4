"""The Chinese sentences of the interface, found in Python and in templates without GNU gettext.

In Python: what goes through gettext, and every other Chinese text that is not a docstring or a part of an
f-string: names, choices, titles and notes of declarations are shown through the catalogue. In templates:
`translate` and `blocktranslate`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PATTERN = re.compile(r"\\d|\(\?|\[[^\]]*[\u4e00-\u9fff]")
_LITERAL = re.compile(r"""_\(\s*(?P<q>["'])(?P<text>.*?)(?<!\\)(?P=q)\s*\)""")
_TRANSLATE = re.compile(r"""^(?:translate|trans)\s+(?P<q>["'])(?P<text>.*?)(?<!\\)(?P=q)""")
_LEFT_OUT = {"tests", "migrations", "bootstrap", "seed", "stream", "demo.py", "former_regions.py"}
"""Not shown on pages, or data that have no other language: tests, history, set-up, seed, machine logs."""

Message = tuple[str, str | None]
"""Singular and plural (None when it has none)."""


def collect(root: Path) -> dict[Message, set[str]]:
    """Every message below a folder → the files it stands in."""
    found: dict[Message, set[str]] = {}
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html")]):
        place = path.relative_to(root)
        if _LEFT_OUT & set(place.parts):
            continue
        read = _of_template if path.suffix == ".html" else _of_python
        for message in read(path.read_text(encoding="utf-8")):
            found.setdefault(message, set()).add(str(place))
    return found


def _of_python(source: str) -> Iterator[Message]:
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:  # docstrings, also those under attributes
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    skipped.add(id(statement.value))
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.Call) and _name(node.func) in ("ngettext", "ngettext_lazy"):
            texts = [part.value for part in node.args[:2] if isinstance(part, ast.Constant)]
            if len(texts) == 2:
                skipped |= {id(part) for part in node.args[:2]}
                yield str(texts[0]), str(texts[1])
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in skipped and _is_sentence(node.value):
            yield node.value, None


def _is_sentence(text: str) -> bool:
    """Chinese, and no regular expression."""
    return bool(_CHINESE.search(text)) and not _PATTERN.search(text)


def _of_template(source: str) -> Iterator[Message]:
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type in (TokenType.BLOCK, TokenType.VAR):
            for literal in _LITERAL.finditer(token.contents):
                yield literal["text"], None
        if token.token_type != TokenType.BLOCK:
            continue
        if match := _TRANSLATE.match(token.contents):
            yield match["text"], None
        elif re.match(r"^(blocktranslate|blocktrans)\b", token.contents):
            yield _of_block(token, tokens)


def _of_block(opening: Token, tokens: Iterator[Token]) -> Message:
    """The message of a blocktranslate: variables become %(name)s, as Django looks it up."""
    parts: list[str] = []
    singular: str | None = None
    for token in tokens:
        if token.token_type == TokenType.TEXT:
            parts.append(token.contents.replace("%", "%%"))
        elif token.token_type == TokenType.VAR:
            parts.append(f"%({token.contents.split('|')[0].strip()})s")
        elif token.contents.strip() == "plural":
            singular, parts = "".join(parts), []
        else:
            break
    texts = [text for text in (singular, "".join(parts)) if text is not None]
    if "trimmed" in opening.contents.split():
        texts = [" ".join(line.strip() for line in text.strip().splitlines()) for text in texts]
    return texts[0], texts[1] if len(texts) == 2 else None


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
