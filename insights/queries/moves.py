"""What became of a lead, as known at an instant."""

from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from funnels.rules.moves import Outcome
from insights.rules.slice import Slice
from leads.models import Transition
from leads.queries.derived import CLOSING


def outcome_of(*, slice: Slice) -> Any:
    """Tell whether a lead is open, won or lost now, or was at the slice's instant; one that never moved is open."""
    if slice.as_of is None:
        return F("outcome")
    closing = [When(kind=kind, then=Value(outcome.value)) for kind, outcome in CLOSING.items()]
    became = Case(*closing, default=Value(Outcome.OPEN.value), output_field=CharField())
    moves = Transition.objects.filter(lead=OuterRef("pk"), recorded_at__lte=slice.as_of)
    last = moves.order_by("-effective_at", "-recorded_at", "-id").values(became=became)[:1]
    return Coalesce(Subquery(last), Value(Outcome.OPEN.value))
