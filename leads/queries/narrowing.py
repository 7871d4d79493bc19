"""What the list of leads may be narrowed by, one filter beside the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Exists, Model, OuterRef, Q

from crm.models import User
from crm.rules.permissions import Permission, is_granted
from funnels.models import Funnel, LossReason, Stage
from funnels.rules.moves import Outcome
from leads.models import Campaign, Lead, Segment, Source, TransitionReason
from leads.models.lead import LeadQuerySet
from leads.queries.listing import NOBODY, failed_by, meant_by
from leads.queries.overdue import overdue
from leads.queries.search import search
from leads.rules.facts import TransitionKind
from leads.rules.sla import Late

ME = "me"

Duplicates = Literal["", "shown", "only"]
DICTIONARIES: Mapping[str, type[Model]] = {
    "funnel": Funnel,
    "source": Source,
    "campaign": Campaign,
    "segment": Segment,
    "stage": Stage,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What the list is narrowed by; an empty text narrows nothing. Values are codes, of people and files the number.

    `point` is the normalised phone or e-mail that `q` is, if it is one.
    """

    funnel: str = ""
    source: str = ""
    campaign: str = ""
    segment: str = ""
    owner: str = ""
    stage: str = ""
    outcome: str = ""
    verdict: str = ""
    failed: str = ""
    reason: str = ""
    overdue: str = ""
    batch: str = ""
    duplicates: Duplicates = ""
    received_from: datetime | None = None
    received_before: datetime | None = None
    q: str = ""
    point: str = ""


def narrowed(*, actor: User, by: Narrowing, at: datetime) -> LeadQuerySet:
    """Select the leads a person may see, as far as they are asked for."""
    leads = LeadQuerySet(Lead).visible_to(actor)
    with_contacts = is_granted(actor.role, Permission.SEE_CONTACTS)
    if by.q and with_contacts:
        leads = leads.reached(actor, Permission.SEE_CONTACTS)  # finding somebody by phone tells whose it is
    leads = _by_words(_by_dictionaries(leads, by), by)
    if by.owner:
        leads = leads.filter(owner=_owner(by.owner, actor))
    if by.batch:
        leads = leads.filter(import_batch=int(by.batch))
    if by.failed:
        leads = failed_by(leads=leads, code=by.failed)
    if by.reason:
        leads = leads.filter(_lost_for(by.reason), outcome=Outcome.LOST)
    if by.overdue:
        leads = leads.filter(overdue(kind=Late(by.overdue), at=at))
    if by.received_from:
        leads = leads.filter(received_at__gte=by.received_from)
    if by.received_before:
        leads = leads.filter(received_at__lt=by.received_before)
    return search(leads=leads, text=by.q, point=by.point, with_contacts=with_contacts)


def _by_dictionaries(leads: LeadQuerySet, by: Narrowing) -> LeadQuerySet:
    """Narrow by ids, not by joined codes: an index on one id gives its leads in their order."""
    for column, model in DICTIONARIES.items():
        if code := getattr(by, column):
            ids = meant_by(code=code, among=model._default_manager.all())
            leads = leads.filter(**{column: ids[0]} if len(ids) == 1 else {f"{column}__in": ids})
    return leads


def _by_words(leads: LeadQuerySet, by: Narrowing) -> LeadQuerySet:
    asked: dict[str, Any] = {"outcome": by.outcome.upper(), "verdict": by.verdict.upper()}
    leads = leads.filter(**{name: word for name, word in asked.items() if word})
    return leads if by.duplicates == "shown" else leads.filter(duplicate_of__isnull=by.duplicates != "only")


def _owner(told: str, actor: User) -> int | None:
    if told == NOBODY:
        return None
    return actor.pk if told == ME else int(told)


def _lost_for(code: str) -> Q:
    """Ask for the reason of the loss that holds now: a lead may have been lost before, for another one."""
    reasons = list(LossReason.objects.filter(code=code).values_list("pk", flat=True))
    told = TransitionReason.objects.filter(
        loss_reason__in=reasons,
        transition__lead=OuterRef("pk"),
        transition__kind=TransitionKind.LOSE,
        transition__effective_at=OuterRef("outcome_at"),
    )
    return Q(Exists(told))
