"""The golden week gives the numbers of the funnel that were counted by hand."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings

from funnels.rules.moves import Milestone
from insights.queries.losses import losses
from insights.queries.stages import durations, stages
from insights.queries.throughput import throughput, wins
from insights.rules.flow import What
from insights.rules.losses import Level
from insights.rules.slice import GroupBy, Slice
from insights.rules.stages import Step
from tests.insights.golden import AMOUNTS, MILESTONES, MOSCOW, make_golden
from tests.insights.opening import assert_every_number_opens

OCTOBER = datetime(2026, 10, 5, tzinfo=MOSCOW)
NOW = datetime(2026, 10, 6, tzinfo=UTC)
WEEK_36 = Slice(funnel="golden", from_on=date(2026, 8, 31), to_on=date(2026, 9, 6), as_of=OCTOBER, age=28)
SEPTEMBER = Slice(funnel="golden", from_on=date(2026, 8, 31), to_on=date(2026, 10, 4), as_of=OCTOBER)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def golden(db: None) -> None:
    make_golden()


@pytest.fixture
def steps() -> dict[Milestone, Step]:
    return {row.numbers.milestone: row.numbers for row in stages(slice=WEEK_36, at=NOW).rows}


def test_who_reached_each_milestone(steps: dict[Milestone, Step]) -> None:
    assert [(step.milestone, step.reached) for step in steps.values()] == [
        (Milestone.NEW, 22),
        (Milestone.QUALIFIED, 12),
        (Milestone.OFFER, 6),
        (Milestone.WON, 4),
    ]


def test_each_step_has_its_own_denominator(steps: dict[Milestone, Step]) -> None:
    found = [(step.previous, step.step) for step in steps.values()]
    assert found == [
        (None, None),
        (22, pytest.approx(0.545, abs=5e-4)),
        (12, 0.5),
        (6, pytest.approx(0.667, abs=5e-4)),
    ]
    qualified = steps[Milestone.QUALIFIED]
    assert (qualified.step_low, qualified.step_high) == pytest.approx((0.347, 0.731), abs=5e-4)


def test_all_the_way_through(steps: dict[Milestone, Step]) -> None:
    won = steps[Milestone.WON]
    assert (won.share, won.share_low, won.share_high) == pytest.approx((0.182, 0.073, 0.385), abs=5e-4)


def test_what_was_skipped_was_reached(steps: dict[Milestone, Step]) -> None:
    offer = steps[Milestone.OFFER]
    assert (offer.reached, offer.touched) == (6, 4)
    assert offer.skip_rate == pytest.approx(1 / 3)


def test_those_that_reached_the_offer(steps: dict[Milestone, Step]) -> None:
    offer = steps[Milestone.OFFER]
    assert (offer.went_on, offer.lost, offer.open) == (4, 1, 1)
    rows = [row.numbers for row in losses(slice=WEEK_36, at=NOW).rows]
    found = [
        (row.level, row.code, row.n, row.lost, row.sole, row.fractional, row.at_risk)
        for row in rows
        if row.milestone is Milestone.OFFER
    ]
    assert found == [
        (Level.ALL, "", 6, 1, 1, 1.0, 1),
        (Level.REASON, "price", 6, 1, 1, 1.0, 1),
        (Level.SIDE, "client", 6, 1, 1, 1.0, 1),
    ]


def test_what_was_judged_within_each_week() -> None:
    rows = throughput(slice=SEPTEMBER, at=NOW, by=GroupBy.WEEK).rows
    found: dict[str, dict[What, int]] = {}
    for row in rows:
        found.setdefault(row.key.label, {})[row.numbers.what] = row.numbers.count
    judged = {week: (counts[What.NON_TARGET], counts[What.TARGET]) for week, counts in found.items()}
    assert judged == {
        "2026-W36": (4, 7),
        "2026-W37": (3, 4),
        "2026-W38": (1, 1),
        "2026-W39": (1, 1),
        "2026-W40": (0, 0),
    }
    for counts in found.values():
        came = counts[What.OPEN_START] + counts[What.CREATED] + counts[What.REOPENED]
        assert came - counts[What.WON] - counts[What.LOST] == counts[What.OPEN_END]
    assert found["2026-W36"][What.OPEN_START] == 0
    assert found["2026-W40"][What.OPEN_END] == 23 - 5


def test_two_shares_of_won_leads_from_the_same_leads() -> None:
    closed = wins(slice=SEPTEMBER, at=NOW).rows[0].numbers
    assert (closed.won_closed, closed.closed, closed.win_closed) == (4, 5, 0.8)
    cohort = wins(slice=WEEK_36, at=NOW).rows[0].numbers
    assert (cohort.won, cohort.qualified) == (4, 12)
    assert cohort.win_cohort == pytest.approx(1 / 3)


def test_how_long_leads_stay() -> None:
    found = {row.numbers.milestone: row.numbers for row in durations(slice=WEEK_36, at=NOW).rows}
    offer = found[Milestone.OFFER]
    assert (offer.n, offer.over, offer.median) == (4, 3, 14.0)
    assert (offer.p90, offer.observed) == (None, 23.0), "one was still there on the day 28 after it came"
    assert found[Milestone.WON].median is None


@pytest.mark.parametrize("by", [None, *GroupBy])
@pytest.mark.parametrize("asked", [WEEK_36, SEPTEMBER, replace(SEPTEMBER, as_of=None, age=7)])
def test_every_number_opens_to_its_leads(asked: Slice, by: GroupBy | None) -> None:
    for query in (stages, losses, wins):
        assert_every_number_opens(query(slice=asked, at=NOW, by=by), at=NOW)


def test_milestones_are_those_of_the_shared_file() -> None:
    path = Path(settings.BASE_DIR).parent / "shared" / "data" / "golden" / "w36.csv"
    if not path.exists():
        pytest.skip("the shared data is not here")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    written = {
        row["lead"]: tuple(
            (name, int(day.removeprefix("d")))
            for name, _colon, day in (part.partition(":") for part in row["milestones_day"].split())
        )
        for row in rows
        if row["milestones_day"]
    }
    assert written == MILESTONES
    assert {row["lead"]: int(row["won_amount"]) for row in rows if row["won_amount"]} == AMOUNTS
