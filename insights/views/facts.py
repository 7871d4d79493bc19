"""What one must know before reading the numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from insights.rules.contrast import Contrast
from insights.rules.hygiene import WORTH_A_WORD
from insights.rules.pick import Pick
from insights.rules.pick_work import Flaw
from insights.rules.quality import Quality
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table
from insights.views.links import leads_url
from leads.models.source import UNDEFINED_SOURCE


@dataclass(frozen=True, slots=True)
class Fact:
    """A remark, and where to look."""

    words: str
    url: str = ""
    is_warning: bool = False


def facts_of(*, weekly: Table[Quality], by_source: Table[Contrast], url_of: Callable[[Slice], str]) -> Sequence[Fact]:
    """List how ripe the cohorts are, and what the numbers suffer from; `url_of` asks of another slice."""
    found = [_maturity(weekly), _without_source(by_source), _hidden_by_age(weekly, url_of)]
    return [fact for fact in found if fact is not None]


def _maturity(weekly: Table[Quality]) -> Fact:
    ripe = sum(row.is_mature for row in weekly.rows)
    words = ngettext("%(ripe)s of %(count)s week is ripe", "%(ripe)s of %(count)s weeks are ripe", len(weekly.rows))
    return Fact(words % {"ripe": ripe, "count": len(weekly.rows)})


def _without_source(by_source: Table[Contrast]) -> Fact | None:
    rows = [row for row in by_source.rows if row.key.value == UNDEFINED_SOURCE and row.numbers.criterion is None]
    if not rows or not rows[0].numbers.n:
        return None
    count = rows[0].numbers.n
    words = ngettext("%(count)s lead without a source", "%(count)s leads without a source", count)
    url = leads_url(by_source.slice, Pick(group=(GroupBy.SOURCE, UNDEFINED_SOURCE)))
    is_too_much = count > WORTH_A_WORD[Flaw.UNATTRIBUTED] * by_source.total.n
    return Fact(words % {"count": formats.number(count)}, url, is_warning=is_too_much)


def _hidden_by_age(weekly: Table[Quality], url_of: Callable[[Slice], str]) -> Fact | None:
    """Warn when an age limit leaves no verdict at all: so it is after an import, whose tags carry no dates."""
    if weekly.slice.age is None or not weekly.total.n or weekly.total.decided:
        return None
    words = _("No lead has a verdict at this age. Imported tags have no dates: look at them without an age limit.")
    return Fact(words, url_of(replace(weekly.slice, age=None)), is_warning=True)
