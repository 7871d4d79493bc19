"""Tags "non-target" that turned out wrong (A8 c): how often what sales said of a lead had to be corrected."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from funnels.rules.verdict import Verdict
from insights.queries.scope import counted
from insights.queries.states import of_age
from insights.queries.tallies import Days, Tally, tallied
from insights.rules.slice import GroupBy, Slice
from insights.rules.tally import Counted
from insights.rules.work import TagCount
from leads.models import Assessment
from leads.rules.facts import AssessmentKind

Tagged = tuple[str | None, TagCount]


def tag_cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Sequence[Tagged]:
    """Count the leads ever tagged non-target by group, and those of them whose tag was corrected to something else."""
    found: defaultdict[str | None, TagCount] = defaultdict(TagCount)
    for row in tallied(TAGS, slice=slice, at=at, by=by):
        (is_wrong,) = row.key
        found[row.group] += TagCount(tagged=row.n, overturned=row.n if is_wrong else 0)
    return list(found.items())


def _rows(slice: Slice, _at: datetime, group: Any, days: Days) -> Iterator[Counted]:
    leads = counted(slice=slice, days=days).filter(is_tagged(slice=slice))
    told = leads.annotate(group=group, is_wrong=Case(When(is_overturned(slice=slice), then=1), default=0))
    for of, is_wrong, count in told.order_by().values_list("group", "is_wrong").annotate(count=Count("pk")):
        yield Counted(of, (is_wrong,), count)


TAGS: Final = Tally("tags", _rows)


def is_tagged(*, slice: Slice) -> Q:
    """Tell whether a lead was ever tagged non-target, as known at the slice's instant and by its age."""
    return Q(Exists(_tags(slice)))


def is_overturned(*, slice: Slice) -> Q:
    """Tell whether such a tag was corrected since: a tag of the age, a correction known at the instant."""
    corrections = _known(slice).filter(kind=AssessmentKind.CORRECT, supersedes=OuterRef("pk"), is_retraction=False)
    return Q(Exists(_tags(slice).filter(Exists(corrections.exclude(verdict=Verdict.NON_TARGET)))))


def _tags(slice: Slice) -> QuerySet[Assessment]:
    """Select the acts that called the outer lead non-target; one undone a moment later was never made."""
    tags = _known(slice).filter(lead=OuterRef("pk"), verdict=Verdict.NON_TARGET, is_retraction=False)
    if slice.age is not None:
        tags = tags.filter(effective_at__lte=of_age(OuterRef("received_at"), slice.age))
    undone = _known(slice).filter(supersedes=OuterRef("pk"), is_retraction=True)
    return tags.exclude(kind=AssessmentKind.AUDIT).filter(~Exists(undone))


def _known(slice: Slice) -> QuerySet[Assessment]:
    acts = Assessment.objects.order_by()
    return acts if slice.as_of is None else acts.filter(recorded_at__lte=slice.as_of)
