"""Whatever happens to a lead, in whatever order it is told, its row says what its facts say."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.rules.errors import DomainError
from funnels.rules.criteria import Result
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead, Transition
from leads.operations import assessments, duplicates, moves, owners, touches
from leads.operations.assessments import Answer
from leads.queries.consistency import differences
from leads.rules.facts import AssessmentKind, TouchActor, TouchChannel, TouchResult, TransitionKind
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, make_lead

pytestmark = pytest.mark.django_db

PHONES = ("8 917 220-14-08", "8 917 220-14-09", "")
MINUTES = st.integers(min_value=-2, max_value=60 * 24 * 3)  # a clock may step back
AGO = st.none() | st.integers(min_value=0, max_value=60 * 24 * 4)
RESULTS = st.dictionaries(st.sampled_from(("contact_valid", "need", "budget")), st.sampled_from(Result), max_size=3)
ACTS = st.one_of(
    st.tuples(st.just("receive"), st.sampled_from(PHONES), st.booleans()),
    st.tuples(st.just("judge"), st.sampled_from(AssessmentKind), RESULTS),
    st.tuples(st.just("touch"), st.sampled_from(TouchActor), st.sampled_from(TouchResult), st.booleans()),
    st.tuples(st.just("advance"), st.sampled_from(("new", "contacted", "offer", "contract"))),
    st.tuples(st.just("lose"), st.sampled_from(("price", "competitor", "early"))),
    st.tuples(st.just("win")),
    st.tuples(st.just("reopen")),
    st.tuples(st.just("assign"), st.booleans()),
    st.tuples(st.just("merge"), st.integers(min_value=0, max_value=5)),
    st.tuples(st.just("unmerge")),
)
STEPS = st.lists(st.tuples(st.integers(min_value=0, max_value=5), MINUTES, AGO, ACTS), min_size=1, max_size=25)


class World:
    """A few leads and a clock. Many acts are refused; what is left of them must not show."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.owner = UserFactory()
        self.at = MONDAY
        self.leads = [make_lead(rules, phone=PHONES[0])]

    def step(self, which: int, minutes: int, ago: int | None, act: tuple[object, ...]) -> None:
        self.at += timedelta(minutes=minutes)
        lead = self.leads[which % len(self.leads)]
        name, *rest = act
        told = None if ago is None else self.at - timedelta(minutes=ago)
        with suppress(DomainError):
            getattr(self, f"do_{name}")(lead, told, *rest)

    def do_receive(self, _lead: Lead, told: object, phone: str, is_test: bool) -> None:
        self.leads.append(make_lead(self.rules, at=self.at, received_at=told, phone=phone, is_test=is_test))

    def do_judge(self, lead: Lead, told: object, kind: AssessmentKind, results: dict[str, Result]) -> None:
        answers = {code: Answer(result) for code, result in results.items()}
        assessments.judge(lead=lead, answers=answers, kind=kind, by=None, at=self.at, occurred_at=told)  # type: ignore[arg-type]

    def do_touch(self, lead: Lead, told: object, actor: TouchActor, result: TouchResult, inbound: bool) -> None:
        touches.log(
            lead=lead,
            channel=TouchChannel.CALL,
            result=result,
            actor=actor,
            direction="in" if inbound else "out",
            by=None,
            at=self.at,
            occurred_at=told,  # type: ignore[arg-type]
        )

    def do_advance(self, lead: Lead, told: object, to: str) -> None:
        moves.advance(lead=lead, to=to, by=None, at=self.at, occurred_at=told)  # type: ignore[arg-type]

    def do_lose(self, lead: Lead, told: object, reason: str) -> None:
        moves.lose(lead=lead, reasons=[reason], by=None, at=self.at, occurred_at=told)  # type: ignore[arg-type]

    def do_win(self, lead: Lead, told: object) -> None:
        moves.win(lead=lead, by=None, at=self.at, occurred_at=told, amount=Decimal(10))  # type: ignore[arg-type]

    def do_reopen(self, lead: Lead, told: object) -> None:
        moves.reopen(lead=lead, by=None, at=self.at, occurred_at=told)  # type: ignore[arg-type]

    def do_assign(self, lead: Lead, _told: object, to_somebody: bool) -> None:
        owners.assign(lead=lead, owner=self.owner if to_somebody else None, by=None, at=self.at)

    def do_merge(self, lead: Lead, _told: object, master: int) -> None:
        duplicates.merge(lead=lead, master=self.leads[master % len(self.leads)], by=None, at=self.at)

    def do_unmerge(self, lead: Lead, _told: object) -> None:
        duplicates.unmerge(lead=lead, by=None, at=self.at)


@pytest.fixture
def rules() -> Rules:
    return make_rules()


# Few examples a run, and others each time: an example is a whole history, up to 25 acts.
@given(steps=STEPS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_follow_from_facts_after_any_history(
    rules: Rules, steps: list[tuple[int, int, int | None, tuple[object, ...]]]
) -> None:
    with transaction.atomic():
        world = World(rules)
        for step in steps:
            world.step(*step)
        assert differences() == []
        for lead in Lead.objects.select_related("duplicate_of"):
            check_duplicates(lead)
            check_corrections(lead)
            check_moves(lead)
        transaction.set_rollback(True)


def check_duplicates(lead: Lead) -> None:
    """No chain, no test among them."""
    if lead.duplicate_of is not None:
        assert lead.duplicate_of.duplicate_of_id is None
        assert not lead.is_test
        assert not lead.duplicate_of.is_test


def check_corrections(lead: Lead) -> None:
    """I15: a correction, also of a correction, keeps the first effective time, and nothing is corrected twice."""
    corrected: set[int] = set()
    for act in Assessment.objects.filter(lead=lead, supersedes__isnull=False).select_related("supersedes"):
        assert act.supersedes is not None
        assert act.effective_at == act.supersedes.effective_at
        assert act.supersedes_id not in corrected
        corrected.add(act.supersedes.pk)
    assert (lead.verdict == Verdict.NON_TARGET) == (lead.fail_mask > 0)


def check_moves(lead: Lead) -> None:
    """Every move starts where the one before it ended, and no time runs backwards."""
    trail = list(Transition.objects.filter(lead=lead).order_by("id"))
    assert [move.kind for move in trail].count(TransitionKind.ARRIVE) == 1
    for before, after in pairwise(trail):
        assert after.from_stage_id == before.to_stage_id
        assert after.effective_at >= before.effective_at
        assert after.recorded_at >= before.recorded_at
