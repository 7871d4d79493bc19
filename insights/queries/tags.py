"""Tags "non-target" that turned out wrong (A8 c): how often what sales said of a lead had to be corrected."""

from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from funnels.rules.verdict import Verdict
from insights.queries.scope import counted
from insights.queries.states import group_label, group_of, of_age
from insights.rules.slice import GroupBy, Slice
from insights.rules.work import TagCount
from leads.models import Assessment
from leads.rules.facts import AssessmentKind

Tagged = tuple[str | None, TagCount]


def tag_cells(*, slice: Slice, by: GroupBy | None = None) -> Sequence[Tagged]:
    """Count the leads ever tagged non-target by group, and those of them whose tag was corrected to something else."""
    leads = counted(slice=slice).filter(is_tagged(slice=slice)).annotate(group=group_of(slice=slice, by=by))
    rows = (
        leads.order_by()
        .values_list("group")
        .annotate(tagged=Count("pk"), bad=Count("pk", filter=is_overturned(slice=slice)))
    )
    return [(group_label(by=by, group=group), TagCount(tagged=n, overturned=k)) for group, n, k in rows]


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
