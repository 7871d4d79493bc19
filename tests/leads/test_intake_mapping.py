"""The mapping of a spreadsheet: what is understood, and how a mistake is named."""

import json
from typing import Any

import pytest

from leads.intake.documents import MappingRefused
from leads.intake.mapping import TagMeaning, compared, parse
from leads.rules.facts import TouchResult

GOOD: dict[str, Any] = {
    "file": "leads.csv",
    "encoding": "utf-8",
    "funnel": "school",
    "columns": {"external_id": "ID", "tag": "Tag", "won": "Won", "utm_source": "utm", "attributes": ["City", "Age"]},
    "empty_values": ["", "Select"],
    "tag_values": {
        "wrong  number": {"fails": ["contact_valid"]},
        "Good": {"verdict": "target", "lost": ["competitor"]},
        "Ringing": {"touch": "no_answer"},
        "spam": {"test": True},
        "": {},
    },
    "won_values": {"1": True, "0": False},
}


def refusal(**changes: object) -> str:
    with pytest.raises(MappingRefused) as caught:
        parse(json.dumps({**GOOD, **changes}))
    return str(caught.value)


def test_a_good_mapping_is_understood() -> None:
    mapping = parse(json.dumps(GOOD))
    assert mapping.funnel == "school"
    assert mapping.columns == {"external_id": "ID", "tag": "Tag", "won": "Won", "utm_source": "utm"}
    assert mapping.attributes == ("City", "Age")
    assert mapping.empty_values == {"", "Select"}
    assert mapping.tag_values[compared("Wrong number ")] == TagMeaning(fails=("contact_valid",))
    assert mapping.tag_values["good"] == TagMeaning(is_target=True, lost=("competitor",))
    assert mapping.tag_values["ringing"].touch is TouchResult.NO_ANSWER
    assert mapping.tag_values["spam"].is_test
    assert mapping.won_values == {"1": True, "0": False}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colums": {}}, ["colums", "columns"]),
        ({"columns": {}}, ["columns", "external_id"]),
        ({"columns": {"telephone": "Phone", "tag": "Tag"}}, ["columns.telephone", "phone"]),
        ({"columns": {"tag": "Tag", "attributes": "City"}}, ["columns.attributes", "list"]),
        ({"columns": {"tag": 5}}, ["columns.tag", "text"]),
        ({"columns": {"external_id": "ID"}}, ["columns.tag", "tag_values"]),
        ({"columns": [1]}, ["columns", "object"]),
        ({"tag_values": {"x": {"fail": ["need"]}}}, ["tag_values.x.fail", "fails"]),
        ({"tag_values": {"x": {"fails": "need"}}}, ["tag_values.x.fails", "list"]),
        ({"tag_values": {"x": {"verdict": "target", "fails": ["need"]}}}, ["tag_values.x", "verdict", "fails"]),
        ({"tag_values": {"x": {"verdict": "non_target"}}}, ["tag_values.x.verdict", "target"]),
        ({"tag_values": {"x": {"touch": "shouted"}}}, ["tag_values.x.touch", "no_answer"]),
        ({"tag_values": {"x": {"test": "yes"}}}, ["tag_values.x.test", "true or false"]),
        ({"tag_values": {"x": None}}, ["tag_values.x", "object"]),
        ({"tag_values": {"Busy": {}, "busy ": {"touch": "busy"}}}, ["busy", "twice"]),
        ({"won_values": {"1": "yes"}}, ["won_values.1", "true or false"]),
        ({"encoding": "utf-9"}, ["encoding", "utf-9"]),
        ({"encoding": "hex"}, ["encoding", "hex"]),
        ({"empty_values": "Select"}, ["empty_values", "list"]),
        ({"funnel": ""}, ["funnel"]),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(changes: dict[str, object], said: list[str]) -> None:
    message = refusal(**changes)
    assert all(word in message for word in said), message


@pytest.mark.parametrize("text", ["", "[]", "{", '{"columns": {"tag": "a", "tag": "b"}}', b"\xff\xfe", "[" * 100_000])
def test_what_is_not_a_mapping_is_refused(text: str | bytes) -> None:
    with pytest.raises(MappingRefused):
        parse(text)


def test_a_column_the_file_lacks_is_named_with_those_it_has() -> None:
    mapping = parse(json.dumps(GOOD))
    with pytest.raises(MappingRefused, match=r"columns\.won.*“Won”.*ID, Tag"):
        mapping.check_columns(("ID", "Tag"))


def test_a_column_the_file_has_twice_is_refused() -> None:
    mapping = parse(json.dumps(GOOD))
    with pytest.raises(MappingRefused, match="more than once"):
        mapping.check_columns(("ID", "Tag", "Won", "utm", "City", "Age", "Tag (2)"), {"Tag"})


def test_words_may_stand_for_ours() -> None:
    told = parse('{"columns": {"stage": "Статус"}, "values": {"stage": {"Новая  Заявка": "new"}}}')
    assert told.values == {"stage": {"новая заявка": "new"}}


@pytest.mark.parametrize(
    "values",
    ['{"phone": {}}', '{"stage": []}', '{"stage": {"x": 1}}'],
)
def test_words_that_are_not_understood_are_refused(values: str) -> None:
    with pytest.raises(MappingRefused):
        parse(f'{{"columns": {{"stage": "Статус"}}, "values": {values}}}')


def test_a_tag_may_say_what_is_met_but_not_both() -> None:
    columns = '"columns": {"tag": "Тег"}'
    told = parse(f'{{{columns}, "tag_values": {{"x": {{"meets": ["need"]}}}}}}')
    assert told.tag_values["x"] == TagMeaning(meets=("need",))
    with pytest.raises(MappingRefused):
        parse(f'{{{columns}, "tag_values": {{"x": {{"meets": ["need"], "fails": ["need"]}}}}}}')
