"""Whom a request is from: nobody is refused, everything told of somebody is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.rules.errors import DomainError
from leads.models import Lead, Submission
from leads.operations import arrivals
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, make_lead, receive

pytestmark = pytest.mark.django_db

PHONE = "8 917 220-14-08"
E164 = "+79172201408"


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.mark.parametrize("told", [{}, {"name": " ", "message": "\n"}, {"source": "google", "campaign": "spring"}])
def test_a_request_of_nobody_is_refused_and_kept(rules: Rules, told: dict[str, Any]) -> None:
    with pytest.raises(arrivals.NothingToKnowBy):
        receive(rules, external_id="", **told)
    with pytest.raises(arrivals.NothingToKnowBy):
        receive(rules, external_id="made-by-us", has_own_id=False, **told)
    assert not Lead.objects.exists()
    assert {row.error_code for row in Submission.objects.all()} == {"nothing_to_know_by"}


@pytest.mark.parametrize("field", ["external_id", "name", "company", "phone", "email", "message"])
def test_one_thing_to_know_somebody_by_is_enough(rules: Rules, field: str) -> None:
    assert receive(rules, **{"external_id": "", field: "told"}).outcome == "created"


def test_a_mistyped_year_is_refused(rules: Rules) -> None:
    with pytest.raises(DomainError) as refusal:
        receive(rules, received_at=datetime(206, 3, 2, 10, tzinfo=UTC))
    assert (refusal.value.code, refusal.value.field) == ("happened_too_long_ago", "received_at")
    assert not Lead.objects.exists()


def test_every_number_and_address_belongs_to_the_contact(rules: Rules) -> None:
    lead = make_lead(rules, phone=f"{PHONE}, 8 917 220-14-09 или 8 917 220-14-10", email="a@example.com; b@example.com")
    points = set(lead.contact.points.values_list("value", flat=True))
    assert points == {E164, "+79172201409", "+79172201410", "a@example.com", "b@example.com"}
    assert lead.attributes == {}
    again = receive(rules, phone="8 917 220-14-10", at=MONDAY + timedelta(hours=1))
    assert (again.outcome, again.lead.contact) == ("duplicate", lead.contact)


def test_what_cannot_be_read_is_kept_as_told(rules: Rules) -> None:
    lead = make_lead(rules, phone="8 917 220", email="anna@", attributes={"city": "Kazan"})
    assert lead.attributes == {"city": "Kazan", "phone_as_told": "8 917 220", "email_as_told": "anna@"}
    partly = make_lead(rules, phone="8 917 220-14-08, 8 917 220")
    assert partly.contact.points.get().value == E164
    assert partly.attributes == {"phone_as_told": "8 917 220-14-08, 8 917 220"}
