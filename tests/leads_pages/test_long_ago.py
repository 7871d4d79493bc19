"""A mistyped year is a refusal in the form, at every form that takes a time."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from crm.models import OrganisationSettings, User
from leads.models import Lead, Touch
from tests.factories.crm import OrganisationSettingsFactory
from tests.leads_pages.conftest import refused

ClientOf = Callable[[User], Client]
LONG_AGO = ["0206-03-02T10:00", "0001-01-01T00:00"]
ZONES = ["Europe/Moscow", "Asia/Kamchatka", "America/New_York"]

pytestmark = pytest.mark.parametrize("told", LONG_AGO)


@pytest.fixture(params=ZONES)
def organisation(request: pytest.FixtureRequest, db: None) -> OrganisationSettings:
    return OrganisationSettingsFactory(time_zone=request.param)


@pytest.mark.usefixtures("organisation", "rules")
def test_a_lead_of_another_age_is_refused(told: str, client_of: ClientOf, admin: User) -> None:
    data = {"request_id": str(uuid4()), "funnel": "sales", "name": "Anna", "received_at": told}
    response = client_of(admin).post("/leads/new/", data, headers={"accept-language": "en"})
    assert response.status_code == 200
    assert "before 1 January 2000" in response.content.decode()
    assert not Lead.objects.exists()


@pytest.mark.usefixtures("organisation")
@pytest.mark.parametrize(
    ("act", "data"),
    [
        ("touch", {"channel": "call", "result": "reached"}),
        ("lose", {"reasons": ["price"]}),
        ("win", {"amount": "1"}),
    ],
)
def test_an_act_of_another_age_is_refused(
    told: str, act: str, data: dict[str, Any], post: Callable[..., Any], manager: User, lead: Lead
) -> None:
    before = lead.transitions.count()
    refused(post(manager, act, lead, request_id=str(uuid4()), occurred_at=told, **data))
    assert (Touch.objects.count(), lead.transitions.count()) == (0, before)
