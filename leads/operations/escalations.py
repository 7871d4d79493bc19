"""Tell the head of a lead that stays overdue, once."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from crm.models import User
from crm.operations import audit
from crm.operations.events import record
from crm.queries.organisation import holidays_of, settings_at
from crm.rules.calendar import ago
from crm.rules.events import EventType
from crm.rules.roles import Role
from leads.models import Escalation, Lead
from leads.queries.overdue import DUE, overdue
from leads.rules.sla import Late

BATCH = 500  # leads a run and kind: what is left has time until the next
NEWS_FOR = timedelta(days=30)  # what is overdue for longer is no news; the counts of the head's day hold it


def escalate(*, at: datetime) -> int:
    """Write down and tell what has been overdue for the agreed time; return how much that was."""
    organisation = settings_at(at)
    zone, hours, holidays = organisation.time_zone, organisation.business_hours, holidays_of(organisation)
    since = ago(at, organisation.escalation_minutes, zone, hours, holidays)
    return sum(_escalate(kind, since, at=at) for kind in Late)


@transaction.atomic
def _escalate(kind: Late, since: datetime, *, at: datetime) -> int:
    """Take the leads for oneself, so that two runs at once tell nothing twice; the constraint holds it anyway."""
    told = Escalation.objects.filter(lead=OuterRef("pk"), kind=kind)
    late = Lead.objects.filter(overdue(kind=kind, at=since), **{f"{DUE[kind]}__gt": at - NEWS_FOR})
    held = late.filter(~Exists(told)).select_for_update(
        of=("self",), no_key=True, skip_locked=connection.features.has_select_for_update_skip_locked
    )
    leads = list(held.select_related("source", "owner").order_by(DUE[kind], "pk")[:BATCH])
    heads = _heads() if leads else {}
    for lead in leads:
        head = heads.get(lead.owner.team_id) if lead.owner else None
        Escalation.objects.create(lead=lead, kind=kind, at=at, told=head)
        changes = {"kind": kind.value, "told": head.pk if head else None}
        audit.record(action="lead.escalate", obj=lead, by=None, at=at, changes=changes)
        record(
            type=EventType.ESCALATED,
            lead=lead.code,
            source=lead.source.code,
            data={"kind": kind.value},
            occurred_at=at,
            at=at,
        )
    return len(leads)


def _heads() -> dict[int | None, User]:
    """Find who leads each team; of several the first. A lead of nobody is told to every head and named to none."""
    heads = User.objects.filter(role=Role.HEAD, is_active=True, team__isnull=False).order_by("-id")
    return {head.team_id: head for head in heads}
