"""Moves of a lead between stages: what is allowed, and with which reasons a lead may be lost."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


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
