"""What happened to leads, in the order in which it became known."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from crm.models import Actor, ApiKey, Event
from crm.rules.permissions import NotAllowed, Permission, Reach


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some events; whoever asks for those after `next` goes on without missing one."""

    events: Sequence[Event]
    next: int
    has_more: bool


def feed(*, after: int, limit: int, actor: Actor) -> FeedPage:
    """List what happened after a number, of the leads this person or key may read."""
    found = list(_told_to(actor).filter(number__gt=after).order_by("number")[: limit + 1])
    events = found[:limit]
    return FeedPage(events, (events[-1].number if events else None) or after, len(found) > limit)


def _told_to(actor: Actor) -> QuerySet[Event]:
    """Keep the events of leads that an actor may read as a whole: all of them, or those of a key's sources."""
    reach = actor.reach(Permission.READ_LEADS)
    if isinstance(actor, ApiKey) and reach is Reach.SOURCES:
        return Event.objects.filter(source__in=actor.sources)
    if reach not in (Reach.ALL, Reach.MASKED):  # whoever reads their own leads alone: events do not say whose they are
        raise NotAllowed
    return Event.objects.all()
