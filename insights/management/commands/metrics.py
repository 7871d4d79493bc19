"""Print a number of the board, as a table or as JSON."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules import formats
from crm.rules.errors import DomainError
from insights.forms import metric_question
from insights.operations.restating import make_ready
from insights.queries.catalogue import CATALOGUE, metric_by_code
from insights.rules.columns import Cell, Column, Format, values_of
from insights.rules.quality import QUALITY_COLUMNS
from insights.rules.slice import Attribution, GroupBy
from insights.rules.table import Table

SINGLE = ("funnel", "period", "from", "to", "age", "as_of", "definition", "attribution", "group_by")
SEVERAL = ("source", "campaign", "segment", "owner")


class Command(BaseCommand):
    help = "Print a metric: the same numbers as the board. All time and no age limit unless told otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the parameters of the API as options."""
        parser.add_argument("metric", choices=sorted(CATALOGUE))
        parser.add_argument("--funnel", help="code; may be left out when there is only one")
        parser.add_argument("--period", help="all, or a number of weeks such as 12w; instead of --from and --to")
        parser.add_argument("--from", help="first day of the cohort, included: 2026-08-31")
        parser.add_argument("--to", help="last day of the cohort, included")
        parser.add_argument("--age", help="days each lead is given to be judged, or none (the default)")
        parser.add_argument("--as-of", help="count only what was known at this time: 2026-09-14 or with time and zone")
        parser.add_argument("--definition", help="current judges leads anew by the one in force; then is the default")
        parser.add_argument("--attribution", help=f"by which visit a source is told: {', '.join(Attribution)}")
        parser.add_argument("--group-by", choices=[by.value for by in GroupBy])
        parser.add_argument("--source", action="extend", nargs="+", help="code; may be repeated")
        parser.add_argument("--campaign", action="extend", nargs="+", help="source/campaign, - for none; repeatable")
        parser.add_argument("--segment", action="extend", nargs="+", help="code, - for none; repeatable")
        parser.add_argument("--owner", action="extend", nargs="+", help="a person's id, - for nobody; repeatable")
        parser.add_argument("--json", action="store_true", help="print JSON, as the API answers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask and print."""
        query = {name: [options[name]] for name in SINGLE if options[name]}
        query |= {name: options[name] for name in SEVERAL if options[name]}
        at = timezone.now()
        try:
            metric = metric_by_code(code=options["metric"])
            question = metric_question(metric=metric, query=query, at=at)
            make_ready(slice=question.slice, at=at)
            with one_snapshot():
                table = metric.query(slice=question.slice, at=at, by=question.by)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(table.to_json(), ensure_ascii=False, indent=2))
        else:
            with formats.shown_from(settings_at(at).minimum_sample_to_show):
                self.stdout.write("\n".join(_lines(table)))


def _lines(table: Table[Any]) -> list[str]:
    """Lay a table out for a terminal, under the slice it answers and above what it leaves out."""
    keyed = table.group_by is not None
    lead = [table.group_by.value] if table.group_by else []
    body = [[*lead, *(str(column.title) for column in table.columns)]]
    for row in table.rows:
        body.append([*([row.key.label] if keyed else []), *_words(table.columns, row.numbers, table.in_words(row))])
    asked = " · ".join(f"{name}={','.join(values)}" for name, values in table.slice.to_query().items())
    lines = [f"{table.metric} · {asked}", "", *_aligned(body)]
    if keyed or table.columns != QUALITY_COLUMNS:
        heading = [str(column.title) for column in QUALITY_COLUMNS]
        total = list(values_of(QUALITY_COLUMNS, table.total).values())
        lines += ["", _("Total"), *_aligned([heading, _words(QUALITY_COLUMNS, table.total, total)])]
    bridge = _("received %(received)s = counted %(valid)s + duplicates %(duplicate)s + tests %(test)s")
    return [*lines, "", bridge % table.bridge.to_json()]


def _words(columns: Sequence[Column], numbers: object, values: Sequence[Cell]) -> list[str]:
    return [
        "—" if _is_hidden(column, numbers) else _word(column, value)
        for column, value in zip(columns, values, strict=True)
    ]


def _is_hidden(column: Column, numbers: object) -> bool:
    """Hide a share of so few leads that it says nothing."""
    size = column.size(numbers)
    return size is not None and formats.is_few(size)


def _word(column: Column, value: Cell) -> str:
    if value is None:
        return "—"
    if column.format is Format.SHARE:
        return f"{float(value):.1%}"
    if column.format is Format.POINTS:
        return f"{float(value) * 100:+.1f}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
