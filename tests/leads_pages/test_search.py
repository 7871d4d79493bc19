"""People are found by what is remembered of them."""

import pytest

from leads.forms.inbox import point_in
from leads.models import Lead
from leads.models.lead import LeadQuerySet
from leads.queries.search import search
from tests.leads_pages.conftest import EXTERNAL_ID, TakeIn


def found(text: str) -> list[Lead]:
    point = point_in(text=text, region="RU")
    return list(search(leads=LeadQuerySet(Lead), text=text, point=point))


@pytest.mark.parametrize(
    "text",
    [
        "+7 917 220-14-08",
        "8 (917) 220-14-08",
        "89172201408",
        "79172201408",
        "9172201408",
        "+7 917 220",
        "8 917 220",
        "8917220",
        "8 (917) 22",
        "220-14-08",
        "1408",
        "elkina@example.com",
        "  ELKINA@EXAMPLE.COM ",
        "elkina",
        "гульнара",
        "ГУЛЬНАРА ЕЛКИНА",
        "Ёлкина Гульнара",
        "елкин",
        "вектор",
        EXTERNAL_ID,
    ],
)
def test_a_lead_is_found(text: str, lead: Lead, take_in: TakeIn) -> None:
    take_in(name="Пётр Иной", phone="+79035550000", email="other@example.com", external_id="site-1")
    assert found(text) == [lead]


@pytest.mark.parametrize(
    "text", ["+79172201409", "8 917 221", "8 220-14", "nobody@example.com", "елкина петр", "site-471", "%", "ld_zz"]
)
def test_others_are_not(text: str, lead: Lead) -> None:
    assert found(text) == []


def test_a_lead_is_found_by_its_own_code(lead: Lead) -> None:
    assert found(lead.code) == [lead]


def test_nothing_asked_keeps_everything(lead: Lead) -> None:
    assert found("  ") == [lead]
