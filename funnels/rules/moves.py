"""Moves of a lead between stages: what is allowed, and with which reasons a lead may be lost."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError


class Milestone(StrEnum):
    """The meaning of a stage, the same in every funnel, however the stage is called."""

    NEW = "NEW"
    CONTACTED = "CONTACTED"
    QUALIFIED = "QUALIFIED"
    OFFER = "OFFER"
    CONTRACT = "CONTRACT"
    WON = "WON"


MILESTONE_LABELS = {
    Milestone.NEW: _("New"),
    Milestone.CONTACTED: _("Contacted"),
    Milestone.QUALIFIED: _("Qualified"),
    Milestone.OFFER: _("Offer"),
    Milestone.CONTRACT: _("Contract"),
    Milestone.WON: _("Won"),
}


class Outcome(StrEnum):
    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


OUTCOME_LABELS = {
    Outcome.OPEN: _("Open"),
    Outcome.WON: _("Won"),
    Outcome.LOST: _("Lost"),
}


class LeadAlreadyClosed(DomainError):
    """A move of a lead that is won or lost."""

    def __init__(self) -> None:
        super().__init__("lead_already_closed", _("This lead is already won or lost. Reopen it first."))


class LeadNotClosed(DomainError):
    """Reopening a lead that is open."""

    def __init__(self) -> None:
        super().__init__("lead_not_closed", _("This lead is open; there is nothing to reopen."))


class LeadAlreadyAtStage(DomainError):
    """A move to where the lead is."""

    def __init__(self) -> None:
        super().__init__("lead_already_at_stage", _("The lead is already at this stage."), "to")


class StageOfAnotherFunnel(DomainError):
    """A move to a stage of another funnel."""

    def __init__(self) -> None:
        super().__init__("stage_of_another_funnel", _("This stage belongs to another funnel."), "to")


class StageIsArchived(DomainError):
    """A move to a stage that is no longer in use."""

    def __init__(self) -> None:
        super().__init__("stage_archived", _("This stage is archived."), "to")


class WonIsNotAMove(DomainError):
    """A plain move to the last stage, which would win the lead in silence."""

    def __init__(self) -> None:
        super().__init__("won_is_not_a_move", _("Mark the lead as won instead of moving it to the last stage."), "to")


class LostNeedsReason(DomainError):
    """A loss with no reason."""

    def __init__(self) -> None:
        super().__init__("lost_needs_reason", _("Say why the lead is lost: choose at least one reason."), "reasons")


class ReasonNotOfThisStage(DomainError):
    """A loss with a reason that is not listed at the lead's stage."""

    def __init__(self, *, code: str) -> None:
        message = format_lazy(_("The reason “{code}” is not one of this stage."), code=code)
        super().__init__("reason_not_of_this_stage", message, "reasons")
        self.reason = code


class ReasonNeedsNote(DomainError):
    """A loss with a reason that says too little by itself."""

    def __init__(self, *, code: str, name: str) -> None:
        message = format_lazy(_("The reason “{name}” needs a note."), name=name)
        super().__init__("reason_needs_note", message, "note")
        self.reason = code


class StagesOutOfOrder(DomainError):
    """Stages whose meanings run backwards, or a funnel that does not end with one won stage."""

    def __init__(self) -> None:
        super().__init__(
            "stages_out_of_order",
            _("Stages go from new to won: none stands before one of an earlier milestone, won is last."),
            "milestone",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """What a move needs to know of a stage."""

    funnel_id: int
    position: int
    milestone: Milestone
    is_archived: bool = False


def check_order(*, milestones: Sequence[Milestone]) -> None:
    """Refuse an order in which reaching a later stage would mean less than reaching an earlier one."""
    ranks = [list(Milestone).index(milestone) for milestone in milestones]
    if ranks != sorted(ranks) or milestones.count(Milestone.WON) > 1:
        raise StagesOutOfOrder


def place_for(*, milestone: Milestone, milestones: Sequence[Milestone]) -> int:
    """Find where a stage belongs: after the last of its milestone or of an earlier one."""
    rank = list(Milestone).index(milestone)
    return sum(list(Milestone).index(other) <= rank for other in milestones)


def check_advance(*, outcome: Outcome, here: Place, to: Place) -> None:
    """Refuse a move between stages that may not happen.

    Any open stage may be skipped or returned to: conversions count the furthest milestone, so there is nothing to
    gain by moving a lead back and forth.
    """
    check_is_open(outcome=outcome)
    if to.funnel_id != here.funnel_id:
        raise StageOfAnotherFunnel
    if to.is_archived:
        raise StageIsArchived
    if to.milestone == Milestone.WON:
        raise WonIsNotAMove
    if to.position == here.position:
        raise LeadAlreadyAtStage


def check_is_open(*, outcome: Outcome) -> None:
    """Refuse to move, lose or win a lead that is closed."""
    if outcome != Outcome.OPEN:
        raise LeadAlreadyClosed


def check_reopen(*, outcome: Outcome) -> None:
    """Refuse to reopen a lead that is open."""
    if outcome == Outcome.OPEN:
        raise LeadNotClosed


def check_loss(
    *,
    outcome: Outcome,
    reasons: Collection[str],
    listed: Mapping[str, bool],
    note: str,
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Refuse a loss that does not say why.

    `listed` maps the code of every reason in use at the lead's stage to whether it needs a note, `names` to what people
    call it.
    """
    check_is_open(outcome=outcome)
    if not reasons:
        raise LostNeedsReason
    for code in reasons:
        if code not in listed:
            raise ReasonNotOfThisStage(code=code)
    for code in reasons:
        if listed[code] and not note.strip():
            raise ReasonNeedsNote(code=code, name=names.get(code, code))
