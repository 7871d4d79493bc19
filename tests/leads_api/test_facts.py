"""Assessments, transitions, touches and sales by programs: the operations and refusals of the pages."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import pytest

from leads.models import Assessment, Lead, Sale, Touch, Transition
from leads.queries.consistency import differences
from leads.rules.facts import Channel, TouchActor
from tests.leads_api.conftest import ProgramClient

CREATED, REFUSED, INVALID = HTTPStatus.CREATED, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST
Do = Callable[..., Mapping[str, Any]]


@pytest.fixture
def do(program: ProgramClient, push: Callable[..., Mapping[str, Any]]) -> Do:
    """Tell a fact of one lead."""
    path = f"/leads/{push(name='Anna')['id']}"

    def tell(kind: str, body: Any, status: int = CREATED, **headers: str) -> Mapping[str, Any]:
        return program("POST", f"{path}/{kind}", body, status=status, **headers).json()  # type: ignore[no-any-return]

    return tell


def test_the_verdict_follows_from_the_answers(do: Do) -> None:
    told = do("assessments", {"answers": {"need": "met", "budget": {"result": "failed"}}, "note": "no money"})
    assert (told["verdict"], told["lead_verdict"], told["failed"]) == ("non_target", "non_target", ["budget"])
    made = Assessment.objects.get()
    assert told["id"] == str(made.public_id)
    assert (made.channel, made.by, made.note) == (Channel.API, None, "no money")
    assert differences() == []


@pytest.mark.parametrize("body", [b"", b"\0", b"{", b"[" * 100_000])
def test_what_is_no_json_is_refused_also_under_a_known_key(do: Do, body: bytes) -> None:
    do("touches", {"channel": "call", "result": "busy"}, idempotency_key="k")
    assert do("touches", body, INVALID, idempotency_key="k")["code"] == "not_json"


def test_a_second_judgement_says_what_it_is(do: Do) -> None:
    do("assessments", {"answers": {"budget": "failed"}})
    assert do("assessments", {"answers": {"budget": "met"}}, REFUSED)["code"] == "already_judged"
    corrected = do(
        "assessments", {"answers": {"budget": "met", "need": "met", "contact_valid": "met"}, "kind": "correct"}
    )
    assert corrected["lead_verdict"] == "target"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"answers": {}}, INVALID, "invalid"),
        ({}, INVALID, "invalid"),
        ({"answers": {"need": "perhaps"}}, INVALID, "invalid"),
        ({"answers": {"need": "met"}, "verdict": "target"}, INVALID, "invalid"),
        ({"answers": {"charm": "met"}}, REFUSED, "unknown_criterion"),
        ({"answers": {"need": "met"}, "kind": "correct"}, REFUSED, "nothing_to_replace"),
        ({"answers": {"need": "met"}, "kind": "audit"}, INVALID, "invalid"),
    ],
)
def test_a_judgement_that_does_not_stand_is_refused(do: Do, body: Any, status: int, code: str) -> None:
    assert do("assessments", body, status)["code"] == code
    assert not Assessment.objects.exists()


def test_a_lead_moves_and_is_lost_and_reopened_and_won(do: Do) -> None:
    assert do("transitions", {"to": "contacted"})["to_stage"] == "contacted"
    lost = do("transitions", {"outcome": "lost", "reasons": ["price", "competitor"]})
    assert (lost["outcome"], sorted(lost["reasons"]), lost["to_stage"]) == (
        "lost",
        ["competitor", "price"],
        "contacted",
    )
    assert do("transitions", {"outcome": "reopened"})["outcome"] == "open"
    assert do("transitions", {"outcome": "won", "amount": "1500.50"})["outcome"] == "won"
    assert str(Sale.objects.get().amount) == "1500.50"
    assert set(Transition.objects.exclude(kind="arrive").values_list("channel", flat=True)) == {Channel.API}
    assert differences() == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"outcome": "lost"}, "lost_needs_reason"),
        ({"outcome": "lost", "reasons": ["early", "nonsense"]}, None),
        ({"outcome": "lost", "reasons": ["other"]}, None),
        ({"to": "nowhere"}, None),
        ({"to": "contacted", "outcome": "won"}, "one_move_at_a_time"),
        ({}, "one_move_at_a_time"),
        ({"outcome": "reopened"}, None),
        ({"outcome": "won", "amount": "-5"}, "amount_sign"),
        ({"outcome": "won", "amount": 1e30}, "amount_too_large"),
    ],
)
def test_D9_a_move_against_the_rules_is_refused(do: Do, body: Any, code: str | None) -> None:
    refused = do("transitions", body, REFUSED)
    assert code is None or refused["code"] == code
    lead = Lead.objects.get()
    assert (lead.stage.code, lead.outcome, Transition.objects.count()) == ("new", "OPEN", 1)


def test_to_lose_a_lead_takes_the_right_to_judge(push: Callable[..., Mapping[str, Any]]) -> None:
    path = f"/leads/{push()['id']}/transitions"
    writer = ProgramClient("leads:write")
    writer("POST", path, {"outcome": "lost", "reasons": ["price"]}, status=HTTPStatus.FORBIDDEN)
    writer("POST", path, {"to": "contacted"}, status=CREATED)


def test_telephony_logs_a_call(do: Do) -> None:
    told = {"channel": "call", "result": "number_does_not_exist", "actor": "integration", "telephony_code": "404"}
    assert do("touches", told)["result"] == "number_does_not_exist"
    assert Touch.objects.get().actor == TouchActor.INTEGRATION


@pytest.mark.parametrize("body", [{}, {"channel": "pigeon", "result": "reached"}, {"channel": "call", "result": "x"}])
def test_a_touch_of_another_kind_is_refused(do: Do, body: Any) -> None:
    do("touches", body, INVALID)
    assert not Touch.objects.exists()


def test_money_is_recorded(do: Do) -> None:
    assert do("sales", {"amount": "100"})["kind"] == "first"
    assert do("sales", {"amount": 50.255})["amount"] == "50.26"
    assert do("sales", {"amount": "-10", "kind": "refund"})["kind"] == "refund"


def test_a_fact_told_twice_with_one_key_is_one_fact(do: Do) -> None:
    body = {"channel": "call", "result": "no_answer"}
    assert do("touches", body, idempotency_key="t-1") == do("touches", body, idempotency_key="t-1")
    assert Touch.objects.count() == 1
