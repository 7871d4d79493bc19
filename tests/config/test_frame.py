"""What every page is framed in: nothing inline, so that the strict policy holds; language and theme as chosen."""

import re
from pathlib import Path

import pytest
from django.test import Client

from crm.models import User

ROOT = Path(__file__).resolve().parents[2]
LETTERS = {"letter.html"}  # no pages: mail programs load no style sheets, and no policy of ours holds there
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html") if path.name not in LETTERS)
INLINE = {
    "a script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style": re.compile(r"<style\b|\sstyle=", re.IGNORECASE),
    "a handler": re.compile(r"\son[a-z]+=|\shx-on", re.IGNORECASE),
}


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has_anything_inline(what: str) -> None:
    found = [path.name for path in TEMPLATES if INLINE[what].search(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.fixture
def page(client: Client, manager: User) -> str:
    client.cookies["theme"] = "dark"
    return client.get("/login/", headers={"accept-language": "ru"}).content.decode()


@pytest.mark.parametrize("what", INLINE)
def test_a_rendered_page_has_nothing_inline(page: str, what: str) -> None:
    assert INLINE[what].search(page) is None


def test_a_page_says_its_language_and_theme(page: str) -> None:
    assert '<html lang="ru" data-theme="dark">' in page


def test_htmx_is_told_to_keep_to_the_policy(page: str) -> None:
    assert '{"allowEval":false,"includeIndicatorStyles":false}' in page


def test_a_theme_that_is_not_one_cannot_break_out_of_its_attribute(client: Client, manager: User) -> None:
    client.cookies["theme"] = "x'><b>"
    assert "<b>" not in client.get("/login/").content.decode()
