"""Which moves may happen, and what a loss must say."""

import pytest

from funnels.rules.moves import (
    LeadAlreadyAtStage,
    LeadAlreadyClosed,
    LeadNotClosed,
    LostNeedsReason,
    Milestone,
    Outcome,
    Place,
    ReasonNeedsNote,
    ReasonNotOfThisStage,
    StageIsArchived,
    StageOfAnotherFunnel,
    WonIsNotAMove,
    check_advance,
    check_is_open,
    check_loss,
    check_reopen,
)

HERE = Place(funnel_id=1, position=2, milestone=Milestone.CONTACTED)
LISTED = {"price": False, "other": True}


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_lead_may_go_forward_skip_and_come_back(position):
    check_advance(outcome=Outcome.OPEN, here=HERE, to=Place(funnel_id=1, position=position, milestone=Milestone.OFFER))


@pytest.mark.parametrize(
    ("outcome", "to", "refusal"),
    [
        (Outcome.WON, Place(1, 3, Milestone.OFFER), LeadAlreadyClosed),
        (Outcome.LOST, Place(1, 3, Milestone.OFFER), LeadAlreadyClosed),
        (Outcome.OPEN, Place(2, 3, Milestone.OFFER), StageOfAnotherFunnel),
        (Outcome.OPEN, Place(1, 3, Milestone.OFFER, is_archived=True), StageIsArchived),
        (Outcome.OPEN, Place(1, 6, Milestone.WON), WonIsNotAMove),
        (Outcome.OPEN, HERE, LeadAlreadyAtStage),
    ],
)
def test_a_move_that_may_not_happen_is_refused(outcome, to, refusal):
    with pytest.raises(refusal):
        check_advance(outcome=outcome, here=HERE, to=to)


@pytest.mark.parametrize("outcome", [Outcome.WON, Outcome.LOST])
def test_a_closed_lead_is_reopened_before_anything_else(outcome):
    check_reopen(outcome=outcome)
    with pytest.raises(LeadAlreadyClosed):
        check_is_open(outcome=outcome)


def test_an_open_lead_is_not_reopened():
    check_is_open(outcome=Outcome.OPEN)
    with pytest.raises(LeadNotClosed):
        check_reopen(outcome=Outcome.OPEN)


@pytest.mark.parametrize(
    ("reasons", "note"), [(["price"], ""), (["price", "other"], "bought a rival"), (["other"], "moved abroad")]
)
def test_a_loss_with_reasons_of_the_stage_is_allowed(reasons, note):
    check_loss(outcome=Outcome.OPEN, reasons=reasons, listed=LISTED, note=note)


@pytest.mark.parametrize(
    ("outcome", "reasons", "note", "refusal"),
    [
        (Outcome.LOST, ["price"], "", LeadAlreadyClosed),
        (Outcome.OPEN, [], "because", LostNeedsReason),
        (Outcome.OPEN, ["weather"], "because", ReasonNotOfThisStage),
        (Outcome.OPEN, ["price", "weather"], "because", ReasonNotOfThisStage),
        (Outcome.OPEN, ["other"], "", ReasonNeedsNote),
        (Outcome.OPEN, ["price", "other"], " \n", ReasonNeedsNote),
    ],
)
def test_a_loss_that_does_not_say_why_is_refused(outcome, reasons, note, refusal):
    with pytest.raises(refusal) as caught:
        check_loss(outcome=outcome, reasons=reasons, listed=LISTED, note=note)
    assert caught.value.code
    assert str(caught.value)


def test_a_refusal_names_the_reason_at_fault():
    assert "weather" in str(ReasonNotOfThisStage(code="weather"))
