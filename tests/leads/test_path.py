"""How long a lead has stood at each stage."""

from datetime import UTC, datetime, timedelta

import pytest

from leads.rules.path import Passage, Spent, time_at_stages

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def move(stage: str, hours: int) -> Passage:
    return Passage(stage, at(hours))


def closed(stage: str, hours: int) -> Passage:
    return Passage(stage, at(hours), is_closing=True)


@pytest.mark.parametrize(
    ("moves", "spent"),
    [
        ([], {}),
        ([move("new", 0)], {"new": (10, 1, True)}),
        ([move("new", 0), move("offer", 3)], {"new": (3, 1, False), "offer": (7, 1, True)}),
        (
            [move("new", 0), move("offer", 3), move("new", 5)],
            {"new": (8, 2, True), "offer": (2, 1, False)},
        ),
        ([move("new", 0), closed("new", 4)], {"new": (4, 1, False)}),
        ([move("new", 0), closed("new", 4), move("new", 7)], {"new": (7, 1, True)}),
        ([move("new", 0), closed("won", 4)], {"new": (4, 1, False), "won": (0, 1, False)}),
        (
            [move("new", 0), closed("won", 4), move("new", 9)],
            {"new": (5, 2, True), "won": (0, 1, False)},
        ),
        ([move("new", 12)], {"new": (0, 1, True)}),
    ],
    ids=["nothing", "arrived", "moved", "back", "lost", "lost and reopened", "won", "won and reopened", "to come"],
)
def test_the_time_at_a_stage_is_the_sum_of_its_visits(
    moves: list[Passage], spent: dict[str, tuple[int, int, bool]]
) -> None:
    expected = {
        stage: Spent(timedelta(hours=hours), visits, is_running=is_running)
        for stage, (hours, visits, is_running) in spent.items()
    }
    assert time_at_stages(moves=moves, at=at(10)) == expected
