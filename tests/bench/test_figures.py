"""Figures: ratios of rounds taken in turns, and how they are told."""

import json
from pathlib import Path

import pytest

from bench.figures import GOALS, Ratio, Report, Round, leads_meant, pages_told, size_told

ROUND = Round(done=100, seconds=2.0, cpu_seconds=0.5, latencies=(0.001, 0.003, 0.002))


def test_a_round_tells_its_rate_its_cpu_and_its_median_answer() -> None:
    assert (ROUND.rate, ROUND.cpu_ms, ROUND.p50_ms) == (50, 5, 2)
    assert Round(done=1, seconds=1).p50_ms == 0


def test_a_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians() -> None:
    ratio = Ratio("push_ratio", "requests/s", measured=(10, 50, 90), floor=(100, 100, 300))
    assert ratio.rounds == [0.1, 0.5, 0.3]
    assert ratio.value == 0.3


@pytest.mark.parametrize(("measured", "floor"), [((), ()), ((1, 2), (1,))])
def test_rounds_that_were_not_taken_in_turns_are_refused(measured: tuple[float, ...], floor: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):
        Ratio("push_ratio", "requests/s", measured, floor)


@pytest.mark.parametrize(
    ("name", "value", "reached"),
    [
        ("push_ratio", 0.6, True),
        ("push_ratio", 0.59, False),
        ("push_cpu_ratio", 2, True),
        ("judge_cpu_ratio", 3, False),
    ],
)
def test_a_goal_is_at_least_or_at_most(name: str, value: float, reached: bool) -> None:
    assert Ratio(name, "", (value,), (1,)).told()["is_reached"] is reached


def test_the_file_holds_the_named_ratios_with_their_raw_figures(tmp_path: Path) -> None:
    report = Report(date="2026-03-02T09:00:00+00:00", machine={"cores": 2}, of={"leads": 10})
    report.ratios = [Ratio(name, "leads/s", (2, 4), (4, 4)) for name in GOALS]
    report.figures["push: p50 ms"] = 1.5
    report.pages = pages_told({"/livez": [0.001], "/": [0.01, 0.02]}, floor="/livez")
    report.write(tmp_path / "results" / "latest.json")
    told = json.loads((tmp_path / "results" / "latest.json").read_text(encoding="utf-8"))
    assert set(told) == {"format", "date", "machine", "set", "ratios", "figures", "pages", "times"}
    assert set(told["ratios"]) == set(GOALS)
    assert told["ratios"]["push_ratio"] == {
        "value": 0.75,
        "goal": "≥ 0.6",
        "is_reached": True,
        "unit": "leads/s",
        "measured": 3,
        "floor": 4,
        "rounds": [0.5, 1],
        "measured_rounds": [2, 4],
        "floor_rounds": [4, 4],
    }
    assert told["pages"]["/"] == {"p50_ms": 15, "worst_ms": 20, "ratio": 15}


def test_the_table_says_which_goal_is_missed() -> None:
    report = Report(date="", machine={}, of={}, ratios=[Ratio("push_ratio", "requests/s", (1,), (4,))])
    (_head, line) = report.lines()
    assert line.split() == ["push_ratio", "0.250", "≥", "0.6", "NO", "1.00", "4.00", "requests/s", "·", "0.250–0.250"]


@pytest.mark.parametrize(("text", "count"), [("500", 500), ("10k", 10_000), ("1M", 1_000_000)])
def test_a_size_is_a_number_or_thousands_or_millions(text: str, count: int) -> None:
    assert leads_meant(text) == count


@pytest.mark.parametrize("text", ["", "k", "many", "0", "-1", "1g"])
def test_another_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        leads_meant(text)


def test_a_size_is_told_as_it_is_asked_for() -> None:
    assert [size_told(leads) for leads in (1_000_000, 10_000, 10_000_000, 123)] == ["1m", "10k", "10m", "123"]
