"""Say that two leads are one request, or that they are not."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.operations.rows import Rows
from crm.rules.errors import DomainError
from leads.models import Lead, LeadLink
from leads.operations import states
from leads.operations.states import Held
from leads.queries.consistency import ties_of
from leads.rules.facts import LinkKind


class MergeWithItself(DomainError):
    """A lead as a duplicate of itself, directly or through its own duplicates."""

    def __init__(self) -> None:
        super().__init__("merge_with_itself", _("A lead cannot be a duplicate of itself."), "master")


class MergeAcrossFunnels(DomainError):
    """A duplicate in another funnel."""

    def __init__(self) -> None:
        super().__init__("merge_across_funnels", _("Leads of different funnels are not duplicates."), "master")


class MergeOfATest(DomainError):
    """A technical test as a duplicate, or as what is duplicated."""

    def __init__(self) -> None:
        super().__init__("merge_of_a_test", _("A test is not counted and cannot be merged."), "master")


class AlreadyMerged(DomainError):
    """A second merge of the same two leads."""

    def __init__(self) -> None:
        super().__init__("already_merged", _("This lead is a duplicate of that one already."), "master")


class NotMerged(DomainError):
    """Separating a lead that is no duplicate."""

    def __init__(self) -> None:
        super().__init__("not_merged", _("This lead is not a duplicate."))


@transaction.atomic
def merge(*, lead: Lead, master: Lead, by: User | None, at: datetime) -> LeadLink:
    """Say that a lead is a duplicate; the leads that duplicate it follow it to the one that is counted."""
    lead, master = _lock_both(lead, master)
    root = master if master.duplicate_of_id is None else states.lock(lead=Lead(pk=master.duplicate_of_id))
    if lead.pk in (master.pk, root.pk):
        raise MergeWithItself
    if lead.funnel_id != root.funnel_id:
        raise MergeAcrossFunnels
    if lead.is_test or root.is_test:
        raise MergeOfATest
    if lead.duplicate_of_id == root.pk:
        raise AlreadyMerged
    return _tie(lead, root, LinkKind.MERGE, by=by, at=at)


@transaction.atomic
def unmerge(*, lead: Lead, by: User | None, at: datetime) -> LeadLink:
    """Say that a lead is a request of its own after all; the leads that had followed it come back to it."""
    lead = states.lock(lead=lead)
    if lead.duplicate_of_id is None:
        raise NotMerged
    return _tie(lead, Lead.objects.get(pk=lead.duplicate_of_id), LinkKind.UNMERGE, by=by, at=at)


def _tie(lead: Lead, master: Lead, kind: LinkKind, *, by: User | None, at: datetime) -> LeadLink:
    held = Held(lead, rows=Rows())
    recorded_at = held.written_at(LeadLink, at=at)
    link = held.write(
        LeadLink(lead=lead, master=master, kind=kind, by=by, occurred_at=recorded_at, recorded_at=recorded_at)
    )
    held.rows.write()  # what ties a lead is read from the facts of several
    states.rewrite(lead=lead, values=ties_of([lead.pk])[lead.pk])
    for follower in _followers(lead):
        ties = ties_of([follower.pk])[follower.pk]
        if ties["duplicate_of_id"] != follower.duplicate_of_id:
            states.rewrite(lead=follower, values=ties)
    audit.record(action=f"lead.{kind}", obj=lead, by=by, at=at, changes={"link": link.pk, "master": master.code})
    return link


def _followers(lead: Lead) -> list[Lead]:
    """List the leads that are duplicates by way of this one."""
    found: dict[int, Lead] = {}
    waiting = [lead.pk]
    while waiting:
        tied = Lead.objects.select_for_update(of=("self",), no_key=True).filter(
            links__master__in=waiting, links__kind__in=(LinkKind.DUPLICATE, LinkKind.MERGE)
        )
        fresh = {follower.pk: follower for follower in tied.order_by("pk") if follower.pk not in found}
        fresh.pop(lead.pk, None)
        found.update(fresh)
        waiting = list(fresh)
    return list(found.values())


def _lock_both(first: Lead, second: Lead) -> tuple[Lead, Lead]:
    """Take two leads in one order, so that two people who merge them crosswise do not wait for each other."""
    locked = {pk: states.lock(lead=Lead(pk=pk)) for pk in sorted({first.pk, second.pk})}
    return locked[first.pk], locked[second.pk]
