"""What is told to other systems about leads, and in what words."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class EventType(StrEnum):
    RECEIVED = "lead.received"
    JUDGED = "lead.judged"
    MOVED = "lead.moved"
    LOST = "lead.lost"
    WON = "lead.won"
    REOPENED = "lead.reopened"
    ESCALATED = "lead.escalated"


EVENT_LABELS = {
    EventType.RECEIVED: _("a lead has come in"),
    EventType.JUDGED: _("a lead was judged"),
    EventType.MOVED: _("a lead moved to another stage"),
    EventType.LOST: _("a lead was lost"),
    EventType.WON: _("a lead was won"),
    EventType.REOPENED: _("a closed lead was reopened"),
    EventType.ESCALATED: _("the head was told that a lead is overdue"),
}

TEST_TYPE = "webhook.test"
