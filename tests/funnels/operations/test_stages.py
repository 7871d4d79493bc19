"""Stages are added, renamed, moved; their meanings never run backwards."""

import pytest

from crm.models import AuditEvent
from funnels.operations.dictionaries import archive_stage
from funnels.operations.stages import (
    StageIsAtTheEnd,
    StageNameIsTaken,
    add_stage,
    move_stage,
    rename_stage,
    restore_stage,
)
from funnels.queries import reasons_of, stages_of
from funnels.rules.moves import Milestone, StagesOutOfOrder
from tests.factories.funnels import LONG_AGO, make_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules():
    return make_rules()


def add(rules, name, milestone=Milestone.OFFER):
    return add_stage(funnel=rules.funnel, name=name, milestone=milestone, by=None, at=LONG_AGO)


def codes(rules):
    return list(stages_of(funnel=rules.funnel).values_list("code", flat=True))


def move(stage, *, up):
    return move_stage(stage=stage, up=up, by=None, at=LONG_AGO)


def test_a_stage_comes_after_the_last_of_its_milestone_with_the_reasons_before_it(rules):
    stage = add(rules, "  Second   offer ")
    assert (stage.name, stage.code) == ("Second offer", "second_offer")
    assert codes(rules) == ["new", "contacted", "qualified", "offer", "second_offer", "contract", "won"]
    assert set(reasons_of(stage=stage)) == set(reasons_of(stage=rules.stages["offer"]))
    assert AuditEvent.objects.filter(action="stage.create", object_id=str(stage.pk)).exists()


def test_two_stages_are_not_called_alike(rules):
    with pytest.raises(StageNameIsTaken):
        add(rules, "oFFer")
    with pytest.raises(StageNameIsTaken):
        rename_stage(stage=rules.stages["new"], name="Offer", by=None, at=LONG_AGO)
    archive_stage(stage=rules.stages["offer"], by=None, at=LONG_AGO)
    assert add(rules, "Offer").code == "offer_2"


def test_a_second_won_stage_is_refused_and_nothing_is_written(rules):
    with pytest.raises(StagesOutOfOrder):
        add(rules, "Won again", Milestone.WON)
    assert codes(rules) == ["new", "contacted", "qualified", "offer", "contract", "won"]


def test_a_rename_keeps_code_and_milestone_and_is_audited_once(rules):
    offer = rules.stages["offer"]
    for _again in range(2):
        rename_stage(stage=offer, name="Proposal", by=None, at=LONG_AGO)
    offer.refresh_from_db()
    assert (offer.name, offer.code, offer.milestone) == ("Proposal", "offer", Milestone.OFFER)
    (event,) = AuditEvent.objects.filter(action="stage.rename")
    assert event.changes == {"code": "offer", "from": "Offer", "to": "Proposal"}


def test_stages_of_one_milestone_change_places(rules):
    second = add(rules, "Second offer")
    move(second, up=True)
    assert codes(rules) == ["new", "contacted", "qualified", "second_offer", "offer", "contract", "won"]
    assert AuditEvent.objects.filter(action="stage.move").count() == 1


@pytest.mark.parametrize(("code", "up"), [("won", True), ("offer", True), ("offer", False), ("new", False)])
def test_a_stage_does_not_pass_one_of_another_milestone(rules, code, up):
    with pytest.raises(StagesOutOfOrder):
        move(rules.stages[code], up=up)
    assert codes(rules)[0] == "new"
    assert codes(rules)[-1] == "won"


def test_the_ends_stay(rules):
    for code, up in (("new", True), ("won", False)):
        with pytest.raises(StageIsAtTheEnd):
            move(rules.stages[code], up=up)


def test_an_archived_stage_comes_back_to_its_milestone(rules):
    offer = rules.stages["offer"]
    archive_stage(stage=offer, by=None, at=LONG_AGO)
    with pytest.raises(StageIsAtTheEnd):
        move(offer, up=True)
    for _again in range(2):
        restore_stage(stage=offer, by=None, at=LONG_AGO)
    assert codes(rules) == ["new", "contacted", "qualified", "offer", "contract", "won"]
    assert AuditEvent.objects.filter(action="stage.restore").count() == 1
