"""Put the answers once given to the definition in force, and keep what they say: neither ever changes."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from insights.models import Restatement
from insights.queries.restating import MOST_AT_ONCE, acts_to_restate, restatements
from insights.queries.verdicts import definition_at
from insights.rules.slice import Slice

ACTS_AT_ONCE = 5_000


class TooManyToRestate(DomainError):
    """Restated numbers of more leads than can be judged anew while somebody waits."""

    def __init__(self) -> None:
        message = _("So many leads are judged anew in the background: open them on the board first.")
        super().__init__("too_many_to_restate", message, "definition")


def make_ready(*, slice: Slice, at: datetime) -> None:
    """Restate what a slice needs before it is read; raises TooManyToRestate when that would take too long."""
    if not slice.restated:
        return
    waiting = acts_to_restate(slice=slice, at=at)
    if waiting[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE:
        raise TooManyToRestate
    while restate_some(slice=slice, at=at):
        pass


@transaction.atomic
def restate_some(*, slice: Slice, at: datetime) -> int:
    """Restate some of the acts a slice needs; return how many, none when all are."""
    by = definition_at(slice=slice, at=at)
    acts = list(acts_to_restate(slice=slice, at=at).values_list("pk", flat=True)[:ACTS_AT_ONCE])
    if by is None or not acts:
        return 0
    # Somebody else may be restating the same; both write the same.
    Restatement.objects.bulk_create(restatements(acts=acts, by=by), batch_size=1_000, ignore_conflicts=True)
    return len(acts)
