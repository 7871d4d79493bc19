"""GET /api/v1/metrics/{code}: the same table as the page and the command, as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from msgspec import Meta
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.bodies import Told
from crm.api.described import described, query
from crm.api.endpoints import Endpoint
from crm.models import ApiKey
from crm.queries.snapshot import one_snapshot
from crm.rules.permissions import Permission
from insights.forms import metric_question
from insights.operations.restating import make_ready
from insights.queries.catalogue import UnknownMetric, metric_by_code
from insights.rules import slice as slices
from insights.rules.slice import Attribution, GroupBy


class BridgeOut(Told):
    """From received to counted."""

    received: int
    duplicate: int
    test: int
    valid: int


class DefinitionUsedOut(Told):
    """The definition of a target lead in force."""

    number: int
    effective_from: datetime


class MetricOut(Told):
    """An answer. The numbers of a row depend on the metric; `total` is always that of its leads by verdict."""

    metric: str
    as_of: datetime
    slice: Annotated[dict[str, str | list[str]], Meta(description="the whole question, as parameters")]
    compared_with: Annotated[
        dict[str, str | list[str]] | None, Meta(description="the other slice whose leads are counted beside these")
    ]
    group_by: GroupBy | None
    definition: DefinitionUsedOut | None
    mature: Annotated[bool, Meta(description="whether every lead had its full age")]
    bridge: BridgeOut
    names: Annotated[dict[str, str], Meta(description="words for the criteria")]
    rows: list[dict[str, Any]]
    total: dict[str, Any]


def _many(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, many=True)


PARAMETERS = [
    query("funnel", "code; may be left out when there is only one"),
    query("period", "all, or a number of weeks with the current one such as 12w; instead of from and to"),
    query("from", "first day of the cohort, included"),
    query("to", "last day of the cohort, included"),
    query("age", "days each lead is given, or none"),
    query("as_of", "count only what was known at this time; five minutes ago at the latest"),
    query("definition", "current: judge the leads anew by the definition in force; then: as they were judged"),
    query(
        "attribution",
        "by which visit a lead's source is told, last_non_direct_touch unless said; totals are the same by each",
        {"type": "string", "enum": [*Attribution]},
    ),
    _many("source", "codes; a key for some sources counts only these"),
    _many("campaign", "source code/campaign code; - for none"),
    _many("segment", "codes; - for none"),
    _many("owner", "people's ids; - for nobody"),
    query("group_by", "source, campaign, segment, owner or week"),
]


class MetricEndpoint(Endpoint):
    """One number of the catalogue, with the slice in the query string."""

    needs: ClassVar[Mapping[str, Permission]] = {"GET": Permission.VIEW_BOARD}
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"GET": slices.PARAMETERS | {"group_by"}}
    repeatable: ClassVar[frozenset[str]] = frozenset(slices.LISTS)

    @described("metric", tag="metrics", answers={200: MetricOut}, parameters=PARAMETERS)
    def get(self, request: Request, code: str) -> Response:
        """Answer; a parameter or value that does not exist is refused, so that a typo cannot change a figure."""
        at = timezone.now()
        try:
            metric = metric_by_code(code=code)
        except UnknownMetric as refusal:
            raise exceptions.NotFound(str(refusal)) from refusal
        within = tuple(self.actor.sources) if isinstance(self.actor, ApiKey) else ()
        question = metric_question(metric=metric, query=dict(request.query_params.lists()), at=at, within=within)
        make_ready(slice=question.slice, at=at)
        with one_snapshot():
            table = metric.query(slice=question.slice, at=at, by=question.by)
        return Response(table.to_json())
