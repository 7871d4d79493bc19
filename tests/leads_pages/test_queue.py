"""The pages of the queue: who may come, what is shown, what is saved and what is said when it is not."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crm.models import User
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Claim, Lead, Touch
from leads.operations import claims
from tests.leads_pages.conftest import NAME, PHONE, TakeIn
from tests.leads_pages.test_judging import said

ClientOf = Callable[[User], Client]
JSON = {"Accept": "application/json"}


@pytest.fixture
def send(client_of: ClientOf) -> Callable[..., Any]:
    """Send a form from the queue: `send(person, "lose", lead, reasons=[…])`; `scripted` as a script does."""

    def post(person: User, act: str, lead: Lead, /, *, scripted: bool = False, **data: Any) -> Any:
        url = reverse(f"queue:{act}", args=[lead.code])
        return client_of(person).post(url, data, headers=JSON if scripted else {})

    return post


Send = Callable[..., Any]


def answered(**answers: str) -> dict[str, Any]:
    return {"request_id": str(uuid4()), "kind": "assess", "seen": ""} | said(**answers)


def page(client: Client, lead: Lead, **query: str) -> str:
    return str(client.get(reverse("queue:lead", args=[lead.code]), query).content.decode())


def test_a_stranger_is_asked_to_sign_in(client: Client, lead: Lead) -> None:
    assert client.get("/queue/").headers["Location"].startswith("/login/")


@pytest.mark.parametrize("role", ["marketer", "executive"])
def test_who_may_not_judge_has_no_queue(
    role: str, client_of: ClientOf, request: pytest.FixtureRequest, lead: Lead
) -> None:
    assert client_of(request.getfixturevalue(role)).get("/queue/").status_code == HTTPStatus.FORBIDDEN


def test_a_lead_of_another_is_not_there(client_of: ClientOf, manager: User, foreign: Lead) -> None:
    assert client_of(manager).get(f"/queue/{foreign.code}/").status_code == HTTPStatus.NOT_FOUND


def test_the_queue_gives_the_next_lead_and_keeps_it(client_of: ClientOf, manager: User, lead: Lead) -> None:
    assert client_of(manager).get("/queue/").headers["Location"] == f"/queue/{lead.code}/"
    assert Claim.objects.get().by == manager


def test_an_empty_queue_says_so(client_of: ClientOf, foreign_manager: User, lead: Lead) -> None:
    response = client_of(foreign_manager).get("/queue/")
    assert response.status_code == HTTPStatus.OK
    assert "Every lead has its verdict" in response.content.decode()


def test_the_page_shows_whom_to_call_and_what_to_ask(client_of: ClientOf, manager: User, lead: Lead) -> None:
    shown = page(client_of(manager), lead)
    assert NAME in shown
    assert PHONE in shown
    assert "attempts 0 of" in shown
    assert "budget" in shown


def test_the_page_is_not_kept_by_the_browser(client_of: ClientOf, manager: User, lead: Lead) -> None:
    assert "no-store" in client_of(manager).get(f"/queue/{lead.code}/").headers["Cache-Control"]


def test_the_page_costs_as_many_queries_however_many_leads_wait(
    client_of: ClientOf,
    manager: User,
    lead: Lead,
    take_in: TakeIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_of(manager)
    for number in range(12):
        take_in(owner=manager, phone=f"+791722099{number:02}")
    with django_assert_max_num_queries(50):
        page(client, lead)


def test_saving_records_the_answers_and_goes_on(send: Send, manager: User, lead: Lead) -> None:
    response = send(manager, "judge", lead, **answered(budget="failed", need="met"), seconds_spent="9")
    assert response.headers["Location"] == "/queue/"
    act = Assessment.objects.get()
    assert (act.verdict, act.by, act.seconds_spent) == (Verdict.NON_TARGET, manager, 9)


def test_a_script_is_told_what_it_needs_to_go_on(send: Send, manager: User, lead: Lead) -> None:
    answer = send(manager, "judge", lead, scripted=True, **answered(budget="failed")).json()
    assert (answer["verdict"], answer["judged"]) == ("non_target", 1)
    assert answer["undoable"] == f"judgement-{Assessment.objects.get().pk}"


def test_saving_twice_saves_once(send: Send, manager: User, lead: Lead) -> None:
    data = answered(budget="failed")
    for _ in range(2):
        assert send(manager, "judge", lead, scripted=True, **data).status_code == HTTPStatus.OK
    assert Assessment.objects.count() == 1


def test_what_waited_for_the_network_happened_when_it_was_done(send: Send, manager: User, lead: Lead) -> None:
    send(manager, "judge", lead, scripted=True, waited="3600", **answered(budget="failed"))
    act = Assessment.objects.get()
    assert timedelta(minutes=59) < act.recorded_at - act.occurred_at < timedelta(minutes=61)


def test_what_somebody_else_filled_in_is_refused(send: Send, manager: User, head: User, lead: Lead) -> None:
    response = send(manager, "judge", lead, scripted=True, person=str(head.pk), **answered(budget="failed"))
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [refusal["code"] for refusal in response.json()["refusals"]] == ["another_person"]
    assert not Assessment.objects.exists()


def test_the_second_of_two_sees_what_the_first_has_said(send: Send, manager: User, head: User, lead: Lead) -> None:
    send(manager, "judge", lead, **answered(budget="failed"))
    response = send(head, "judge", lead, **answered(budget="met", need="met"))
    shown = response.content.decode()
    assert manager.name in shown
    assert "not in the queue any more" in shown
    assert 'name="answer-need" value="met" checked' in " ".join(shown.split())
    assert Assessment.objects.get().by == manager


def test_the_second_may_save_once_more_after_seeing_it(send: Send, manager: User, head: User, lead: Lead) -> None:
    send(manager, "judge", lead, **answered(budget="failed"))
    data = answered(budget="met", need="met", contact_valid="met")
    again = send(head, "judge", lead, **data).context["forms"]["judge"]
    response = send(head, "judge", lead, **data | {"seen": again["seen"].value(), "kind": "change"})
    assert response.status_code == HTTPStatus.FOUND
    lead.refresh_from_db()
    assert lead.verdict == Verdict.TARGET


def test_the_page_says_who_else_has_it_open(client_of: ClientOf, manager: User, head: User, lead: Lead) -> None:
    page(client_of(manager), lead)
    assert f"{manager.name} has this lead open" in page(client_of(head), lead)


def test_a_call_is_logged_once(send: Send, manager: User, lead: Lead) -> None:
    data = {"request_id": str(uuid4()), "channel": "call", "result": "no_answer"}
    for _ in range(2):
        response = send(manager, "call", lead, **data)
    assert response.headers["Location"] == f"/queue/{lead.code}/"
    assert Touch.objects.get().result == "no_answer"


def test_losing_takes_a_reason_of_the_stage(send: Send, manager: User, lead: Lead) -> None:
    refused = send(manager, "lose", lead, scripted=True, note="")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert send(manager, "lose", lead, reasons=["price"]).headers["Location"] == "/queue/"
    lead.refresh_from_db()
    assert lead.outcome == Outcome.LOST


def test_other_needs_a_note_and_keeps_what_was_ticked(send: Send, manager: User, lead: Lead) -> None:
    response = send(manager, "lose", lead, reasons=["other", "price"])
    shown = response.context["forms"]["lose"]
    assert response.context["do"] == "lose"
    assert shown["reasons"].value() == ["other", "price"]


def test_without_scripts_the_address_opens_the_dialog(client_of: ClientOf, manager: User, lead: Lead) -> None:
    assert 'id="do-lose" aria-labelledby="lose_title" open' in page(client_of(manager), lead, do="lose")
    assert 'aria-labelledby="lose_title" open' not in page(client_of(manager), lead)


def test_skipping_goes_on_to_another(send: Send, client_of: ClientOf, manager: User, lead: Lead) -> None:
    send(manager, "skip", lead)
    client = client_of(manager)
    assert "set aside" in client.get("/queue/").content.decode()
    assert client.post("/queue/again/", follow=True).redirect_chain[-1][0] == f"/queue/{lead.code}/"


def test_undoing_goes_back_to_the_lead(send: Send, client_of: ClientOf, manager: User, lead: Lead) -> None:
    send(manager, "judge", lead, **answered(budget="failed"))
    assert client_of(manager).post("/queue/undo/").headers["Location"] == f"/queue/{lead.code}/"
    lead.refresh_from_db()
    assert lead.verdict == Verdict.UNDECIDED


def test_undoing_an_act_named_twice_undoes_it_once(
    send: Send, client_of: ClientOf, manager: User, lead: Lead, take_in: TakeIn
) -> None:
    """A double click must not undo the judgement before as well."""
    earlier = take_in(owner=manager, phone="+79172209900")
    send(manager, "judge", earlier, **answered(need="failed"))
    code = send(manager, "judge", lead, scripted=True, **answered(budget="failed")).json()["undoable"]
    for _ in range(2):
        client_of(manager).post("/queue/undo/", {"act": code}, headers=JSON)
    earlier.refresh_from_db()
    assert earlier.verdict == Verdict.NON_TARGET


def test_nothing_to_undo_is_said(client_of: ClientOf, manager: User, lead: Lead) -> None:
    response = client_of(manager).post("/queue/undo/", headers=JSON)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.json()["refusals"][0]["text"]


def test_the_menu_counts_what_waits(client_of: ClientOf, manager: User, lead: Lead) -> None:
    assert ">1<" in client_of(manager).get("/queue/count/").content.decode().replace("\n", "")


def test_holding_answers_nothing(send: Send, manager: User, head: User, lead: Lead) -> None:
    assert send(manager, "hold", lead).status_code == HTTPStatus.NO_CONTENT
    assert Claim.objects.get().by == manager
    assert claims.hold(lead=lead, by=head, at=Claim.objects.get().until_at - timedelta(minutes=1)).by == manager
