"""Funnels, stages and reasons as pages and doors read them."""

import pytest

from funnels.operations.dictionaries import archive_reason, archive_stage, create_funnel, create_reason
from funnels.queries import (
    FunnelHasNoStage,
    UnknownFunnel,
    first_stage,
    funnel_by_code,
    funnels_in_use,
    reasons_of,
    stages_of,
    won_stage,
)
from funnels.rules.definitions import Side
from funnels.rules.moves import Milestone
from tests.factories.funnels import LONG_AGO, make_rules

pytestmark = pytest.mark.django_db


def test_a_funnel_is_found_by_its_code():
    rules = make_rules(code="sales")
    assert funnel_by_code(code="sales") == rules.funnel


def test_an_unknown_funnel_is_refused_with_the_known_ones():
    make_rules(code="alpha")
    make_rules(code="beta")
    with pytest.raises(UnknownFunnel) as caught:
        funnel_by_code(code="gamma")
    assert caught.value.code == "unknown_funnel"
    assert "gamma" in str(caught.value)
    assert "alpha, beta" in str(caught.value)


def test_an_archived_funnel_is_not_offered():
    funnel = make_rules(code="old").funnel
    funnel.archived_at = LONG_AGO
    funnel.save()
    assert list(funnels_in_use()) == []
    with pytest.raises(UnknownFunnel):
        funnel_by_code(code="old")


def test_leads_arrive_at_the_first_stage_and_are_won_at_the_last():
    rules = make_rules(milestones=(Milestone.NEW, Milestone.OFFER, Milestone.WON))
    assert first_stage(funnel=rules.funnel) == rules.stages["new"]
    assert won_stage(funnel=rules.funnel) == rules.stages["won"]


def test_a_funnel_without_stages_says_so():
    funnel = create_funnel(code="empty", name="Empty", by=None, at=LONG_AGO)
    with pytest.raises(FunnelHasNoStage):
        first_stage(funnel=funnel)
    with pytest.raises(FunnelHasNoStage):
        won_stage(funnel=funnel)


def test_an_archived_stage_is_not_listed():
    rules = make_rules(milestones=(Milestone.NEW, Milestone.OFFER, Milestone.WON))
    archive_stage(stage=rules.stages["offer"], by=None, at=LONG_AGO)
    assert [stage.code for stage in stages_of(funnel=rules.funnel)] == ["new", "won"]


def test_reasons_are_those_of_the_stage_by_side():
    rules = make_rules()
    create_reason(
        funnel=rules.funnel,
        code="late",
        name="Late",
        side=Side.SALES,
        stages=[rules.stages["new"]],
        position=0,
        by=None,
        at=LONG_AGO,
    )
    at_new = [reason.code for reason in reasons_of(stage=rules.stages["new"])]
    at_offer = [reason.code for reason in reasons_of(stage=rules.stages["offer"])]
    assert at_new == ["early", "late", "other", "competitor", "price"]
    assert at_offer == ["other", "competitor", "price"]
    assert list(reasons_of(stage=rules.stages["won"])) == []


def test_an_archived_reason_is_not_offered():
    rules = make_rules()
    archive_reason(reason=rules.reasons["price"], by=None, at=LONG_AGO)
    assert rules.reasons["price"] not in reasons_of(stage=rules.stages["new"])
