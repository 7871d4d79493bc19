"""Numbers and dates as they are written, by language."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.utils import timezone, translation

from crm.models import User
from crm.rules import formats

Written = Callable[[], str]

IN_BOTH: list[tuple[Written, str, str]] = [
    (lambda: formats.number(1234567), "1 234 567", "1,234,567"),
    (lambda: formats.number(Decimal("1234567.894"), 2), "1 234 567,89", "1,234,567.89"),
    (lambda: formats.number(12.0, 1), "12,0", "12.0"),
    (lambda: formats.number(2.675, 2), "2,68", "2.68"),
    (
        lambda: formats.number(Decimal.from_float(2.675), 2),
        "2,67",
        "2.67",
    ),  # equal to the one before, and less than it is written
    (lambda: formats.number(-1500), "−1 500", "−1,500"),
    (lambda: formats.number(-0.04, 1), "0,0", "0.0"),
    (lambda: formats.number(1e-07, 1), "0,0", "0.0"),
    (lambda: formats.percent(0.411), "41,1 %", "41.1%"),
    (lambda: formats.percent(1), "100,0 %", "100.0%"),
    (lambda: formats.percent(Decimal(1) / 3, 0), "33 %", "33%"),
    (lambda: formats.signed_percent(0.07), "+7 %", "+7%"),
    (lambda: formats.points(0.024), "+2,4 п.п.", "+2.4 pp"),
    (lambda: formats.points(-0.008), "−0,8 п.п.", "−0.8 pp"),
    (lambda: formats.points(0.0001), "0,0 п.п.", "0.0 pp"),
    (lambda: formats.money(1234567, "RUB"), "1 234 567 ₽", "₽1,234,567"),
    (lambda: formats.money(Decimal("-9.5"), "USD", 2), "−9,50 $", "−$9.50"),
    (lambda: formats.money(1000, "CHF"), "1 000 CHF", "1,000 CHF"),
    (lambda: formats.day(date(2026, 11, 22)), "22 ноя", "22 Nov"),
    (lambda: formats.day(date(2026, 5, 16)), "16 мая", "16 May"),
    (lambda: formats.day_range(date(2026, 8, 31), date(2026, 11, 22)), "31 авг – 22 ноя", "31 Aug – 22 Nov"),
    (
        lambda: formats.day_range(date(2026, 8, 31), date(2026, 11, 22), with_year=True),
        "31 авг – 22 ноя 2026",
        "31 Aug – 22 Nov 2026",
    ),
    (
        lambda: formats.day_range(date(2025, 12, 29), date(2026, 1, 4)),
        "29 дек 2025 – 4 янв 2026",
        "29 Dec 2025 – 4 Jan 2026",
    ),
    (lambda: formats.day_range(date(2026, 8, 31), date(2026, 8, 31)), "31 авг", "31 Aug"),
    (lambda: formats.share(0, 0), "—", "—"),
    (lambda: formats.share(4, 10), "40,0 %", "40.0%"),
]


def plain(text: str) -> str:
    """Make the no-break spaces visible to the eye of a reader of this file."""
    return text.replace("\xa0", " ")


@pytest.mark.parametrize(("written", "russian", "english"), IN_BOTH)
def test_a_value_is_written_as_the_language_writes_it(written: Written, russian: str, english: str) -> None:
    with translation.override("ru"):
        assert plain(written()) == russian
    with translation.override("en"):
        assert plain(written()) == english


def test_a_number_and_its_unit_are_never_parted_by_a_line_break() -> None:
    with translation.override("ru"):
        texts = [formats.percent(0.5), formats.points(0.5), formats.money(1000, "RUB"), formats.day(date(2026, 1, 2))]
    assert [text for text in texts if " " in text] == []


@pytest.mark.parametrize(("value", "text"), [(0.5, "1"), (1.5, "2"), (2.5, "3"), (-2.5, "−3"), (0.49, "0")])
def test_halves_go_away_from_zero(value: float, text: str) -> None:
    with translation.override("en"):
        assert formats.number(value) == text


def test_a_share_of_few_is_not_a_percentage() -> None:
    with translation.override("en"):
        assert (formats.share(3, 9), formats.share(3, 10)) == ("3 of 9", "30.0%")


def test_how_many_are_few_is_for_the_organisation_to_say() -> None:
    with translation.override("en"):
        with formats.shown_from(4):
            assert (formats.share(1, 3), formats.share(1, 4)) == ("1 of 3", "25.0%")
        assert formats.share(1, 4) == "1 of 4"


def test_counts_are_grouped_in_k_of_n() -> None:
    with translation.override("en"):
        assert formats.k_of_n(418, 1268) == "418 of 1,268"


def render(text: str, **context: object) -> str:
    with translation.override("en"), timezone.override("Europe/Moscow"):
        return plain(Template("{% load ui %}" + text).render(Context(context)))


def test_templates_write_what_the_rules_write() -> None:
    template = "{{ n|number }} {{ p|percent }} {{ p|points:0 }} {{ p|signed_percent }} {{ n|money:'EUR' }}"
    assert render(template, n=1268, p=0.33) == "1,268 33.0% +33 pp +33% €1,268"


@pytest.mark.parametrize("name", ["number", "percent", "signed_percent", "points", "money:'RUB'", "day"])
def test_templates_write_a_dash_for_what_is_not_known(name: str) -> None:
    assert render("{{ value|" + name + " }}", value=None) == "—"


def test_templates_write_shares_and_ranges() -> None:
    context = {"start": date(2026, 8, 31), "end": datetime(2026, 11, 21, 22, tzinfo=UTC)}
    assert render("{% share 3 7 %}; {% k_of_n 3 70 %}; {% if 9|few %}few{% endif %}") == "3 of 7; 3 of 70; few"
    assert render("{% day_range start end %}; {{ end|day }}", **context) == "31 Aug – 22 Nov; 22 Nov"


def test_the_theme_of_a_person_beats_the_browsers() -> None:
    request = HttpRequest()
    request.COOKIES["theme"] = "dark"
    assert render("{% theme %}", request=request) == "dark"
    request.user = User(theme="")
    assert render("[{% theme %}]", request=request) == "[]"
