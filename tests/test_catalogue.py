"""The English catalogue is complete, and pages speak English to those who ask for it."""

import pytest
from django.test import Client

from qintong.conf import catalogue
from qintong.conf.messages import Message, collect


def test_every_sentence_has_its_english() -> None:
    assert catalogue.check() == []


def test_sentences_are_found_in_python_and_in_templates(tmp_path) -> None:
    (tmp_path / "bridges.py").write_text(
        '"""文档不算。"""\ntitle = "桥梁"\nf"{title}不算"\nngettext("一座桥", "%(n)d 座桥", 2)\n'
    )
    (tmp_path / "page.html").write_text(
        '{% translate "总览" %}{% blocktranslate with n=count|intcomma trimmed %}\n'
        "  共 {{ n }} 座，占 5%\n{% endblocktranslate %}"
    )

    found: set[Message] = set(collect(tmp_path))

    assert found == {
        ("桥梁", None),
        ("一座桥", "%(n)d 座桥"),
        ("总览", None),
        ("共 %(n)s 座，占 5%%", None),
    }


@pytest.mark.parametrize(("language", "word"), [("en", "Sign in"), ("zh-hans", "登录")])
def test_the_sign_in_page_speaks_the_language_of_the_browser(
    client: Client, db: None, language: str, word: str
) -> None:
    catalogue.compile_catalogue()

    page = client.get("/sign-in/", headers={"accept-language": language})

    assert word in page.content.decode()
