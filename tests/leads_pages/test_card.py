"""What the card of a lead tells, and what it costs."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.test import Client

from crm.models import User
from funnels.rules.criteria import Result
from leads.models import Lead
from leads.operations import assessments, duplicates, moves
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind
from tests.factories.funnels import Rules

Post = Callable[..., Any]
ClientOf = Callable[[User], Client]


def test_a_card_answers_a_request_for_its_head_alone(client_of: ClientOf, manager: User, lead: Lead) -> None:
    client = client_of(manager)
    assert client.head(f"/leads/{lead.code}/").status_code == HTTPStatus.OK
    assert client.head("/leads/").status_code == HTTPStatus.OK
    assert client.head(f"/leads/{lead.code}/touch/").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_attempts_are_counted_on_the_card(post: Post, client_of: ClientOf, manager: User, lead: Lead) -> None:
    for _ in range(2):
        post(manager, "touch", lead, request_id=str(uuid4()), channel="call", result="no_answer")
    tries = client_of(manager).get(f"/leads/{lead.code}/").context["card"].tries
    assert (tries.attempts, tries.attempts_needed, tries.days, tries.days_needed) == (2, 5, 1, 3)
    assert tries.boxes == [True, True, False, False, False]


def test_p13_a_duplicate_of_another_teams_lead_names_nothing(
    client_of: ClientOf, manager: User, admin: User, lead: Lead, foreign: Lead
) -> None:
    duplicates.merge(lead=lead, master=foreign, by=None, at=lead.recorded_at)
    response = client_of(manager).get(f"/leads/{lead.code}/")
    assert response.context["card"].relatives.master is None
    assert foreign.code not in response.content.decode()
    assert foreign.code in str(client_of(admin).get(f"/leads/{lead.code}/").context["card"].history)


def test_reasons_that_speak_of_a_criterion_nobody_judged_are_pointed_out(
    post: Post, client_of: ClientOf, manager: User, lead: Lead, rules: Rules
) -> None:
    reason = rules.reasons["price"]
    reason.implied_criterion = rules.versions["budget"].criterion
    reason.save()
    post(manager, "lose", lead, reasons=["price"])
    assert client_of(manager).get(f"/leads/{lead.code}/").context["card"].unsaid == ["budget"]


def test_the_card_costs_the_same_however_long_its_history(
    client_of: ClientOf,
    post: Post,
    manager: User,
    head: User,
    judged: Lead,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for turn in range(3):
        post(manager, "touch", judged, request_id=str(uuid4()), channel="call", result="no_answer")
        post(manager, "lose", judged, reasons=["price"])
        post(manager, "reopen", judged)
        assessments.judge(
            lead=judged,
            answers={"need": Answer(Result.MET if turn % 2 else Result.FAILED)},
            kind=AssessmentKind.CHANGE,
            by=manager,
            at=judged.recorded_at,
        )
    moves.lose(lead=judged, reasons=["price", "competitor"], by=manager, at=judged.recorded_at)
    client = client_of(head)
    client.get(f"/leads/{judged.code}/")
    with django_assert_max_num_queries(42):
        assert client.get(f"/leads/{judged.code}/").status_code == HTTPStatus.OK


def test_what_arrived_is_shown_only_to_those_who_may_see_submissions(
    client_of: ClientOf, manager: User, admin: User, lead: Lead
) -> None:
    number = str(lead.submissions.get().public_id)
    assert number in client_of(admin).get(f"/leads/{lead.code}/").content.decode()
    assert client_of(manager).get(f"/leads/{lead.code}/").context["card"].told.raw == []
    assert number not in client_of(manager).get(f"/leads/{lead.code}/").content.decode()


def test_the_history_is_narrowed_by_address_and_a_senseless_one_leads_nowhere(
    client_of: ClientOf, manager: User, judged: Lead
) -> None:
    client = client_of(manager)
    shown = client.get(f"/leads/{judged.code}/?show=judgements").context["card"].history
    assert {entry.fact for entry in shown} == {"assessment"}
    for query in ("show=nonsense", "before=nonsense"):
        assert client.get(f"/leads/{judged.code}/?{query}").status_code == HTTPStatus.NOT_FOUND


def test_the_card_is_kept_by_no_cache(client_of: ClientOf, manager: User, lead: Lead) -> None:
    assert "no-store" in client_of(manager).get(f"/leads/{lead.code}/").headers["Cache-Control"]
