"""A drill-down in words, and its pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.models import User
from crm.rules import formats
from crm.rules.permissions import Permission, Reach, reach
from funnels.rules.verdict import Verdict
from insights.queries.choices import choices
from insights.queries.words import failing_name, funnel_name
from insights.rules.period import Week
from insights.rules.pick import Kind, Pick, Timing
from insights.rules.slice import GroupBy, Slice
from insights.rules.words import age_words, period_words
from insights.views.drill_funnel import funnel_words
from insights.views.questions import filter_labels, filter_words
from insights.views.work_words import work_words


@dataclass(frozen=True, slots=True)
class Words:
    """The question of a list: what the leads are, and of which slice."""

    what: str
    where: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where in the list one is."""

    first: int
    last: int
    newer_url: str
    older_url: str


def drill_words(*, slice: Slice, pick: Pick) -> Words:
    """Repeat the question behind a number."""
    came = _("came %(period)s") % {"period": period_words(slice)}
    age = _("age %(age)s") % {"age": age_words(slice.age)}
    if pick.funnel is not None and pick.funnel.closed is not None:
        came, age = _("closed %(period)s") % {"period": period_words(slice)}, _("whenever they came")
    where = [
        came,
        age,
        _("funnel %(name)s") % {"name": funnel_name(slice=slice)},
        *filter_words(slice),
    ]
    if slice.restated:
        where.append(_("restated by the definition in force"))
    if pick.group is not None:
        where.append(_group_words(*pick.group))
    return Words(_what(slice, pick), where)


def pages(query: QueryDict, *, page: int, count: int, size: int) -> Pages:
    """Tell which of the leads are shown, and how to turn the page."""
    last = min(page * size, count)

    def url(number: int) -> str:
        changed = query.copy()
        changed["page"] = str(number)
        return f"?{changed.urlencode()}"

    return Pages(
        first=min((page - 1) * size + 1, count),
        last=last,
        newer_url=url(page - 1) if page > 1 else "",
        older_url=url(page + 1) if last < count else "",
    )


def own_part(*, slice: Slice, pick: Pick, actor: User) -> Slice | None:
    """Narrow a list to the leads of somebody who may open no others; nothing where it is narrow already."""
    own = replace(slice, owners=(str(actor.pk),))
    is_of_others = bool(slice.owners) and not set(own.owners) < set(slice.owners)
    is_by_owner = pick.group is not None and pick.group[0] is GroupBy.OWNER
    may_open_others = reach(actor.role, Permission.DRILL_DOWN) is not Reach.OWN
    return None if may_open_others or is_of_others or is_by_owner else own


def _what(slice: Slice, pick: Pick) -> str:
    if pick.kind is not Kind.VALID:
        return {
            Kind.RECEIVED: _("Everything received"),
            Kind.DUPLICATE: _("Duplicates"),
            Kind.TEST: _("Technical tests"),
        }[pick.kind]
    if pick.funnel is not None:
        return funnel_words(slice=slice, pick=pick.funnel)
    if pick.work:
        return work_words(pick.work)
    if pick.criterion is not None:
        words = _("Non-target only by “%(name)s”") if pick.sole else _("Non-target by “%(name)s”")
        return words % {"name": failing_name(slice=slice, code=pick.criterion)}
    if pick.assessed is not None:
        return _("Decided leads asked about “%(name)s”") % {"name": failing_name(slice=slice, code=pick.assessed)}
    if pick.in_time:
        return _("Not decided, in time")
    if pick.timing is not None:
        return {
            Timing.UNTOUCHED: _("Not decided, nobody has tried to reach them"),
            Timing.IN_SLA: _("Not decided, in time"),
            Timing.OVERDUE: _("Not decided, overdue"),
            Timing.NOT_RESTATED: _("Decided then, but not by the definition in force"),
        }[pick.timing]
    if pick.decided and pick.verdict is None:
        return _("Decided leads")
    names = {
        Verdict.TARGET: _("Target leads"),
        Verdict.NON_TARGET: _("Non-target leads"),
        Verdict.UNDECIDED: _("Leads not decided"),
    }
    return names[pick.verdict] if pick.verdict else _("Leads counted")


def _group_words(by: GroupBy, value: str) -> str:
    if by is GroupBy.WEEK:
        week = Week.parse(value)
        return _("week %(number)s, %(days)s") % {
            "number": week.number,
            "days": formats.day_range(week.first_on, week.last_on),
        }
    names = {choice.value: choice.label for choice in choices()[by.value]}
    return f"{filter_labels()[by.value].lower()}: {names.get(value, value)}"
