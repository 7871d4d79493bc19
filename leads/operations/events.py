"""Tell other systems what happened to a lead, in the words of its transitions and judgements."""

from collections.abc import Mapping
from datetime import datetime

from crm.operations import events
from crm.operations.rows import Rows
from crm.rules.events import EventType
from leads.models import Assessment, Lead, Transition
from leads.rules.facts import TransitionKind

BY_KIND: Mapping[str, EventType] = {
    TransitionKind.ADVANCE: EventType.MOVED,
    TransitionKind.LOSE: EventType.LOST,
    TransitionKind.WIN: EventType.WON,
    TransitionKind.REOPEN: EventType.REOPENED,
}


def tell_received(*, lead: Lead, outcome: str, at: datetime, rows: Rows) -> None:
    """Tell that a lead has come in."""
    data = {"outcome": outcome, "channel": lead.channel, "funnel": lead.funnel.code, "is_test": lead.is_test}
    _tell(EventType.RECEIVED, lead, data, occurred_at=lead.received_at, at=at, rows=rows)


def tell_judged(*, lead: Lead, assessment: Assessment, failed: list[str], at: datetime, rows: Rows) -> None:
    """Tell what a lead was judged to be, and by which criteria it failed."""
    data = {
        "kind": assessment.kind,
        "verdict": assessment.verdict.lower(),
        "failed": failed,
        "channel": assessment.channel,
    }
    _tell(EventType.JUDGED, lead, data, occurred_at=assessment.occurred_at, at=at, rows=rows)


def tell_moved(*, lead: Lead, transition: Transition, reasons: list[str], at: datetime, rows: Rows) -> None:
    """Tell that a lead has moved, was lost, won or reopened."""
    data: dict[str, object] = {
        "from": transition.from_stage.code if transition.from_stage else None,
        "to": transition.to_stage.code,
        "channel": transition.channel,
    }
    if reasons:
        data["reasons"] = reasons
    _tell(BY_KIND[transition.kind], lead, data, occurred_at=transition.occurred_at, at=at, rows=rows)


def _tell(
    type: EventType, lead: Lead, data: Mapping[str, object], *, occurred_at: datetime, at: datetime, rows: Rows
) -> None:
    events.record(
        type=type,
        lead=lead.code,
        source=lead.source.code,
        data=data,
        occurred_at=occurred_at,
        at=at,
        rows=rows,
    )
