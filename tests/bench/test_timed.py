"""What is told of pages measured with many leads."""

from bench.figures import Goal, Report
from bench.timed import TIMED


def report() -> Report:
    return Report(date="2026-03-02", machine={}, of={})


def test_the_median_is_held_against_the_goal() -> None:
    made = report()
    made.time("list_ms_1m", [30.0, 10.0, 12.0], goal=Goal(20, is_at_least=False))
    assert (made.times["list_ms_1m"]["value"], made.times["list_ms_1m"]["is_reached"]) == (12.0, True)
    made.time("list_ms_1m", [30.0, 21.0, 12.0], goal=Goal(20, is_at_least=False))
    assert made.times["list_ms_1m"]["is_reached"] is False


def test_they_are_written_and_told() -> None:
    made = report()
    made.time("list_ms_1m", [10.0], goal=Goal(20, is_at_least=False))
    assert made.told()["times"]["list_ms_1m"]["goal"] == "≤ 20"
    assert any("list_ms_1m" in line and "yes" in line for line in made.lines())


def test_every_page_has_a_name_of_its_own() -> None:
    assert len({page.name for page in TIMED}) == len(TIMED)
