"""Keep what a Lead row repeats in step with the facts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from crm.operations.rows import Rows
from crm.rules.errors import DomainError
from leads.models import Assessment, Lead, LeadLink, OwnerChange, Sale, Touch, Transition
from leads.queries.derived import DERIVED

CARRIED = ("funnel", "source", "stage")  # what the caller has read beside the lead, and most operations ask for
TICK = timedelta(microseconds=1)

F = TypeVar("F", Assessment, LeadLink, OwnerChange, Sale, Touch, Transition)


def lock(*, lead: Lead) -> Lead:
    """Take a lead for oneself until the transaction ends, and read it as it is now.

    Whoever acts upon the lead at the same moment waits, and then sees what was done. Nothing is joined here: after
    waiting PostgreSQL looks at the new row and the old joined ones, and a lead that has changed its stage is not found.
    """
    held = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    for name in CARRIED:
        known = lead._state.fields_cache.get(name)
        if known is not None and known.pk == getattr(held, f"{name}_id"):
            setattr(held, name, known)
    return held


def rewrite(*, lead: Lead, values: Mapping[str, object], rows: Rows | None = None) -> None:
    """Write what the facts say on the Lead row; one that waits among `rows` is changed in place."""
    _set(lead, values)
    if rows is not None and rows.is_waiting(lead):
        return
    lead.save(update_fields=[*(name.removesuffix("_id") for name in values), "version"])


def _set(lead: Lead, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(lead, name, value)
    lead.version += 1


class LeadHasChanged(DomainError):
    """A change of what somebody else has changed meanwhile."""

    def __init__(self) -> None:
        super().__init__("lead_has_changed", _("This lead has changed since you read it: look again, then decide."))


def check_version(*, lead: Lead, expected: int | None) -> None:
    """Refuse to act upon a lead that is no longer as it was read; None says that it does not matter."""
    if expected is not None and lead.version != expected:
        raise LeadHasChanged


class Held:
    """A lead held until the transaction ends, with its facts: read once under the hold, then added to.

    What is written waits among `rows`. A lead that is only watched is not locked: its row waits with the others and is
    changed if it still has the version that was read.
    """

    def __init__(self, lead: Lead, *, rows: Rows, is_new: bool = False, is_watched: bool = False) -> None:
        self.lead = lead
        self.rows = rows
        self.is_new = is_new
        self._is_watched = is_watched
        self._facts: dict[type[Any], list[Any]] = {}

    def facts(self, kind: type[F]) -> list[F]:
        """List the facts of a kind; second opinions about a lead that is not judged yet are left out."""
        if kind not in self._facts:
            has_none = self.is_new or (kind is Assessment and self.lead.verdict_at is None)
            self._facts[kind] = [] if has_none else list(kind._default_manager.filter(lead=self.lead))
        return self._facts[kind]

    def written_at(self, kind: type[F], *, at: datetime) -> datetime:
        """Tell the time to write on the next fact of a kind: now, but always after the one it follows.

        Servers' clocks disagree and step back; a correction written "before" what it corrects would vanish. What is
        told of a new lead is written at one moment, and its ids tell the order.
        """
        tick = timedelta(0) if self.is_new else TICK
        return max(at, self.lead.recorded_at, *(fact.recorded_at + tick for fact in self.facts(kind)))

    def write(self, fact: F) -> F:
        """Add a fact; the Lead row follows with `settle`."""
        self.facts(type(fact)).append(self.rows.name(fact))
        return fact

    def settle(self, kind: type[F]) -> None:
        """Derive from the facts of a kind what the Lead row repeats of them, and write it."""
        values: Mapping[str, object] = DERIVED[kind](self.facts(kind))
        if self._is_watched:
            _set(self.lead, values)
            self.rows.change(self.lead, (*values, "version"))
        else:
            rewrite(lead=self.lead, values=values, rows=self.rows)
