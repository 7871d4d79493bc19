"""What has happened between the moment a lead was shown in the queue and the moment its form came back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.test import Client
from django.urls import reverse

from crm.models import User
from crm.rules.roles import Role
from funnels.operations.definitions import draft_definition, publish_definition, sign_definition
from funnels.rules.definitions import Side
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead
from leads.operations import moves
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules
from tests.leads_pages.conftest import PHONE, TakeIn
from tests.leads_pages.test_queue import answered

ClientOf = Callable[[User], Client]


def shown(client: Client, lead: Lead, form: str) -> dict[str, Any]:
    """Read the fields of a form as the page shows them."""
    found = client.get(reverse("queue:lead", args=[lead.code])).context["forms"][form]
    hidden = {field.html_name: field.value() for field in found.hidden_fields() if field.value() is not None}
    if form != "judge":
        return hidden
    before = [row.shown_before.split('"') for row in found.rows]
    kept = {parts[parts.index(" name=") + 1]: parts[parts.index(" value=") + 1] for parts in before}
    details = {field.html_name: field.value() or "" for row in found.rows for field in row.details}
    was = {f"initial-{name}": value for name, value in details.items()}
    answers = {row.field.html_name: row.field.value() for row in found.rows}
    return hidden | kept | was | details | answers | {"kind": "assess"}


def test_a_lead_a_colleague_has_lost_is_shown_before_it_is_judged(
    client_of: ClientOf, manager: User, head: User, lead: Lead, now: datetime
) -> None:
    url, client = reverse("queue:judge", args=[lead.code]), client_of(manager)
    data = answered(budget="met", need="met") | {"outcome": "OPEN"}
    moves.lose(lead=lead, reasons=["price"], by=head, at=now)
    response = client.post(url, data)
    page = response.content.decode()
    assert "Somebody has closed this lead" in page
    assert head.name in page
    assert not Assessment.objects.exists()
    again = data | {"outcome": response.context["forms"]["judge"]["outcome"].value()}
    assert client.post(url, again).status_code == HTTPStatus.FOUND
    assert Assessment.objects.get().by == manager


def test_a_lead_a_colleague_has_judged_is_shown_before_it_is_lost(
    client_of: ClientOf, manager: User, head: User, lead: Lead
) -> None:
    client, url = client_of(manager), reverse("queue:lose", args=[lead.code])
    data = shown(client, lead, "lose") | {"reasons": ["price"], "note": "Too much"}
    client_of(head).post(reverse("queue:judge", args=[lead.code]), answered(budget="failed"))
    response = client.post(url, data)
    assert "Somebody has judged this lead" in response.content.decode()
    form = response.context["forms"]["lose"]
    assert (form["reasons"].value(), form["note"].value()) == (["price"], "Too much")
    lead.refresh_from_db()
    assert lead.outcome == Outcome.OPEN
    assert client.post(url, data | shown(client, lead, "lose")).status_code == HTTPStatus.FOUND


def test_what_was_answered_under_an_older_definition_is_saved_as_it_is_seen(
    client_of: ClientOf, manager: User, lead: Lead, rules: Rules, now: datetime
) -> None:
    """All that is still asked is met, and nobody has said so: one press has to be enough."""
    client, url = client_of(manager), reverse("queue:judge", args=[lead.code])
    client.post(url, shown(client, lead, "judge") | {"answer-need": "met", "answer-budget": "met"})
    assert client.post(url, shown(client, lead, "judge")).status_code == HTTPStatus.OK  # there is nothing new in it
    _ask_only(rules, "need", "budget", at=now - timedelta(minutes=1))
    assert client.post(url, shown(client, lead, "judge")).status_code == HTTPStatus.FOUND
    lead.refresh_from_db()
    assert lead.verdict == Verdict.TARGET


def _ask_only(rules: Rules, *codes: str, at: datetime) -> None:
    versions = [rules.versions[code] for code in codes]
    draft = draft_definition(funnel=rules.funnel, versions=versions, note="Less", effective_from_at=at, by=None, at=at)
    for side, role in ((Side.MARKETING, Role.MARKETER), (Side.SALES, Role.HEAD)):
        sign_definition(definition=draft, side=side, by=UserFactory(role=role), at=at)
    publish_definition(definition=draft, by=None, at=at)


def test_the_reason_that_needs_a_note_has_the_same_key_at_every_stage(
    client_of: ClientOf, manager: User, lead: Lead
) -> None:
    form = client_of(manager).get(reverse("queue:lead", args=[lead.code])).context["forms"]["lose"]
    keys = {reason.code: key for _side, reasons in form.numbered for key, reason, _is_ticked in reasons}
    assert keys.pop("other") == "0"
    assert sorted(keys.values()) == [str(number) for number in range(1, len(keys) + 1)]


def test_a_duplicate_says_why_it_does_not_wait(client_of: ClientOf, manager: User, lead: Lead, take_in: TakeIn) -> None:
    again = take_in(owner=manager, phone=PHONE, ago=timedelta(minutes=5))
    page = client_of(manager).get(reverse("queue:lead", args=[again.code])).content.decode()
    assert "not in the queue any more" in page
    assert "duplicate, not counted" in page
    assert "If you disagree" not in page
