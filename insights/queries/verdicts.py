"""What an act of judging says: as it was judged, or as its answers say under the definition in force."""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from crm.queries.snapshot import once
from funnels.models import Definition, Funnel
from funnels.queries import NoDefinition, current_definition, definitions_agreed
from funnels.rules.verdict import Verdict
from insights.models import Restatement
from insights.queries.scope import funnel_of
from insights.rules.slice import Slice
from leads.models import Assessment

DECIDED = Q(verdict__in=(Verdict.TARGET, Verdict.NON_TARGET))
SAYS_NOTHING = f"{Verdict.UNDECIDED}:0:0"
"""What an act says under a definition to which its answers were not yet put."""


def definition_at(*, slice: Slice, at: datetime) -> Definition | None:
    """Find the definition in force at the slice's instant, if there is one."""
    return once(_definition, funnel=funnel_of(slice=slice), at=slice.as_of or at)


def has_another_definition(*, slice: Slice) -> bool:
    """Tell whether leads of the funnel may have been judged by more than one definition."""
    return len(once(definitions_agreed, funnel_id=funnel_of(slice=slice).pk)) > 1


def restated_by(*, slice: Slice, at: datetime | None) -> int | None:
    """Find the definition by which acts are restated; nothing where they stand as they were judged.

    Where nothing was ever agreed on there is no act either, so 0 is as good as any.
    """
    if not slice.restated:
        return None
    instant = slice.as_of or at
    if instant is None:
        raise ValueError("what is in force now is asked without saying when that is")
    found = definition_at(slice=slice, at=instant)
    return found.pk if found else 0


def packed() -> Concat:
    """Write verdict and masks as one text, so that the assessment in force is looked up once a lead and not thrice."""
    masks: list[Any] = []
    for name in ("fail_mask", "assessed_mask"):
        masks += [Value(":"), Cast(name, CharField())]
    return Concat(F("verdict"), *masks, output_field=CharField())


def with_own(text: Any) -> Concat:
    """Add to such a text the verdict that was given then: it tells what was decided and is no more."""
    return Concat(text, Value(":"), F("verdict"), output_field=CharField())


def packed_act(*, by: int | None) -> Concat:
    """Write, of an act, verdict and masks as one text; restated by a definition, also the verdict given then."""
    if by is None:
        return packed()
    told = Restatement.objects.filter(assessment=OuterRef("pk"), definition=by).values(packed=packed())
    restated = Coalesce(Subquery(told[:1]), Value(SAYS_NOTHING), output_field=CharField())
    return with_own(Case(When(definition=by, then=packed()), default=restated, output_field=CharField()))


def says(condition: Q, *, by: int | None) -> Q:
    """Tell whether the act `state_id` of a lead satisfies a condition on `verdict`, `fail_mask` or `assessed_mask`."""
    own = Assessment.objects.filter(condition, pk=OuterRef("state_id"))
    if by is None:
        return Q(Exists(own))
    told = Restatement.objects.filter(condition, assessment=OuterRef("state_id"), definition=by)
    return Q(Exists(own.filter(definition=by))) | Q(Exists(told))


def _definition(*, funnel: Funnel, at: datetime) -> Definition | None:
    try:
        return current_definition(funnel=funnel, at=at)
    except NoDefinition:
        return None
