"""Funnels, stages, criteria and reasons are created, superseded and archived."""

from datetime import timedelta

import pytest

from crm.models import AuditEvent
from funnels.models import Criterion, CriterionVersion, Funnel, LossReason, Stage
from funnels.operations.dictionaries import (
    BelongsToAnotherFunnel,
    CodeIsTaken,
    CriterionIsInForce,
    StageIsNeeded,
    archive_criterion,
    archive_reason,
    archive_stage,
    create_criterion,
    create_funnel,
    create_reason,
    create_stage,
    revise_criterion,
)
from funnels.rules.criteria import AnswerType, CriterionCannotBeAnswered
from funnels.rules.definitions import Side, TooManyCriteria
from funnels.rules.moves import Milestone
from tests.factories.funnels import LONG_AGO, content_of, make_rules

pytestmark = pytest.mark.django_db
NOW = LONG_AGO + timedelta(days=1)


def add_criterion(funnel: Funnel, code: str) -> CriterionVersion:
    return create_criterion(funnel=funnel, code=code, content=content_of(code), by=None, at=NOW)


def test_creating_writes_who_did_what(admin):
    funnel = create_funnel(code="sales", name="Sales", by=admin, at=NOW)
    event = AuditEvent.objects.get()
    assert (event.action, event.object_id, event.actor_id, event.at) == (
        "funnel.create",
        str(funnel.pk),
        admin.pk,
        NOW,
    )


def test_a_code_is_taken_once():
    rules = make_rules(code="sales", criteria=("need",))
    with pytest.raises(CodeIsTaken):
        create_funnel(code="sales", name="Again", by=None, at=NOW)
    with pytest.raises(CodeIsTaken):
        create_stage(funnel=rules.funnel, code="new", name="New", milestone=Milestone.NEW, position=9, by=None, at=NOW)
    with pytest.raises(CodeIsTaken):
        add_criterion(rules.funnel, "need")
    with pytest.raises(CodeIsTaken):
        create_reason(funnel=rules.funnel, code="price", name="Price", side=Side.CLIENT, stages=[], by=None, at=NOW)


def test_two_funnels_may_use_one_code():
    make_rules(code="first", criteria=("need",))
    make_rules(code="second", criteria=("need",))
    assert Criterion.objects.filter(code="need", bit=0).count() == 2


def test_a_bit_is_never_given_again():
    rules = make_rules(criteria=("need", "budget"))
    spare = add_criterion(rules.funnel, "spare").criterion
    archive_criterion(criterion=spare, by=None, at=NOW)
    assert spare.bit == 2
    assert add_criterion(rules.funnel, "fresh").criterion.bit == 3


def test_a_funnel_holds_thirty_one_criteria():
    rules = make_rules(criteria=[f"c{number}" for number in range(31)])
    with pytest.raises(TooManyCriteria):
        add_criterion(rules.funnel, "one_more")
    assert not Criterion.objects.filter(code="one_more").exists()


def test_a_criterion_nobody_could_answer_is_refused_whole():
    rules = make_rules()
    with pytest.raises(CriterionCannotBeAnswered):
        create_criterion(
            funnel=rules.funnel,
            code="size",
            content=content_of("size", answer_type=AnswerType.NUMBER),
            by=None,
            at=NOW,
        )
    assert not Criterion.objects.filter(code="size").exists()


def test_revising_supersedes_and_leaves_the_old_wording():
    rules = make_rules()
    old = rules.versions["need"]
    new = revise_criterion(
        criterion=old.criterion, content=content_of("need", wording="Why now?", is_blocking=False), by=None, at=NOW
    )
    old.refresh_from_db()
    assert (old.number, old.wording, old.is_blocking) == (1, "Is there need?", True)
    assert (new.number, new.wording, new.is_blocking) == (2, "Why now?", False)


def test_a_criterion_in_force_is_not_archived():
    rules = make_rules()
    with pytest.raises(CriterionIsInForce):
        archive_criterion(criterion=rules.versions["need"].criterion, by=None, at=NOW)


def test_a_criterion_of_a_funnel_without_a_definition_is_archived():
    funnel = create_funnel(code="empty", name="Empty", by=None, at=NOW)
    criterion = add_criterion(funnel, "need").criterion
    archive_criterion(criterion=criterion, by=None, at=NOW)
    assert criterion.archived_at == NOW


@pytest.mark.parametrize("code", ["new", "won"])
def test_the_first_and_the_won_stage_are_needed(code):
    rules = make_rules()
    with pytest.raises(StageIsNeeded):
        archive_stage(stage=rules.stages[code], by=None, at=NOW)


def test_an_archived_stage_and_reason_stay_in_the_database():
    rules = make_rules()
    archive_stage(stage=rules.stages["offer"], by=None, at=NOW)
    archive_reason(reason=rules.reasons["price"], by=None, at=NOW)
    assert Stage.objects.get(code="offer").archived_at == NOW
    assert LossReason.objects.get(code="price").archived_at == NOW


def test_an_archived_stage_gives_its_position_to_another():
    rules = make_rules()
    offer = rules.stages["offer"]
    archive_stage(stage=offer, by=None, at=NOW)
    created = create_stage(
        funnel=rules.funnel,
        code="demo",
        name="Demo",
        milestone=Milestone.OFFER,
        position=offer.position,
        by=None,
        at=NOW,
    )
    assert created.position == offer.position


def test_rules_of_two_funnels_are_not_joined():
    here, there = make_rules(code="here"), make_rules(code="there")
    with pytest.raises(BelongsToAnotherFunnel):
        create_reason(
            funnel=here.funnel,
            code="far",
            name="Far",
            side=Side.CLIENT,
            stages=[there.stages["new"]],
            by=None,
            at=NOW,
        )
    with pytest.raises(BelongsToAnotherFunnel):
        create_reason(
            funnel=here.funnel,
            code="far",
            name="Far",
            side=Side.CLIENT,
            stages=[here.stages["new"]],
            implied_criterion=there.versions["need"].criterion,
            by=None,
            at=NOW,
        )
    with pytest.raises(BelongsToAnotherFunnel):
        revise_criterion(
            criterion=here.versions["need"].criterion,
            content=content_of("need"),
            answerable_at=there.stages["new"],
            by=None,
            at=NOW,
        )
