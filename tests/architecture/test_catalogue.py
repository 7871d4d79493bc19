"""Every word of the pages is there in Russian, and the compiled catalogue is the one that is read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
RUSSIAN = ROOT / "locale" / "ru" / "LC_MESSAGES"
APPS = ("config", "crm", "funnels", "leads", "insights", "reviews")
CALLS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ngettext", "ngettext_lazy"}
TAG = re.compile(r"{%-?\s*(?:trans|translate)\s+(?P<quote>[\"'])(?P<text>.*?)(?P=quote)")
VARIABLE = re.compile(r"%\(\w+\)[sd]|{\w+}")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(RUSSIAN / "django.po"))


def _words_in_code() -> Iterator[tuple[str, str]]:
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in CALLS and node.args:
                    first = node.args[1 if _name(node.func).startswith("pgettext") else 0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield first.value, str(path.relative_to(ROOT))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _words_in_templates() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "templates").rglob("*"):
        if path.is_file():
            for found in TAG.finditer(path.read_text(encoding="utf-8")):
                # Django looks words of `translate` up with their per cent signs doubled.
                yield found["text"].replace("%", "%%"), str(path.relative_to(ROOT))


def test_every_word_of_code_and_templates_is_in_the_russian_catalogue(catalogue: polib.POFile) -> None:
    known = {entry.msgid for entry in catalogue if not entry.obsolete}
    missing = {(text, path) for text, path in (*_words_in_code(), *_words_in_templates()) if text not in known}
    assert not missing, "run `make messages` and translate"


def test_every_russian_word_is_translated(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_plurals_have_the_three_russian_forms(catalogue: polib.POFile) -> None:
    plural = [entry for entry in catalogue if entry.msgid_plural]
    assert all(len(entry.msgstr_plural) >= 3 and all(entry.msgstr_plural.values()) for entry in plural)


def test_translations_keep_the_variables_of_their_originals(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        if entry.msgid_plural or entry.obsolete:
            continue
        assert sorted(VARIABLE.findall(entry.msgid)) == sorted(VARIABLE.findall(entry.msgstr)), entry.msgid


def test_compiled_catalogue_is_fresh(catalogue: polib.POFile) -> None:
    compiled = polib.mofile(str(RUSSIAN / "django.mo"))

    def said(entries: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], object]:
        return {(e.msgctxt, e.msgid): (e.msgstr, dict(e.msgstr_plural)) for e in entries if not e.obsolete}

    assert said(compiled) == said(catalogue), "run `make messages`"
