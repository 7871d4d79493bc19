"""Tables of the board as files; their numbers are counts, never people."""

import csv
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules import formats
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import require
from insights import exports
from insights.forms import board_slice, group_by, metric_question
from insights.operations import restating
from insights.queries.catalogue import Metric, UnknownMetric, metric_by_code
from insights.queries.words import funnel_name
from insights.rules.table import Table
from insights.rules.words import age_words, period_words
from insights.views.meanings import meanings
from insights.views.pages import PAGES, Asking, tables_of
from insights.views.questions import definition_words, filter_words, moment_words
from insights.views.refusals import refused
from insights.views.shift import group_heading

Counted = tuple[Metric, Table[Any]]
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
        with one_snapshot():
            table = metric.query(slice=question.slice, at=at, by=question.by)
    except UnknownMetric as refusal:
        return refused(request, refusal, status=404)
    except DomainError as refusal:
        return refused(request, refusal)
    response = _file(code, kind, at)
    if kind == "csv":
        response.write("\ufeff")  # without it spreadsheets take UTF-8 for the system's code page
        csv.writer(response).writerows(table.to_csv())
        return response
    return _workbook(response, str(metric.title), [(metric, table)])


@require_safe
@require(Permission.VIEW_BOARD)
def workbook(request: HttpRequest, code: str) -> HttpResponse:
    """Hand out all tables of a panel as one workbook, laid out as its page is."""
    if code not in PAGES:
        raise Http404
    at, page = timezone.now(), PAGES[code]
    query = dict(request.GET.lists())
    try:
        by = group_by(query.pop("group_by", ()), groups=page.groups)
        slice = board_slice(query=query, at=at)
        restating.make_ready(slice=slice, at=at)
        with one_snapshot():
            asking = Asking(slice=slice, by=by, at=at, organisation=settings_at(at), page=code)
            return _workbook(_file(code, "xlsx", at), str(page.question), tables_of(page, asking))
    except DomainError as refusal:
        return refused(request, refusal)


def _file(name: str, kind: str, at: datetime) -> HttpResponse:
    response = HttpResponse(content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="razbor-{name}-{at:%Y-%m-%d}.{kind}"'
    return response


def _workbook(response: HttpResponse, question: str, tables: Sequence[Counted]) -> HttpResponse:
    file = BytesIO()
    sheets = [exports.Sheet(name=str(metric.name), heading=_heading(table), table=table) for metric, table in tables]
    exports.to_xlsx(sheets=sheets, about=about(question, tables), into=file)
    response.write(file.getvalue())
    return response


def _heading(table: Table[Any]) -> str:
    return group_heading(table.group_by).capitalize() if table.group_by else ""


def about(question: str, tables: Sequence[Counted]) -> list[tuple[str, str]]:
    """Put a question into words, line by line: what is counted, of which leads, as known when, and what it means.

    Where tables differ in their leads, there is a line for each.
    """
    table = tables[0][1]
    counted = _("received %(received)s = counted %(valid)s + duplicates %(duplicate)s + tests %(test)s")
    lines = [
        (_("Question"), question),
        *_each(_("Leads that came"), tables, lambda table: period_words(table.slice)),
        *_each(_("Age"), tables, lambda table: age_words(table.slice.age)),
        (_("Funnel"), funnel_name(slice=table.slice)),
        (_("Filters"), "; ".join(filter_words(table.slice)) or _("none")),
        *_each(_("Laid out by"), tables, lambda table: group_heading(table.group_by) if table.group_by else ""),
        *_each(_("Compared with"), tables, _period_before),
        (_("Definition of a target lead"), definition_words(table)),
        *_each(_("Verdicts"), tables, _verdict_words),
        (_("Data as of"), moment_words(table.as_of)),
        *_each(_("Counted"), tables, lambda table: counted % _bridge_words(table)),
        *_each(_("Ripe"), tables, _ripe_words),
    ]
    codes = [metric.code for metric, _table in tables]
    return [*lines, *((str(found.name), f"{found.words} {found.formula}") for found in meanings(codes))]


def _each(name: str, tables: Sequence[Counted], words_of: Callable[[Table[Any]], str]) -> list[tuple[str, str]]:
    """Say something of all tables at once, or of each where they differ; nothing is not said."""
    said = [(str(metric.name), words_of(table)) for metric, table in tables]
    if len({words for _name, words in said}) == 1:
        return [(name, said[0][1])] if said[0][1] else []
    return [(f"{name}: {of}", words) for of, words in said if words]


def _verdict_words(table: Table[Any]) -> str:
    return _("restated by this definition") if table.slice.restated else _("as judged then")


def _period_before(table: Table[Any]) -> str:
    return period_words(table.compared_with) if table.compared_with else ""


def _bridge_words(table: Table[Any]) -> dict[str, str]:
    return {name: formats.number(value) for name, value in table.bridge.to_json().items()}


def _ripe_words(table: Table[Any]) -> str:
    return _("yes") if table.is_mature else _("no: some leads have not had their full age yet")
