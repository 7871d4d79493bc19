"""Which rule a request falls under, and who is next."""

from datetime import UTC, date, datetime

import pytest

from leads.rules.assignment import Candidate, Load, Method, Request, Rule, choose, in_turn, least_busy

DAY = date(2026, 3, 2)
ANNA, BORIS = Candidate(1), Candidate(2)


def request(**said: object) -> Request:
    told = {"funnel": 1, "source": 1, "segment": None, "day": DAY, "is_working_time": True}
    return Request(**{**told, **said})  # type: ignore[arg-type]


def rule(number: int, **said: object) -> Rule:
    told = {"number": number, "method": Method.ROUND_ROBIN, "candidates": (ANNA, BORIS)}
    return Rule(**{**told, **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "asked", "fits"),
    [
        ({}, {}, True),
        ({"funnel": 1}, {}, True),
        ({"funnel": 2}, {}, False),
        ({"source": 2}, {}, False),
        ({"segment": 5}, {}, False),
        ({"segment": 5}, {"segment": 5}, True),
        ({"only_working_hours": True}, {"is_working_time": False}, False),
        ({"only_working_hours": True}, {}, True),
        ({}, {"is_working_time": False}, True),
    ],
)
def test_a_rule_fits_what_it_names(condition: dict[str, object], asked: dict[str, object], *, fits: bool) -> None:
    assert (choose(rules=[rule(1, **condition)], request=request(**asked)) is not None) is fits


def test_the_first_that_fits_decides() -> None:
    choice = choose(rules=[rule(1, source=9), rule(2), rule(3)], request=request())
    assert choice is not None
    assert choice.rule.number == 2


def test_a_rule_for_nobody_decides_too() -> None:
    choice = choose(rules=[rule(1, method=Method.NOBODY, candidates=()), rule(2)], request=request())
    assert choice is not None
    assert (choice.rule.number, choice.people) == (1, ())


def test_who_is_away_is_passed_over_and_so_is_a_rule_whose_people_all_are() -> None:
    away = Candidate(1, ((date(2026, 3, 1), DAY),))
    choice = choose(rules=[rule(1, candidates=(away, BORIS))], request=request())
    assert choice is not None
    assert choice.people == (2,)
    choice = choose(rules=[rule(1, candidates=(away,)), rule(2)], request=request())
    assert choice is not None
    assert choice.rule.number == 2
    assert choose(rules=[rule(1, candidates=(away,))], request=request()) is None


@pytest.mark.parametrize(("on", "here"), [(date(2026, 2, 28), True), (DAY, False), (date(2026, 3, 3), True)])
def test_both_days_of_an_absence_are_within_it(on: date, *, here: bool) -> None:
    assert Candidate(1, ((date(2026, 3, 1), DAY),)).is_here(on) is here


def test_turns_go_round() -> None:
    assert [in_turn(people=(7, 8, 9), turn=turn) for turn in range(1, 7)] == [7, 8, 9, 7, 8, 9]


def test_the_least_busy_is_who_has_fewest_and_of_equals_has_waited_longest() -> None:
    early, late = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    assert least_busy(loads=[Load(1, 3, early), Load(2, 2, late)]) == 2
    assert least_busy(loads=[Load(1, 2, late), Load(2, 2, early)]) == 2
    assert least_busy(loads=[Load(1, 2, early), Load(2, 2)]) == 2
