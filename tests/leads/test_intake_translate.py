"""A row of a spreadsheet said in our words."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from leads.intake.mapping import COLUMNS, parse
from leads.intake.row import IntakeRow
from leads.intake.translate import RowError, translate
from leads.intake.values import read_amount, read_time
from leads.rules.facts import TouchResult

MOSCOW = ZoneInfo("Europe/Moscow")
TAGS = {
    "wrong number": {"fails": ["contact_valid"]},
    "left": {"verdict": "target", "lost": ["competitor"]},
    "Ringing": {"touch": "no_answer"},
    "test": {"test": True},
}
MAPPING = parse(
    json.dumps(
        {
            "columns": {**{name: name for name in COLUMNS}, "attributes": ["City"]},
            "empty_values": ["Select"],
            "tag_values": TAGS,
        }
    )
)


def row(**values: str) -> IntakeRow:
    translated = translate(values, MAPPING, zone=MOSCOW)
    assert isinstance(translated, IntakeRow), translated
    return translated


def errors(**values: str) -> list[RowError]:
    translated = translate(values, MAPPING, zone=MOSCOW)
    assert isinstance(translated, list)
    return translated


def test_text_is_trimmed_and_empty_values_are_nothing() -> None:
    told = row(external_id=" 7 ", source=" Яндекс   Директ ", segment="Select", City=" Select ", utm_source="vk")
    assert (told.external_id, told.source, told.segment) == ("7", "Яндекс Директ", "")
    assert told.attributes == {}
    assert told.utm == {"utm_source": "vk"}
    assert told.raw["segment"] == "Select"


def test_a_row_without_a_source_takes_the_given_one() -> None:
    translated = translate({"name": "Anna"}, MAPPING, zone=MOSCOW, source="fair")
    assert isinstance(translated, IntakeRow)
    assert translated.source == "fair"


def test_tags_say_what_the_mapping_says() -> None:
    assert row(tag="Wrong  Number").fails == ("contact_valid",)
    assert row(tag="Ringing").touch is TouchResult.NO_ANSWER
    assert row(tag="test").is_test
    left = row(tag="left", lost_reason="price; Другое | price")
    assert (left.verdict, left.lost_reasons) == ("target", ("competitor", "price", "Другое"))
    assert row(tag="").verdict is None


def test_a_tag_that_is_not_in_the_mapping_is_an_error_of_its_row() -> None:
    (error,) = errors(tag="Unheard of")
    assert error.column == "tag"
    assert "“Unheard of” is not in the mapping: add it to tag_values" in str(error.message)


def test_every_mistake_of_a_row_is_reported_at_once() -> None:
    told = errors(created_at="31.02.2026", amount="a lot", won="perhaps", external_id="x" * 201)
    assert {error.column for error in told} == {"created_at", "amount", "won", "external_id"}


def test_a_row_may_say_both_won_and_lost_and_nothing_of_it_is_dropped() -> None:
    told = row(tag="left", won="1", lost_at="2026-03-02")
    assert (told.won, told.lost_reasons, told.verdict) == (True, ("competitor",), "target")
    assert told.lost_at is not None


def test_a_row_without_an_id_takes_the_given_one() -> None:
    translated = translate({"external_id": " "}, MAPPING, zone=MOSCOW, fallback_id="row:1")
    assert isinstance(translated, IntakeRow)
    assert translated.external_id == "row:1"


def test_the_won_column_says_whether_the_lead_is_won() -> None:
    assert row(won="Да").won
    assert not row(won="0", won_at="2026-03-02").won
    assert row(won_at="2026-03-02").won
    assert not row().won


def test_times_are_read_in_the_zone_of_the_organisation() -> None:
    assert row(created_at="02.03.2026 00:30").received_at == datetime(2026, 3, 1, 21, 30, tzinfo=UTC)
    assert row(created_at="2026-03-02T10:00:00Z").received_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_an_event_of_the_day_of_arrival_is_not_before_the_arrival() -> None:
    told = row(created_at="02.03.2026 15:00", first_touch_at="02.03.2026", won_at="03.03.2026")
    assert told.first_touch_at == told.received_at
    assert told.won_at == datetime(2026, 3, 3, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=MOSCOW)),
        ("2026-03-02 10:30", datetime(2026, 3, 2, 10, 30, tzinfo=MOSCOW)),
        ("2.3.2026, 9:05", datetime(2026, 3, 2, 9, 5, tzinfo=MOSCOW)),
        ("02.03.2026 10:30:15", datetime(2026, 3, 2, 10, 30, 15, tzinfo=MOSCOW)),
        ("46083", datetime(2026, 3, 2, tzinfo=MOSCOW)),
        ("46083,4375", datetime(2026, 3, 2, 10, 30, tzinfo=MOSCOW)),
        ("03/02/26", datetime(2026, 3, 2, tzinfo=MOSCOW)),
    ],
)
def test_times_as_people_and_exports_write_them(text: str, expected: datetime) -> None:
    when = read_time(text, MOSCOW, ("%m/%d/%y",))
    assert when is not None
    assert when.at == expected


@pytest.mark.parametrize("text", ["yesterday", "32.01.2026", "2026-13-01", "12345", "0001-01-01", "25:00"])
def test_what_is_not_a_time_is_not_guessed(text: str) -> None:
    assert read_time(text, MOSCOW) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12500", "12500"),
        ("12 500,50 ₽", "12500.50"),
        ("12\u00a0500 руб.", "12500"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.80"),
        ("$1,234.56", "1234.56"),
        ("0,5", "0.50"),
    ],
)
def test_amounts_as_people_write_them(text: str, expected: str) -> None:
    assert read_amount(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["", "-5", "1,234", "1.234", "0,500", "1234,567", "1,234,5", "1e5", "five", "9" * 13, "9" * 40, f"{'9' * 12}.9999"],
)
def test_an_amount_that_could_mean_two_things_is_not_guessed(text: str) -> None:
    assert read_amount(text) is None
