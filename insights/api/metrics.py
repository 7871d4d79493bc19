"""GET /api/v1/metrics/{code}: the same table as the page and the command, as JSON."""

from datetime import datetime

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from insights.forms import metric_question
from insights.queries.catalogue import UnknownMetric, metric_by_code
from insights.rules.slice import GroupBy


class MayViewBoard(BasePermission):
    """Whoever may see the board may read its numbers."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask the table of grants."""
        return isinstance(request.user, User) and is_granted(request.user.role, Permission.VIEW_BOARD)


class BridgeSerializer(serializers.Serializer[dict[str, int]]):
    """From received to counted."""

    received = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    test = serializers.IntegerField()
    valid = serializers.IntegerField()


class DefinitionUsedSerializer(serializers.Serializer[dict[str, object]]):
    """The definition of a target lead in force."""

    number = serializers.IntegerField()
    effective_from = serializers.DateTimeField()


class MetricSerializer(serializers.Serializer[dict[str, object]]):
    """An answer. The numbers of a row depend on the metric; `total` is always that of its leads by verdict."""

    metric = serializers.CharField()
    as_of = serializers.DateTimeField()
    slice = serializers.DictField(help_text="the whole question, as parameters")
    group_by = serializers.ChoiceField(choices=[by.value for by in GroupBy], allow_null=True)
    definition = DefinitionUsedSerializer(allow_null=True)
    mature = serializers.BooleanField(help_text="whether every lead had its full age")
    bridge = BridgeSerializer()
    names = serializers.DictField(child=serializers.CharField(), help_text="words for the criteria")
    rows = serializers.ListField(child=serializers.DictField())
    total = serializers.DictField()


def _parameter(name: str, description: str, *, many: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, many=many)


PARAMETERS = [
    _parameter("funnel", "code; may be left out when there is only one"),
    _parameter("period", "all, or a number of weeks with the current one such as 12w; instead of from and to"),
    _parameter("from", "first day of the cohort, included"),
    _parameter("to", "last day of the cohort, included"),
    _parameter("age", "days each lead is given, or none"),
    _parameter("as_of", "count only what was known at this time; five minutes ago at the latest"),
    _parameter("source", "codes", many=True),
    _parameter("campaign", "source code/campaign code; - for none", many=True),
    _parameter("segment", "codes; - for none", many=True),
    _parameter("owner", "people's ids; - for nobody", many=True),
    _parameter("group_by", "source, campaign, segment, owner or week"),
]


class MetricView(APIView):
    """One number of the catalogue, with the slice in the query string."""

    permission_classes = [IsAuthenticated, MayViewBoard]

    @extend_schema(operation_id="metric", parameters=PARAMETERS, responses=MetricSerializer, tags=["metrics"])
    def get(self, request: Request, code: str) -> Response:
        """Answer; a parameter or value that does not exist is refused, so that a typo cannot change a figure."""
        return Response(_answer(code, dict(request.query_params.lists()), at=timezone.now()))


def _answer(code: str, query: dict[str, list[str]], *, at: datetime) -> dict[str, object]:
    try:
        metric = metric_by_code(code=code)
        question = metric_question(metric=metric, query=query, at=at)
        return metric.query(slice=question.slice, at=at, by=question.by).to_json()
    except UnknownMetric as refusal:
        raise exceptions.NotFound(str(refusal)) from refusal
    except DomainError as refusal:
        detail = exceptions.ErrorDetail(str(refusal), code=refusal.code)
        raise exceptions.ValidationError({refusal.field or "non_field_errors": [detail]}) from refusal
