"""Notes in the header strip: what spoils the numbers below, with its leads, where it is above its threshold."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from insights.queries.hygiene import flaw_counts
from insights.rules import hygiene
from insights.rules.hygiene import COVERAGE, DUPLICATES, HygieneCount
from insights.rules.pick import Kind, Pick
from insights.rules.pick_work import Flaw, WorkPick
from insights.rules.quality import CriterionCount
from insights.rules.slice import Slice
from insights.rules.table import Table
from insights.views.facts import Fact
from insights.views.links import leads_url

TOLD_ELSEWHERE = {Flaw.UNATTRIBUTED.value}  # the strip names leads without a source however few they are


def notes_of(*, by_criterion: Table[CriterionCount], may_confirm: bool) -> Sequence[Fact]:
    """List the flaws worth a word; names of sources to confirm only for those who may."""
    slice = by_criterion.slice
    counts = hygiene.hygiene(
        flaw_counts(slice=slice, at=by_criterion.as_of), [row.numbers for row in by_criterion.rows]
    )
    told = [count for count in counts if count.is_too_much and count.item not in TOLD_ELSEWHERE]
    return [
        Fact(_words(count, by_criterion.names), _url(count, slice), is_warning=True)
        for count in told
        if count.item != Flaw.ALIAS or may_confirm
    ]


def _url(count: HygieneCount, slice: Slice) -> str:
    if count.item == Flaw.ALIAS:
        return reverse("dictionaries:sources")
    if count.item == DUPLICATES:
        return leads_url(slice, Pick(kind=Kind.DUPLICATE))
    if count.criterion is not None:
        return leads_url(slice, Pick(assessed=count.criterion))
    return leads_url(slice, Pick(work=WorkPick(flaw=Flaw(count.item))))


def _words(count: HygieneCount, names: Mapping[str, str]) -> str:
    if count.item == COVERAGE and count.criterion is not None:
        words = _("“%(name)s”: %(count)s asked")
        return words % {"name": names[count.criterion], "count": formats.k_of_n(count.k, count.n)}
    words = {
        DUPLICATES: ngettext("%(count)s duplicate", "%(count)s duplicates", count.k),
        Flaw.WITHOUT_EVIDENCE: ngettext(
            "%(count)s non-target lead without the evidence asked for",
            "%(count)s non-target leads without the evidence asked for",
            count.k,
        ),
        Flaw.OTHER: ngettext("%(count)s non-target lead as “other”", "%(count)s non-target leads as “other”", count.k),
        Flaw.BACKDATED: ngettext(
            "%(count)s lead with a back-dated verdict", "%(count)s leads with a back-dated verdict", count.k
        ),
        Flaw.LATE: ngettext("%(count)s lead written down late", "%(count)s leads written down late", count.k),
        Flaw.WON_UNDECIDED: ngettext(
            "%(count)s lead won without a verdict", "%(count)s leads won without a verdict", count.k
        ),
        Flaw.WON_NON_TARGET: ngettext(
            "%(count)s lead won although non-target", "%(count)s leads won although non-target", count.k
        ),
        Flaw.ALIAS: ngettext(
            "%(count)s lead under a name that looks like another source",
            "%(count)s leads under a name that looks like another source",
            count.k,
        ),
    }[count.item]
    return words % {"count": formats.number(count.k)}
