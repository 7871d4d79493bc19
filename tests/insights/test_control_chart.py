"""What the control chart and marked changes draw: words apart from each other, dashes for chance."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from insights.charts.control import ControlDot, control
from insights.charts.criteria import criteria
from insights.rules.stats import Interval
from tests.insights.test_charts import MONDAY, _collisions, _criterion, _drawings, _span, _words

OVER = 3.0  # units the name of the last week may stand out, as the axis of weeks has it


@pytest.fixture(autouse=True, params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def _dot(index: int, share: int, *, starts: Sequence[tuple[int, int]] = ()) -> ControlDot:
    limits = Interval(0.26, 0.44)
    return ControlDot(
        monday_on=MONDAY + timedelta(weeks=index),
        number=10 + index,
        told=f"Week {index}: {share} of 100",
        url=f"/{index}/",
        non_target=share,
        n=100,
        definition=1,
        is_young=False,
        is_judged=True,
        is_signal=not limits.low <= share / 100 <= limits.high,
        limits=limits,
        centre=0.35,
        later=None,
        later_told="",
        later_url="",
        starts=starts,
    )


def test_changes_stand_clear_of_shares_and_of_what_was_asked(language: str) -> None:
    change, heading = ("▲ 12.5 pp", "vs 52 weeks before") if language == "en" else ("▲ 12,5 п.п.", "к прошлым 52 нед.")
    bars = [replace(_criterion(failed, 1, 50, asked=30), change=change) for failed in (50, 40, 1)]
    for drawing in _drawings(criteria(bars, heading)):
        assert [_words(text) for text in drawing.iter("text")].count(change) == 3
        assert _collisions(drawing) == []


def test_a_change_within_chance_is_a_dash() -> None:
    wide, slim = _drawings(criteria([_criterion(5, 1, 50, asked=50)], "vs 2 weeks before"))
    assert [[_words(text) for text in drawing.iter("text")].count("—") for drawing in (wide, slim)] == [1, 0]
    assert "—" not in criteria([_criterion(5, 1, 50, asked=50)]).partition("</svg>")[0].replace(" — ", "")


@pytest.mark.parametrize("young", [0, 1, 3])
@pytest.mark.parametrize("shares", [(51, 52, 20), (0, 100, 100), (100, 0, 100), (35, 35, 60)])
def test_words_of_the_control_chart_do_not_lie_on_each_other(shares: Sequence[int], young: int) -> None:
    dots = [_dot(index, share, starts=[(index, 3)]) for index, share in enumerate([35] * 8 + list(shares))]
    dots += [replace(_dot(len(dots) + index, 30), is_young=True, limits=None) for index in range(young)]
    for drawing in _drawings(control(dots)):
        whole = float(drawing.attrib["viewBox"].split()[2])
        assert _collisions(drawing) == []
        assert all(start >= 0 and end <= whole + OVER for start, end in map(_span, drawing.iter("text")))
