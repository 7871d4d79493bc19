"""Give people leads of the queue, one lead to one person at a time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from crm.models import User
from leads.models import Claim, Lead
from leads.queries.queue import offered, upcoming

HELD_FOR = timedelta(minutes=5)
ASIDE_FOR = timedelta(minutes=30)
TRIES = 5
LOOKED_AT = 20  # how many leads are read at once: the first may be taken a moment before by somebody else


def take(*, by: User, at: datetime, besides: Collection[UUID] = ()) -> Lead | None:
    """Give a person the next lead of their queue that nobody else has at hand; None when there is none.

    `besides` names leads they have in front of them already. Whoever asks at the same moment gets another lead.
    """
    for _try in range(TRIES):
        found = upcoming(leads=offered(actor=by, at=at), at=at, besides=besides, size=LOOKED_AT)
        taken = next((lead for lead in found if _claim(lead, by=by, at=at)), None)
        if taken or not found:
            return taken
    return None


def hold(*, lead: Lead, by: User, at: datetime) -> Claim:
    """Keep a lead for a person who has it open, and say who has it: another person's claim stays theirs."""
    while not _claim(lead, by=by, at=at):
        if found := Claim.objects.select_related("by").filter(lead=lead, until_at__gt=at).first():
            return found
    return Claim(lead=lead, by=by, until_at=at + HELD_FOR)


def let_go(*, lead: Lead, by: User) -> None:
    """Give a lead back, as far as this person has it."""
    Claim.objects.filter(lead=lead, by=by).delete()


def set_aside(*, lead: Lead, by: User, at: datetime) -> None:
    """Give a lead back and do not offer it to this person again for a while; to others it is."""
    Claim.objects.filter(lead=lead).filter(_free_for(by, at=at)).update(
        by=by, until_at=at + ASIDE_FOR, is_set_aside=True
    )


def take_up_again(*, by: User) -> None:
    """Offer a person again what they have set aside."""
    Claim.objects.filter(by=by, is_set_aside=True).delete()


def _claim(lead: Lead, *, by: User, at: datetime) -> bool:
    """Take a lead unless somebody else has it; two who try at once wait for one another in the database."""
    mine = {"by": by, "until_at": at + HELD_FOR, "is_set_aside": False}
    if Claim.objects.filter(lead=lead).filter(_free_for(by, at=at)).update(**mine):
        return True
    try:
        with transaction.atomic():
            Claim.objects.create(lead=lead, **mine)
    except IntegrityError:
        return False
    return True


def _free_for(by: User, *, at: datetime) -> Q:
    return Q(by=by) | Q(until_at__lte=at) | Q(is_set_aside=True)
