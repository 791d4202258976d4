"""Links of the documents lead somewhere, and the two READMEs are twins."""

import re

from qintong.conf.bootstrap.places import BASE_DIR
from tests.test_style import tracked

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def test_every_relative_link_leads_to_a_file() -> None:
    broken = [
        f"{page.relative_to(BASE_DIR)}: {target}"
        for page in tracked(".md")
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_the_chinese_readme_has_the_sections_links_and_commands_of_the_english_one() -> None:
    english, chinese = (
        (BASE_DIR / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")
    )

    for pattern in (r"^#+ ", r"^make \w+", r"^  \w+/"):
        found = [re.findall(pattern, text, re.MULTILINE) for text in (english, chinese)]
        assert found[0] == found[1], pattern
    links = [sorted(set(LINK.findall(text))) for text in (english, chinese)]
    assert [t for t in links[0] if "README" not in t] == [t for t in links[1] if "README" not in t]
