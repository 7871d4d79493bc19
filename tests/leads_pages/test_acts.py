"""What is done from the card: one form, one operation; a refusal keeps what was typed."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from funnels.rules.criteria import AnswerType, Result
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead, Sale, Touch, Transition
from leads.operations import assessments, duplicates, moves
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, TransitionKind
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.leads_pages.conftest import NOTE, TakeIn

Post = Callable[..., Any]
ClientOf = Callable[[User], Client]


def said(**answers: str) -> dict[str, Any]:
    """Fill in the form as a browser does: every answer beside what was shown before, here nothing."""
    codes = ("contact_valid", "need", "budget")
    shown = {f"initial-answer-{code}": "not_asked" for code in codes}
    return (
        shown
        | {f"answer-{code}": "not_asked" for code in codes}
        | {f"answer-{code}": result for code, result in answers.items()}
    )


def first(**answers: str) -> dict[str, Any]:
    return {"request_id": str(uuid4()), "kind": "assess"} | said(**answers)


def refused(response: Any) -> str:
    """Return the page of a refusal."""
    assert response.status_code == HTTPStatus.OK
    assert response.context["refusals"]
    return response.content.decode()


def test_judging_records_the_answers(post: Post, manager: User, lead: Lead) -> None:
    response = post(manager, "judge", lead, **first(budget="failed", need="met"), note="Said so")
    assert response.headers["Location"] == f"/leads/{lead.code}/"
    act = Assessment.objects.get()
    given = {answer.criterion_version.criterion.code: answer.result for answer in act.answers.all()}
    assert given == {"budget": "failed", "need": "met"}
    assert (act.verdict, act.by, act.kind, act.note) == (Verdict.NON_TARGET, manager, "assess", "Said so")


def test_a_double_click_judges_once(post: Post, manager: User, lead: Lead) -> None:
    data = first(budget="failed")
    post(manager, "judge", lead, **data)
    assert post(manager, "judge", lead, **data).status_code == HTTPStatus.FOUND
    assert Assessment.objects.count() == 1


def test_judging_nothing_is_refused(post: Post, manager: User, lead: Lead) -> None:
    refused(post(manager, "judge", lead, **first()))
    assert not Assessment.objects.exists()


def test_judging_again_asks_whether_it_is_a_change_or_a_correction(
    post: Post, client_of: ClientOf, manager: User, judged: Lead
) -> None:
    form = client_of(manager).get(f"/leads/{judged.code}/").context["forms"]["judge"]
    assert form.kinds == (AssessmentKind.CHANGE, AssessmentKind.CORRECT)
    assert form["answer-budget"].value() == Result.FAILED
    data = {"request_id": str(uuid4())} | said(budget="met") | {"initial-answer-budget": "failed"}
    refused(post(manager, "judge", judged, **data))
    refused(post(manager, "judge", judged, **data, kind="assess"))
    assert Assessment.objects.count() == 1
    post(manager, "judge", judged, **data, kind="correct")
    act = Assessment.objects.latest("id")
    assert (act.kind, act.verdict, act.supersedes is not None) == ("correct", Verdict.UNDECIDED, True)


def test_a_first_judgement_after_somebody_elses_is_asked_what_it_is(
    post: Post, manager: User, admin: User, lead: Lead
) -> None:
    post(manager, "judge", lead, **first(budget="failed"))
    response = post(admin, "judge", lead, **first(need="met"), note="Mine")
    assert "Mine" in refused(response)
    form = response.context["forms"]["judge"]
    assert form.errors["kind"]
    assert [value for value, _label, _chosen in form.kinds_offered] == ["change", "correct"]
    assert Assessment.objects.count() == 1


def test_two_people_judging_from_the_same_page_lose_nothing(post: Post, manager: User, admin: User, lead: Lead) -> None:
    post(manager, "judge", lead, **first(need="met"))
    post(admin, "judge", lead, **first(budget="met"))
    lead.refresh_from_db()
    answers = Assessment.objects.latest("id").answers.values_list("criterion_version__criterion__code", flat=True)
    assert set(answers) == {"need", "budget"}


def test_an_answer_can_be_taken_back(post: Post, manager: User, judged: Lead) -> None:
    data = said() | {"initial-answer-budget": "failed", "initial-answer-need": "met", "answer-need": "met"}
    post(manager, "judge", judged, request_id=str(uuid4()), kind="correct", **data)
    judged.refresh_from_db()
    assert judged.verdict == Verdict.UNDECIDED


def test_unreachable_without_attempts_is_refused_at_its_row(post: Post, manager: User, lead: Lead) -> None:
    response = post(manager, "judge", lead, **first(contact_valid="failed", need="met"), note="Nobody answers")
    page = refused(response)
    form = response.context["forms"]["judge"]
    assert form.errors["answer-contact_valid"]
    assert "Nobody answers" in page
    assert form["answer-need"].value() == "met"
    assert not Assessment.objects.exists()


def test_unreachable_with_a_machines_word_is_taken(post: Post, manager: User, lead: Lead) -> None:
    evidence = {"evidence-contact_valid": "number_does_not_exist", "reference-contact_valid": "call 14:02"}
    post(manager, "judge", lead, **first(contact_valid="failed"), **evidence)
    answer = Assessment.objects.get().answers.get()
    assert (answer.evidence, answer.evidence_ref) == ("number_does_not_exist", "call 14:02")


@pytest.fixture
def measured(db: None) -> Rules:
    number = {"answer_type": AnswerType.NUMBER, "threshold": 60000, "unit": "₽"}
    options = [{"value": "k", "label": "Kazan", "met": True}, {"value": "o", "label": "Omsk", "met": False}]
    choice = {"answer_type": AnswerType.CHOICE, "options": options}
    return make_rules(code="measured", criteria=("budget", "city"), contents={"budget": number, "city": choice})


def test_a_named_sum_decides_by_itself(post: Post, admin: User, lead: Lead, measured: Rules) -> None:
    Lead.objects.filter(pk=lead.pk).update(funnel=measured.funnel, stage=measured.stages["new"])
    data = {"request_id": str(uuid4()), "kind": "assess", "answer-budget": "not_asked", "answer-city": "not_asked"}
    data |= {"initial-answer-budget": "not_asked", "initial-answer-city": "not_asked"}
    post(admin, "judge", lead, **data, **{"observed-budget": "35 000", "observed-city": "k"})
    results = {
        answer.criterion_version.criterion.code: (answer.result, answer.observed_value)
        for answer in Assessment.objects.get().answers.all()
    }
    assert results == {"budget": ("failed", "35 000"), "city": ("met", "k")}
    contradiction = data | {"request_id": str(uuid4()), "kind": "correct", "observed-budget": "90 000"}
    contradiction |= {"initial-observed-budget": "35 000", "answer-budget": "failed", "initial-answer-budget": "failed"}
    response = post(admin, "judge", lead, **contradiction)
    assert "answer-budget" in response.context["forms"]["judge"].errors
    assert "90 000" in response.content.decode()


def test_a_touch_is_logged(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "touch", lead, channel="call", result="no_answer", note="No luck")
    touch = Touch.objects.get()
    assert (touch.by, touch.channel, touch.result, touch.is_inbound, touch.note) == (
        manager, "call", "no_answer", False, "No luck",
    )  # fmt: skip


def test_a_touch_of_the_future_is_refused(post: Post, manager: User, lead: Lead) -> None:
    data = {"channel": "call", "result": "reached", "note": "Typed", "occurred_at": "2999-01-01T10:00"}
    assert "Typed" in refused(post(manager, "touch", lead, **data))
    assert not Touch.objects.exists()


def test_attempts_are_counted_on_the_card(post: Post, client_of: ClientOf, manager: User, lead: Lead) -> None:
    for _ in range(2):
        post(manager, "touch", lead, channel="call", result="no_answer")
    tries = client_of(manager).get(f"/leads/{lead.code}/").context["card"].tries
    assert (tries.attempts, tries.attempts_needed, tries.days, tries.days_needed) == (2, 5, 1, 3)
    assert tries.boxes == [True, True, False, False, False]


def test_a_lead_moves(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "move", lead, to="qualified")
    lead.refresh_from_db()
    assert lead.stage.code == "qualified"


@pytest.mark.parametrize("to", ["won", "nowhere", "new", ""])
def test_a_move_that_may_not_happen_is_refused(to: str, post: Post, manager: User, lead: Lead) -> None:
    refused(post(manager, "move", lead, to=to))
    lead.refresh_from_db()
    assert lead.stage.code == "new"


def test_a_lead_is_lost_for_reasons_of_its_stage(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "lose", lead, reasons=["price", "early"], note="Too dear")
    lead.refresh_from_db()
    loss = lead.transitions.get(kind=TransitionKind.LOSE)
    assert lead.outcome == Outcome.LOST
    assert {reason.code for reason in loss.reasons.all()} == {"price", "early"}
    assert (loss.note, loss.by) == ("Too dear", manager)


@pytest.mark.parametrize("reasons", [[], ["other"], ["nonsense"], ["price", "nonsense"]])
def test_d9_a_loss_that_does_not_say_why_is_refused(reasons: list[str], post: Post, manager: User, lead: Lead) -> None:
    response = post(manager, "lose", lead, reasons=reasons)
    refused(response)
    lead.refresh_from_db()
    assert lead.outcome == Outcome.OPEN
    assert not Transition.objects.filter(kind=TransitionKind.LOSE).exists()


def test_d9_a_reason_of_another_stage_is_refused_and_what_was_typed_stays(
    post: Post, manager: User, lead: Lead
) -> None:
    post(manager, "move", lead, to="contacted")
    response = post(manager, "lose", lead, reasons=["early", "price"], note="Long story")
    assert "Long story" in refused(response)
    form = response.context["forms"]["lose"]
    assert form.errors["reasons"]
    ticked = {reason.code for _side, reasons in form.sides for reason, is_ticked in reasons if is_ticked}
    offered = {reason.code for _side, reasons in form.sides for reason, _ in reasons}
    assert (ticked, "early" in offered) == ({"price"}, False)


def test_a_lead_lost_a_moment_ago_is_not_lost_again(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "lose", lead, reasons=["price"])
    refused(post(manager, "lose", lead, reasons=["competitor"]))
    assert Transition.objects.filter(kind=TransitionKind.LOSE).count() == 1


def test_a_lead_is_won_with_its_sale(post: Post, client_of: ClientOf, manager: User, lead: Lead) -> None:
    post(manager, "win", lead, amount="45000.50")
    lead.refresh_from_db()
    assert (lead.outcome, Sale.objects.get().amount) == (Outcome.WON, pytest.approx(45000.50))
    assert "45,001" in client_of(manager).get(f"/leads/{lead.code}/").content.decode()


@pytest.mark.parametrize("amount", ["-1", "much"])
def test_an_amount_that_is_none_wins_nothing(amount: str, post: Post, manager: User, lead: Lead) -> None:
    refused(post(manager, "win", lead, amount=amount))
    lead.refresh_from_db()
    assert lead.outcome == Outcome.OPEN


def test_d7_reopening_keeps_why_it_was_lost(post: Post, client_of: ClientOf, manager: User, lead: Lead) -> None:
    post(manager, "lose", lead, reasons=["price"], note=NOTE)
    post(manager, "reopen", lead, note="Came back")
    lead.refresh_from_db()
    page = client_of(manager).get(f"/leads/{lead.code}/").content.decode()
    assert lead.outcome == Outcome.OPEN
    for text in ("Price", NOTE, "Came back"):
        assert text in page


def test_an_open_lead_is_not_reopened(post: Post, manager: User, lead: Lead) -> None:
    refused(post(manager, "reopen", lead))


def test_a_lead_is_handed_over(post: Post, head: User, lead: Lead, manager: User) -> None:
    colleague = UserFactory(role=Role.MANAGER, team=manager.team)
    response = post(head, "assign", lead, owner=colleague.pk)
    lead.refresh_from_db()
    assert lead.owner == colleague
    assert response.headers["Location"] == f"/leads/{lead.code}/"


def test_who_hands_a_lead_away_goes_back_to_the_list(post: Post, manager: User, lead: Lead) -> None:
    colleague = UserFactory(role=Role.MANAGER, team=manager.team)
    assert post(manager, "assign", lead, owner=colleague.pk).headers["Location"] == "/leads/"


def test_a_lead_is_not_handed_to_another_team_nor_left_alone_by_its_manager(
    post: Post, manager: User, head: User, foreign_manager: User, lead: Lead
) -> None:
    refused(post(head, "assign", lead, owner=foreign_manager.pk))
    refused(post(manager, "assign", lead, owner=""))
    lead.refresh_from_db()
    assert lead.owner == manager


def test_leads_are_merged_by_code_or_address_and_parted_again(
    post: Post, client_of: ClientOf, head: User, lead: Lead, take_in: TakeIn
) -> None:
    master = take_in(name="The same", ago=timedelta(days=3))
    post(head, "merge", lead, master=f"https://razbor.example/leads/{master.code}/")
    lead.refresh_from_db()
    assert lead.duplicate_of == master
    relatives = client_of(head).get(f"/leads/{lead.code}/").context["card"].relatives
    assert relatives.master.code == master.code
    relatives = client_of(head).get(f"/leads/{master.code}/").context["card"].relatives
    assert [row.code for row in relatives.duplicates] == [lead.code]
    post(head, "unmerge", lead)
    lead.refresh_from_db()
    assert lead.duplicate_of is None


@pytest.mark.parametrize("which", ["itself", "foreign", "nonsense"])
def test_a_merge_that_may_not_happen_is_refused(which: str, post: Post, head: User, lead: Lead, foreign: Lead) -> None:
    code = {"itself": lead.code, "foreign": foreign.code, "nonsense": "ld_1"}[which]
    refused(post(head, "merge", lead, master=code))
    lead.refresh_from_db()
    assert lead.duplicate_of is None


def test_a_lead_that_is_no_duplicate_is_not_parted(post: Post, head: User, lead: Lead) -> None:
    refused(post(head, "unmerge", lead))


def test_p13_a_duplicate_of_another_teams_lead_names_nothing(
    client_of: ClientOf, manager: User, lead: Lead, foreign: Lead
) -> None:
    duplicates.merge(lead=lead, master=foreign, by=None, at=lead.recorded_at)
    response = client_of(manager).get(f"/leads/{lead.code}/")
    assert response.context["card"].relatives.master is None
    assert f"/leads/{foreign.code}/" not in response.content.decode()


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
        post(manager, "touch", judged, channel="call", result="no_answer")
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
    with django_assert_max_num_queries(36):
        assert client.get(f"/leads/{judged.code}/").status_code == HTTPStatus.OK
