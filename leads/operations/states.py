"""Keep what a Lead row repeats in step with the facts."""

from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from leads.models import Lead
from leads.queries.consistency import Part


def lock(*, lead: Lead) -> Lead:
    """Take a lead for oneself until the transaction ends, and read it as it is now.

    Whoever acts upon the lead at the same moment waits, and then sees what was done. Nothing is joined here: after
    waiting PostgreSQL looks at the new row and the old joined ones, and a lead that has changed its stage is not found.
    """
    return Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)


def written_at(*, lead: Lead, facts: QuerySet[Any], at: datetime) -> datetime:
    """Tell the time to write on the next fact of a kind: now, but never before the one it follows.

    Servers' clocks disagree and step back; a correction written "before" what it corrects would vanish.
    """
    latest: datetime | None = facts.aggregate(latest=Max("recorded_at"))["latest"]
    return max(at, lead.recorded_at, latest or at)


def settle(*, lead: Lead, part: Part) -> None:
    """Derive one part of a Lead row from the facts and write it."""
    values = part([lead.pk])[lead.pk]
    for name, value in values.items():
        setattr(lead, name, value)
    lead.version += 1
    lead.save(update_fields=[*(name.removesuffix("_id") for name in values), "version"])
