"""How a lead went, from its moves alone, and what is counted from that."""

from datetime import UTC, datetime, timedelta

import pytest

from funnels.rules.moves import Milestone, Outcome
from insights.rules.durations import durations
from insights.rules.journeys import (
    JourneyCell,
    Move,
    Visit,
    VisitCell,
    journey,
    journey_cells,
    milestones_shown,
    visit_cells,
)
from insights.rules.losses import Level, Reason, losses
from insights.rules.stages import steps
from leads.rules.facts import TransitionKind

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NEW, QUALIFIED, OFFER, WON = Milestone.NEW, Milestone.QUALIFIED, Milestone.OFFER, Milestone.WON
WAY = (NEW, QUALIFIED, OFFER, WON)
ARRIVE, ADVANCE, LOSE, WIN, REOPEN = (TransitionKind(kind) for kind in ("arrive", "advance", "lose", "win", "reopen"))
REASONS = {
    1: Reason(code="price", name="Price", side="client", group="money"),
    2: Reason(code="credit", name="Credit", side="client", group="money"),
    3: Reason(code="silence", name="Silence", side="sales", group=""),
}


def _moves(*told: tuple[TransitionKind, Milestone, int]) -> list[Move]:
    return [Move(pk, kind, to, MONDAY + timedelta(days=day)) for pk, (kind, to, day) in enumerate(told, start=1)]


def _cell(*touched: Milestone, outcome: Outcome = Outcome.OPEN, reasons: tuple[int, ...] = ()) -> JourneyCell:
    return JourneyCell(group=None, touched=frozenset(touched), outcome=outcome, reasons=frozenset(reasons), count=1)


def test_a_won_lead_skipped_the_offer() -> None:
    way = journey(_moves((ARRIVE, NEW, 0), (ADVANCE, QUALIFIED, 2), (WIN, WON, 9)), until=MONDAY + timedelta(days=30))
    assert (way.furthest, way.outcome, way.closed_by) == (WON, Outcome.WON, 3)
    assert way.visits == (Visit(NEW, 2.0, True), Visit(QUALIFIED, 7.0, True))
    cells = journey_cells([(None, way, frozenset())])
    assert [(step.reached, step.touched) for step in steps(cells, WAY)] == [(1, 1), (1, 1), (1, 0), (1, 1)]


def test_a_lost_lead_that_skipped_counts_as_a_won_one_does() -> None:
    way = journey(_moves((ARRIVE, NEW, 0), (ADVANCE, OFFER, 2), (LOSE, OFFER, 9)), until=MONDAY + timedelta(days=30))
    found = steps(journey_cells([(None, way, frozenset())]), WAY)
    assert [step.reached for step in found] == [1, 1, 1, 0]
    assert [step.lost for step in found] == [0, 0, 1, 0]


def test_falling_back_does_not_take_back_what_was_reached() -> None:
    moves = _moves((ARRIVE, NEW, 0), (ADVANCE, OFFER, 1), (ADVANCE, NEW, 2), (LOSE, NEW, 5))
    way = journey(moves, until=MONDAY + timedelta(days=30))
    assert way.furthest is OFFER
    assert way.visits == (Visit(NEW, 1.0, True), Visit(OFFER, 1.0, True), Visit(NEW, 3.0, True))
    assert [step.lost for step in steps(journey_cells([(None, way, frozenset({1}))]), WAY)] == [0, 0, 1, 0]


def test_a_lead_opened_again_is_open_and_begins_a_new_stay() -> None:
    moves = _moves((ARRIVE, NEW, 0), (LOSE, NEW, 3), (REOPEN, NEW, 10))
    way = journey(moves, until=MONDAY + timedelta(days=14))
    assert (way.outcome, way.closed_by) == (Outcome.OPEN, None)
    assert way.visits == (Visit(NEW, 3.0, True), Visit(NEW, 4.0, False))


def test_moving_within_a_milestone_ends_no_stay() -> None:
    moves = _moves((ARRIVE, NEW, 0), (ADVANCE, NEW, 1), (ADVANCE, QUALIFIED, 4))
    assert journey(moves, until=MONDAY + timedelta(days=6)).visits == (
        Visit(NEW, 4.0, True),
        Visit(QUALIFIED, 2.0, False),
    )


def test_a_clock_put_back_makes_no_stay_longer() -> None:
    """25 October 2026 had 25 hours in Berlin; days are counted between instants."""
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)
    way = journey([Move(1, ARRIVE, NEW, start)], until=datetime(2026, 10, 25, 23, tzinfo=UTC))
    assert way.visits[0].days == pytest.approx(25 / 24)


def test_milestones_of_the_funnel_and_those_leads_were_at_are_shown() -> None:
    assert milestones_shown([NEW, WON], [_cell(NEW, OFFER)]) == [NEW, OFFER, WON]


def test_twelve_visits_of_the_worked_example() -> None:
    days = ((2, 1), (3, 1), (3, 1), (5, 1), (8, 1), (9, 0), (12, 1), (14, 0), (20, 0), (25, 1), (30, 0), (30, 0))
    cells = [VisitCell(group=None, milestone=OFFER, days=float(day), is_over=bool(over), count=1) for day, over in days]
    (offer,) = durations(cells, [OFFER])
    assert (offer.n, offer.over, offer.median) == (12, 7, 12.0)
    assert (offer.p90, offer.observed) == (None, 30.0)


def test_equal_visits_are_one_cell_and_count_each() -> None:
    way = journey(_moves((ARRIVE, NEW, 0), (ADVANCE, OFFER, 2)), until=MONDAY + timedelta(days=5))
    cells = visit_cells([(None, way), (None, way)])
    assert [(cell.milestone, cell.count) for cell in cells] == [(NEW, 2), (OFFER, 2)]
    assert durations(cells, [NEW, OFFER])[0].n == 2


def test_three_numbers_for_each_reason_side_and_group() -> None:
    lost = Outcome.LOST
    cells = [
        _cell(NEW, OFFER, outcome=lost, reasons=(1,)),
        _cell(NEW, OFFER, outcome=lost, reasons=(1, 2)),
        _cell(NEW, OFFER, outcome=lost, reasons=(1, 2, 3)),
        _cell(NEW, OFFER),
        _cell(NEW, outcome=lost, reasons=(3,)),
    ]

    def at_offer(level: Level) -> list[tuple[str, int, int, int, float]]:
        found = [count for count in losses(cells, WAY, REASONS, level) if count.milestone is OFFER]
        assert {(count.n, count.all_lost, count.at_risk) for count in found} == {(4, 3, 1)}
        return [(count.code, count.n, count.lost, count.sole, pytest.approx(count.fractional)) for count in found]

    assert at_offer(Level.ALL) == [("", 4, 3, 3, 3.0)]
    assert at_offer(Level.REASON) == [
        ("price", 4, 3, 1, 1 + 1 / 2 + 1 / 3),
        ("credit", 4, 2, 0, 1 / 2 + 1 / 3),
        ("silence", 4, 1, 0, 1 / 3),
    ]
    assert at_offer(Level.SIDE) == [("client", 4, 3, 2, 2.5), ("sales", 4, 1, 0, 0.5)]
    assert at_offer(Level.GROUP) == [("money", 4, 3, 2, 2.5)]


def test_nobody_reached_the_milestone_before() -> None:
    found = steps([_cell(NEW)], WAY)
    assert found[2].step is None
    assert found[2].skip_rate is None
    assert steps([], WAY)[0].share is None
