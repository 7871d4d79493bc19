"""Leads as programs ask for them: filters by code, each value known or refused."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import Actor, User
from crm.rules.errors import DomainError
from funnels.models import Criterion, Funnel, Stage
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Campaign, Lead, Segment, Source
from leads.models.lead import LeadQuerySet

NOBODY = "-"  # as on the board

Filters = Mapping[str, str]
Narrow = Callable[[LeadQuerySet, str], LeadQuerySet]


class UnknownFilterValue(DomainError):
    """A filter for what does not exist: answered with no leads it would look like a figure."""

    def __init__(self, *, name: str, value: str) -> None:
        message = format_lazy(_("“{value}” is not a value of “{name}”."), name=name, value=value[:100])
        super().__init__("unknown_value", message, name)


def listed(*, actor: Actor, by: Filters) -> LeadQuerySet:
    """Select the leads an actor may read, narrowed by codes; every name of `by` is one of `FILTERS`."""
    leads = LeadQuerySet(Lead).visible_to(actor)
    for name, value in by.items():
        leads = FILTERS[name](leads, value)
    return leads


def meant_by(*, code: str, among: QuerySet[Any]) -> list[int]:
    """Find what a code means now: leads of a name that was joined to another one are asked for under that one."""
    is_joined = among.model in (Source, Campaign, Segment)
    keys = Coalesce("merged_into", "pk") if is_joined else F("pk")
    return sorted(set(among.filter(code=code).order_by().values_list(keys, flat=True)))


def _by_code(name: str, known: QuerySet[Any], column: str) -> Narrow:
    def narrow(leads: LeadQuerySet, value: str) -> LeadQuerySet:
        ids = meant_by(code=value, among=known)
        if not ids:
            raise UnknownFilterValue(name=name, value=value)
        return leads.filter(**{f"{column}__in": ids})

    return narrow


def _by_word(name: str, words: type[Outcome] | type[Verdict]) -> Narrow:
    known = {word.lower(): word for word in words}

    def narrow(leads: LeadQuerySet, value: str) -> LeadQuerySet:
        if value not in known:
            raise UnknownFilterValue(name=name, value=value)
        return leads.filter(**{name: known[value]})

    return narrow


def _by_day(name: str, lookup: str) -> Narrow:
    def narrow(leads: LeadQuerySet, value: str) -> LeadQuerySet:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise UnknownFilterValue(name=name, value=value) from None
        return leads.filter(**{lookup: day})

    return narrow


def _owned(leads: LeadQuerySet, value: str) -> LeadQuerySet:
    if value == NOBODY:
        return leads.filter(owner=None)
    if not value.isascii() or not value.isdecimal() or not User.objects.filter(pk=int(value[:18])).exists():
        raise UnknownFilterValue(name="owner", value=value)
    return leads.filter(owner=int(value))


def failed_by(*, leads: LeadQuerySet, code: str) -> LeadQuerySet:
    """Keep the leads non-target by a criterion; funnels may share its code under other bits."""
    criteria = list(Criterion.objects.filter(code=code).values_list("funnel", "bit"))
    if not criteria:
        raise UnknownFilterValue(name="failed", value=code)
    failed = Q()
    for funnel, bit in criteria:
        failed |= Q(GreaterThan(F("fail_mask").bitand(1 << bit), 0), funnel=funnel)
    return leads.filter(failed, verdict=Verdict.NON_TARGET)


def _failed(leads: LeadQuerySet, value: str) -> LeadQuerySet:
    return failed_by(leads=leads, code=value)


def _objects(model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.all()


FILTERS: Mapping[str, Narrow] = {
    "funnel": _by_code("funnel", _objects(Funnel), "funnel"),
    "source": _by_code("source", _objects(Source), "source"),
    "campaign": _by_code("campaign", _objects(Campaign), "campaign"),
    "segment": _by_code("segment", _objects(Segment), "segment"),
    "stage": _by_code("stage", _objects(Stage), "stage"),
    "outcome": _by_word("outcome", Outcome),
    "verdict": _by_word("verdict", Verdict),
    "failed": _failed,
    "owner": _owned,
    "from": _by_day("from", "cohort_day__gte"),
    "to": _by_day("to", "cohort_day__lte"),
}
