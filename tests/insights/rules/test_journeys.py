"""How a lead went, from its moves alone, and what is counted from that."""

import pytest

from funnels.rules.moves import Milestone, Outcome
from insights.rules.durations import durations
from insights.rules.journeys import Journey, JourneyCell, Move, Visit, VisitCell, journey, milestones_shown
from insights.rules.losses import Level, Reason, losses
from insights.rules.stages import steps
from insights.rules.waits import bucket_of
from leads.rules.facts import TransitionKind

A_DAY = 86_400_000_000
NEW, QUALIFIED, OFFER, WON = Milestone.NEW, Milestone.QUALIFIED, Milestone.OFFER, Milestone.WON
WAY = (NEW, QUALIFIED, OFFER, WON)
ARRIVE, ADVANCE, LOSE, WIN, REOPEN = (TransitionKind(kind) for kind in ("arrive", "advance", "lose", "win", "reopen"))
REASONS = {
    1: Reason(code="price", name="Price", side="client", group="money"),
    2: Reason(code="credit", name="Credit", side="client", group="money"),
    3: Reason(code="silence", name="Silence", side="sales", group=""),
}


def _day(number: int) -> int:
    return number * A_DAY


def _moves(*told: tuple[TransitionKind, Milestone, int]) -> list[Move]:
    return [Move(pk, kind, to, _day(day)) for pk, (kind, to, day) in enumerate(told, start=1)]


def _cell(*touched: Milestone, outcome: Outcome = Outcome.OPEN, reasons: tuple[int, ...] = ()) -> JourneyCell:
    return JourneyCell(group=None, touched=frozenset(touched), outcome=outcome, reasons=frozenset(reasons), count=1)


def _cell_of(way: Journey, reasons: tuple[int, ...] = ()) -> JourneyCell:
    return _cell(*way.touched, outcome=way.outcome, reasons=reasons)


def _stay(milestone: Milestone, first: int, last: int | None) -> Visit:
    return Visit(milestone, _day(first), None if last is None else _day(last))


def _visits(milestone: Milestone, days: float, *, is_over: bool = True, count: int = 1) -> VisitCell:
    seconds = days * 86_400
    return VisitCell(
        group=None,
        milestone=milestone,
        is_over=is_over,
        bucket=bucket_of(seconds),
        shortest=seconds,
        longest=seconds,
        count=count,
    )


def test_a_won_lead_skipped_the_offer() -> None:
    way = journey(_moves((ARRIVE, NEW, 0), (ADVANCE, QUALIFIED, 2), (WIN, WON, 9)))
    assert (way.furthest, way.outcome, way.closed_by) == (WON, Outcome.WON, 3)
    assert way.visits == (_stay(NEW, 0, 2), _stay(QUALIFIED, 2, 9))
    assert [(step.reached, step.touched) for step in steps([_cell_of(way)], WAY)] == [(1, 1), (1, 1), (1, 0), (1, 1)]


def test_a_lost_lead_that_skipped_counts_as_a_won_one_does() -> None:
    way = journey(_moves((ARRIVE, NEW, 0), (ADVANCE, OFFER, 2), (LOSE, OFFER, 9)))
    found = steps([_cell_of(way)], WAY)
    assert [step.reached for step in found] == [1, 1, 1, 0]
    assert [step.lost for step in found] == [0, 0, 1, 0]


def test_falling_back_does_not_take_back_what_was_reached() -> None:
    moves = _moves((ARRIVE, NEW, 0), (ADVANCE, OFFER, 1), (ADVANCE, NEW, 2), (LOSE, NEW, 5))
    way = journey(moves)
    assert way.furthest is OFFER
    assert way.visits == (_stay(NEW, 0, 1), _stay(OFFER, 1, 2), _stay(NEW, 2, 5))
    assert [step.lost for step in steps([_cell_of(way, (1,))], WAY)] == [0, 0, 1, 0]


def test_a_lead_opened_again_is_open_and_begins_a_new_stay() -> None:
    moves = _moves((ARRIVE, NEW, 0), (LOSE, NEW, 3), (REOPEN, NEW, 10))
    way = journey(moves)
    assert (way.outcome, way.closed_by) == (Outcome.OPEN, None)
    assert way.visits == (_stay(NEW, 0, 3), _stay(NEW, 10, None))


def test_moving_within_a_milestone_ends_no_stay() -> None:
    moves = _moves((ARRIVE, NEW, 0), (ADVANCE, NEW, 1), (ADVANCE, QUALIFIED, 4))
    assert journey(moves).visits == (_stay(NEW, 0, 4), _stay(QUALIFIED, 4, None))


def test_milestones_of_the_funnel_and_those_leads_were_at_are_shown() -> None:
    assert milestones_shown([NEW, WON], [_cell(NEW, OFFER)]) == [NEW, OFFER, WON]


def test_twelve_visits_of_the_worked_example() -> None:
    days = ((2, 1), (3, 1), (3, 1), (5, 1), (8, 1), (9, 0), (12, 1), (14, 0), (20, 0), (25, 1), (30, 0), (30, 0))
    cells = [_visits(OFFER, day, is_over=bool(over)) for day, over in days]
    (offer,) = durations(cells, [OFFER])
    assert (offer.n, offer.over, offer.median) == (12, 7, 12.0)
    assert (offer.p90, offer.observed) == (None, 30.0)


def test_each_of_equal_visits_counts() -> None:
    new, offer = durations([_visits(NEW, 2, count=3), _visits(OFFER, 5, is_over=False)], [NEW, OFFER])
    assert (new.n, new.over, new.median, new.observed) == (3, 3, 2.0, 2.0)
    assert (offer.n, offer.over, offer.median, offer.observed) == (1, 0, None, 5.0)


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
