"""Judging from the card: answers given, kept, taken back and refused."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from crm.models import User
from funnels.rules.criteria import AnswerType, Result
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead
from leads.rules.facts import AssessmentKind
from tests.factories.funnels import Rules, make_rules
from tests.leads_pages.conftest import refused

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
