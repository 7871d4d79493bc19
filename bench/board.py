"""The shared board with a million leads: its page, what stands beneath it, and how long counting all days anew takes.

Warm is a page whose process has answered before; cold is one whose process and connection remember nothing. The
criterion × source query is compared with the bare sum over the table it reads.
"""

import gzip
import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from bench.database import settle
from bench.figures import Goal, Ratio, Report
from bench.timed import looking_at

ROUNDS = 15
WARM, COLD = Goal(100, is_at_least=False), Goal(250, is_at_least=False)
PAGE = "/"
PROCESSORS = os.cpu_count() or 1
AGE = 7  # the first age of a new organisation, at which the board is shown
BARE = """
SELECT source_id, verdict, fail_mask, assessed_mask, sum(count) FROM insights_statecount
WHERE funnel_id = %s AND age = %s AND day BETWEEN %s AND %s AND kind = 'valid'
GROUP BY source_id, verdict, fail_mask, assessed_mask
"""


def board(report: Report, *, url: str, size: str, rounds: int = ROUNDS) -> None:
    """Count every day, then ask for the board again and again; `size` ends the figures' names."""
    from django.test import Client

    from crm.models import User
    from insights.operations.keeping import fill_everything, reconcile

    with looking_at(url):
        start = time.perf_counter()
        for _progress in fill_everything(at=datetime.now(UTC), at_once=PROCESSORS):
            pass
        report.figures[f"rebuild_seconds_{size}"] = time.perf_counter() - start
        start = time.perf_counter()
        if reconcile(at=datetime.now(UTC), repairs=False):
            raise SystemExit("Kept counts differ from the leads.")
        report.figures[f"reconcile_seconds_{size}"] = time.perf_counter() - start
        report.figures |= {f"rebuild_{kind}_seconds_{size}": taken for kind, taken in _each_rebuilt().items()}
        settle(url)  # every kept row has just been replaced
        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.filter(role="executive").first(), backend="crm.authentication.EmailBackend")
        page = _ask(client)
        report.figures["board_page_gzip_kb"] = len(gzip.compress(page, 6)) / 1024
        # One after the other and not in turns: a connection that is made anew prepares its statements anew.
        warm = _in_turns({"page": lambda: _ask(client)}, rounds=rounds)
        cold = _in_turns({"page": lambda: _ask_cold(client)}, rounds=rounds)
        report.time(f"board_ms_{size}", warm["page"], goal=WARM)
        report.time(f"board_cold_ms_{size}", cold["page"], goal=COLD)
        _criterion_by_source(report, rounds=rounds)


def _each_rebuilt() -> dict[str, float]:
    """Count every lead into each kind of what is kept at the first age, as `reconcile --rebuild` does; in seconds."""
    from django.db import transaction

    from crm.queries.snapshot import planned_for_its_values
    from funnels.queries import funnel_named
    from insights.models.kept import NO_LIMIT
    from insights.operations.keeping import all_spans, each_of
    from insights.queries.counting import counts_of_days
    from insights.queries.day_cells import day_cells, tallies_at

    at, funnel = datetime.now(UTC), funnel_named(code="")

    def count(tally: Any, span: tuple[date, date]) -> None:
        known = {"funnel": funnel, "first": span[0], "last": span[1], "age": AGE, "at": at}
        with transaction.atomic(), planned_for_its_values():
            deque(day_cells(tally=tally, **known) if tally else counts_of_days(**known), maxlen=0)

    taken = {}
    for tally in (None, *tallies_at(age=NO_LIMIT)):
        start = time.perf_counter()
        deque(each_of(all_spans(funnel=funnel), partial(count, tally), at_once=PROCESSORS), maxlen=0)
        taken[str(tally or "states")] = time.perf_counter() - start
    return taken


def _ask(client: Any) -> bytes:
    response = client.get(PAGE)
    if response.status_code != 200:
        raise SystemExit(f"{PAGE} answered {response.status_code}")
    return bytes(response.content)


def _ask_cold(client: Any) -> bytes:
    from django.db import connection

    from crm.queries.agreements import ask_anew
    from insights.queries.blocks import forget_blocks
    from insights.queries.placed import forget_placed

    forget_blocks()
    forget_placed()
    ask_anew()
    connection.close()
    return _ask(client)


def _criterion_by_source(report: Report, *, rounds: int) -> None:
    """Compare the cells of a year by source, asked as a page asks, with PostgreSQL's sum of the kept counts alone."""
    from django.db import connection

    from crm.queries.snapshot import one_snapshot
    from insights.forms import board_slice
    from insights.queries.cells import cells
    from insights.queries.scope import funnel_of
    from insights.rules.slice import GroupBy

    at = datetime.now(UTC)
    slice = board_slice(query={"period": ["52w"]}, at=at)
    known = [funnel_of(slice=slice).pk, slice.age, slice.from_on, slice.to_on]

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE, known)
            cursor.fetchall()

    def asked() -> None:
        with one_snapshot():
            cells(slice=slice, at=at, by=GroupBy.SOURCE)

    taken = _in_turns({"cells": asked, "bare": bare}, rounds=rounds)
    report.ratios.append(Ratio("criterion_source_ratio", "ms", taken["cells"], taken["bare"]))


def _in_turns(works: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, list[float]]:
    """Do each work in turn, round after round, after one that warms everything up; in milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if number:
                taken[name].append((time.perf_counter() - start) * 1000)
    return taken
