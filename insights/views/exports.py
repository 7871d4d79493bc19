"""A table of the board as a file; its numbers are counts, never people."""

import csv
from datetime import datetime
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.rules import formats
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import require
from insights import exports
from insights.forms import metric_question
from insights.operations import restating
from insights.queries.catalogue import Metric, UnknownMetric, metric_by_code
from insights.queries.words import funnel_name
from insights.rules.table import Table
from insights.rules.words import age_words, period_words
from insights.views.meanings import meanings
from insights.views.questions import definition_words, filter_words
from insights.views.refusals import refused
from insights.views.shift import group_heading

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@require(Permission.VIEW_BOARD)
def export(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Hand out a table: as CSV its numbers, as a workbook also the question and what the numbers mean."""
    at = timezone.now()
    try:
        metric = metric_by_code(code=code)
        question = metric_question(metric=metric, query=dict(request.GET.lists()), at=at)
        restating.make_ready(slice=question.slice, at=at)
        table = metric.query(slice=question.slice, at=at, by=question.by)
    except UnknownMetric as refusal:
        return refused(request, refusal, status=404)
    except DomainError as refusal:
        return refused(request, refusal)
    response = HttpResponse(content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="razbor-{code}-{at:%Y-%m-%d}.{kind}"'
    if kind == "csv":
        response.write("\ufeff")  # without it spreadsheets take UTF-8 for the system's code page
        csv.writer(response).writerows(table.to_csv())
        return response
    file = BytesIO()
    heading = group_heading(table.group_by).capitalize() if table.group_by else ""
    exports.to_xlsx(table=table, heading=heading, about=about(metric, table, at=at), into=file)
    response.write(file.getvalue())
    return response


def about(metric: Metric, table: Table[Any], *, at: datetime) -> list[tuple[str, str]]:
    """Put a question into words, line by line: what is counted, of which leads, as known when, and what it means."""
    slice, bridge = table.slice, table.bridge
    counted = _("received %(received)s = counted %(valid)s + duplicates %(duplicate)s + tests %(test)s")
    lines = [
        (_("Question"), str(metric.title)),
        (_("Leads that came"), period_words(slice)),
        (_("Age"), age_words(slice.age)),
        (_("Funnel"), funnel_name(slice=slice)),
        (_("Filters"), "; ".join(filter_words(slice)) or _("none")),
    ]
    if table.group_by is not None:
        lines.append((_("Laid out by"), group_heading(table.group_by)))
    if table.compared_with is not None:
        lines.append((_("Compared with"), period_words(table.compared_with)))
    when = localtime(table.as_of)
    lines += [
        (_("Definition of a target lead"), definition_words(table)),
        (_("Verdicts"), _("restated by this definition") if slice.restated else _("as judged then")),
        (_("Data as of"), f"{formats.day(when.date(), with_year=True)}, {when:%H:%M}"),
        (_("Counted"), counted % {name: formats.number(value) for name, value in bridge.to_json().items()}),
        (_("Ripe"), _("yes") if table.is_mature else _("no: some leads have not had their full age yet")),
    ]
    return [*lines, *((str(found.name), f"{found.words} {found.formula}") for found in meanings([metric.code]))]
