"""Ids in addresses and fields are not numbers for people: the thousandth would be written with a separator."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

TEMPLATES = Path(__file__).parents[2] / "templates"
AS_PEOPLE_READ_IT = re.compile(r"\{\{ *[a-z_.]*\.pk *\}\}")


def test_no_template_writes_an_id_as_people_read_numbers() -> None:
    found = [str(path) for path in TEMPLATES.rglob("*.html") if AS_PEOPLE_READ_IT.search(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_id_is_written_as_it_is(language: str) -> None:
    with translation.override(language):
        assert Template("{{ pk|stringformat:'d' }}").render(Context({"pk": 12345})) == "12345"
        assert Template("{{ pk }}").render(Context({"pk": 12345})) != "12345"
