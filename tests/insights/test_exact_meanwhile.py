"""The board is exact at every moment while leads arrive and are judged, and while kept counts are used and replaced.

In the suite for a few seconds; `make exact` looks for a minute and tells what it saw.
"""

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from crm.queries.snapshot import one_snapshot
from insights.operations.keeping import fill_everything, keep_up, reconcile
from insights.queries.criteria import criteria
from insights.queries.kept import days_of
from insights.queries.quality import quality
from insights.rules.period import last_weeks
from insights.rules.quality import Quality
from insights.rules.slice import GroupBy, Slice
from leads.models import Lead
from leads.operations import touches
from leads.rules.facts import TouchChannel, TouchResult
from tests.at_once import ON_POSTGRESQL
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead
from tests.insights import recount

SECONDS = float(os.environ.get("EXACT_SECONDS", "5"))
WRITERS, PER_SECOND = 4, 22
SOURCES, CRITERIA = ("google", "vk", "site", "fair"), ("contact_valid", "need", "budget")
NOW = MONDAY + timedelta(weeks=12)
WEEKS = last_weeks(NOW.date())
SLICES = [Slice(funnel="sales", from_on=WEEKS.from_on, to_on=WEEKS.to_on, age=age) for age in (7, None)]
KEEPS_EVERY = 0.4
RESTS = 0.5  # between readings, which count every fact anew and would leave no time for anything to happen
REST = timedelta(seconds=11)  # the keeper's own clock goes on by so much, so that it never lets a day rest

pytestmark = [pytest.mark.django_db(transaction=True), ON_POSTGRESQL]


class Work:
    """What goes on behind the reader's back, and how much of it there was."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.done, self.stop = rules, Counter[str](), threading.Event()

    def write(self, number: int) -> None:
        """Let a lead of some day arrive, and something become of one that came before."""
        dice, mine = random.Random(number), []
        due = time.monotonic()
        while not self.stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + WRITERS / PER_SECOND, time.monotonic() - 1)
            came_at = NOW - timedelta(days=dice.randrange(84), hours=dice.randrange(20))
            mine.append(make_lead(self.rules, at=came_at, source=dice.choice(SOURCES), is_test=dice.random() < 0.05))
            self.done["arrived"] += 1
            self._go_on(dice, mine.pop(dice.randrange(len(mine))))

    def _go_on(self, dice: random.Random, lead: Lead) -> None:
        happens_at = min(NOW, lead.received_at + timedelta(hours=dice.randrange(400)))
        if dice.random() < 0.3:
            touches.log(lead=lead, result=TouchResult.REACHED, channel=TouchChannel.CALL, by=None, at=happens_at)
            self.done["touched"] += 1
        failed = [code for code in CRITERIA if dice.random() < 0.25]
        judge(lead, at=happens_at, failed=failed, met=[code for code in CRITERIA if code not in failed])
        self.done["judged"] += 1

    def keep(self) -> None:
        """Count changed days anew, again and again."""
        at = NOW - timedelta(days=1)  # counts hold from the instant they were made on, and are read at NOW
        while not self.stop.wait(KEEPS_EVERY):
            at += REST
            self.done["days counted anew"] += keep_up(at=at)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Let everybody work meanwhile; what went wrong with anybody is raised here."""
        acts = [self.keep, *(lambda number=number: self.write(number) for number in range(WRITERS))]
        with ThreadPoolExecutor(len(acts)) as pool:
            running: list[Future[None]] = [pool.submit(_alone, act) for act in acts]
            try:
                yield
            finally:
                self.stop.set()
        for one in running:
            one.result()


def _alone(act: Callable[[], None]) -> None:
    try:
        act()
    finally:
        connection.close()


def test_every_reading_equals_a_recount_while_leads_arrive(capsys: pytest.CaptureFixture[str]) -> None:
    work = Work(make_rules(criteria=CRITERIA))
    for number in range(60):
        make_lead(work.rules, at=NOW - timedelta(days=number), source=SOURCES[number % 4])
    for _progress in fill_everything(at=NOW - timedelta(days=1)):
        pass
    read: Counter[str] = Counter()
    seen: set[int] = set()
    began = time.monotonic()
    with work.under_way():
        while time.monotonic() - began < SECONDS:
            time.sleep(RESTS)
            asked = SLICES[read["readings"] % len(SLICES)]
            with one_snapshot():
                _compare(asked, work.rules)
                days = days_of(slice=asked)
                seen.add(Lead.objects.count())
            read.update({"readings": 1, "days from kept counts": len(days.kept), "days from leads": len(days.others)})
    took = time.monotonic() - began
    assert reconcile(at=NOW, repairs=False) == []
    assert len(seen) > 1, "nothing arrived between two readings"
    assert work.done["judged"], "nothing was judged"
    assert work.done["days counted anew"], "no count was replaced"
    assert read["days from kept counts"], "no count was used"
    assert read["days from leads"], "no day had changed when it was read"
    with capsys.disabled():
        if "EXACT_SECONDS" in os.environ:
            told = {name: f"{count:,}" for name, count in (work.done + read).items()}
            sys.stdout.write(f"\n{took:.0f} s, {work.done['arrived'] / took:.1f} leads/s, all readings equal: {told}\n")


def _compare(asked: Slice, rules: Rules) -> None:
    """Ask for what the board shows and count every fact again, in one snapshot."""
    states = recount.states(asked, NOW)
    for by in (None, GroupBy.WEEK, GroupBy.SOURCE):
        table = quality(slice=asked, at=NOW, by=by)
        assert _five(table.total) == recount.three(states)
        counted = {row.key.value: _five(row.numbers) for row in table.rows if row.numbers.n}
        groups = recount.by_group(states, by, asked)
        assert counted == {group: recount.three(found) for group, found in groups.items()}
    expected = {"duplicate": 0, "test": 0, "valid": 0} | recount.kinds(asked)
    assert table.bridge.to_json() == {"received": sum(expected.values())} | expected
    for row in criteria(slice=asked, at=NOW).rows:
        count = row.numbers
        failed, sole, _fractional, assessed = recount.criterion(states, rules.bit(count.criterion))
        assert (count.failed, count.sole, count.assessed) == (failed, sole, assessed)


def _five(numbers: Quality) -> tuple[int, int, int, int, int]:
    return (numbers.target, numbers.non_target, numbers.untouched, numbers.in_sla, numbers.overdue)


def test_days_counted_at_once_are_counted_alike() -> None:
    rules = make_rules(criteria=CRITERIA)
    for number in range(60):
        lead = make_lead(rules, at=NOW - timedelta(days=number), source=SOURCES[number % 4])
        judge(lead, at=lead.received_at, failed=[CRITERIA[number % 3]])

    filled = list(fill_everything(at=NOW, at_once=3))

    assert [day for _funnel, day in filled] == sorted(day for _funnel, day in filled)
    assert reconcile(at=NOW, repairs=False) == []
    assert not days_of(slice=SLICES[0]).others
