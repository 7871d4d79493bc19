"""What charts draw: nothing for a zero, a whole for a whole, words apart from each other, links with names."""

import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import translation

from insights.charts.cohorts import WeekBar, cohorts
from insights.charts.criteria import CriterionBar, criteria
from insights.charts.headline import headline
from insights.charts.shares import LOOKS, Cohort, Part
from insights.charts.svg import rect, width_of

Drawing = ElementTree.Element

MONDAY = date(2026, 8, 31)
SWATCH = "12"
FURNITURE = {"veil", "young"}
TICK = 11.5 / 12.5  # how large an axis label is beside other words
BREATH = 2.0  # units that part two labels at least
EXTREMES = [
    (0, 0, 0, 1),
    (1, 0, 0, 0),
    (0, 5, 0, 0),
    (0, 0, 12, 0),
    (0, 700, 568, 0),
    (1, 1, 1, 1),
    (1, 1, 1, 1000),
    (1000, 1, 1, 1),
    (1, 1000, 1, 1),
    (1, 1, 1000, 1),
    (418, 219, 151, 480),
    (0, 4_000_000, 0, 1),
    (1_234_567, 1_234_567, 1_234_567, 1_234_567),
]


@pytest.fixture(autouse=True, params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def _cohort(*counts: int) -> Cohort:
    codes = ("non_target", "waiting", "overdue", "target")
    parts = {code: Part(code=code, count=count, url=f"/{code}/") for code, count in zip(codes, counts, strict=True)}
    return Cohort(n=sum(counts), **parts)


def _week(cohort: Cohort, *, index: int = 0, label: str = "Week 36", is_mature: bool = True) -> WeekBar:
    return WeekBar(
        number=10 + index,
        monday_on=MONDAY + timedelta(weeks=index),
        label=label,
        cohort=cohort,
        is_mature=is_mature,
    )


def _criterion(failed: int, sole: int, n: int, *, name: str = "No budget", asked: int = 0) -> CriterionBar:
    share = failed / n if n else 0
    urls = {"url": f"/{name}/failed/", "sole_url": f"/{name}/sole/", "asked_url": f"/{name}/asked/"}
    return CriterionBar(
        name=name, n=n, decided=n, failed=failed, sole=sole, asked=asked, low=share * 0.8, high=share * 1.2, **urls
    )


def _drawings(figure: str) -> list[Drawing]:
    return list(ElementTree.fromstring(figure).iter("svg"))


def _number(shape: Drawing, name: str) -> float:
    return float(shape.attrib[name])


def _words(shape: Drawing) -> str:
    return "".join(shape.itertext())


def _links(drawing: Drawing, url: str) -> list[Drawing]:
    return [link for link in drawing.iter("a") if link.attrib["href"] == url]


def _bars(drawing: Drawing) -> list[Drawing]:
    """The marks of a drawing, without the swatches that stand before words."""
    found = [shape for link in drawing.iter("a") for shape in link.iter("rect")]
    return [shape for shape in found if shape.attrib["width"] != SWATCH]


def _span(text: Drawing) -> tuple[float, float]:
    scale = TICK if "tick" in text.attrib["class"].split() else 1
    width = width_of(_words(text), scale=scale) + sum(float(span.get("dx", 0)) for span in text.iter("tspan"))
    x = _number(text, "x")
    start = {"start": x, "middle": x - width / 2, "end": x - width}[text.attrib["text-anchor"]]
    return start, start + width


def _collisions(drawing: Drawing) -> list[tuple[str, str]]:
    texts = list(drawing.iter("text"))
    return [
        (_words(one), _words(two))
        for one, two in itertools.combinations(texts, 2)
        if abs(_number(one, "y") - _number(two, "y")) < 11
        and _span(one)[0] < _span(two)[1] + BREATH
        and _span(two)[0] < _span(one)[1] + BREATH
    ]


def _figures() -> Sequence[str]:
    """One figure of each kind, with names that try to break out of the markup."""
    evil = '<script>alert("1")</script> & \' onload="x"'
    weeks = [_week(_cohort(4, 3, 2, 5), label=evil), _week(_cohort(4, 3, 2, 5), index=1, is_mature=False)]
    return (
        headline(_cohort(4, 3, 2, 5)),
        cohorts(weeks),
        criteria([_criterion(5, 2, 20, name=evil, asked=15), _criterion(0, 0, 20, name="Never failed")]),
    )


# --- Zero and whole -------------------------------------------------------------------------------------------------
def test_a_zero_is_nothing_and_not_a_small_bar() -> None:
    assert rect(0, 0, 0, 10, "nt") == rect(0, 0, 10, 0, "nt") == ""


@pytest.mark.parametrize("counts", EXTREMES)
def test_the_headline_draws_no_part_of_zero_leads(counts: tuple[int, ...]) -> None:
    cohort = _cohort(*counts)
    drawn = {part.code for part in cohort.parts if part.count}
    classes = {LOOKS[code][0] for code in drawn}
    for drawing in _drawings(headline(cohort)):
        assert {bar.attrib["class"] for bar in _bars(drawing)} == classes


@pytest.mark.parametrize("counts", EXTREMES)
def test_the_shares_of_the_headline_add_up_to_its_width(counts: tuple[int, ...]) -> None:
    for drawing in _drawings(headline(_cohort(*counts))):
        whole = float(drawing.attrib["viewBox"].split()[2])
        bars = sorted(_bars(drawing), key=lambda bar: _number(bar, "x"))
        ends = [_number(bar, "x") + _number(bar, "width") for bar in bars]
        gaps = [_number(bar, "x") - end for bar, end in zip(bars, [0.0, *ends], strict=False)]
        assert all(-0.11 <= gap <= 1.11 for gap in gaps), "bars overlap or leave holes"
        assert ends[-1] == pytest.approx(whole, abs=0.11)


def test_a_part_of_the_headline_is_as_long_as_its_share() -> None:
    for drawing in _drawings(headline(_cohort(10, 20, 30, 40))):
        whole = float(drawing.attrib["viewBox"].split()[2])
        widths = [_number(bar, "width") / whole for bar in _bars(drawing)]
        assert widths == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.005)


def test_a_week_is_stacked_to_the_same_height_whatever_its_volume() -> None:
    for drawing in _drawings(cohorts([_week(_cohort(1, 0, 0, 3)), _week(_cohort(500, 300, 0, 800), index=1)])):
        tops = [min(_number(bar, "y") for bar in bars) for bars in _columns(drawing)]
        bottoms = [max(_number(bar, "y") + _number(bar, "height") for bar in bars) for bars in _columns(drawing)]
        assert tops[0] == pytest.approx(tops[1], abs=0.11)
        assert bottoms[0] == pytest.approx(bottoms[1], abs=1)


def _columns(drawing: Drawing) -> list[list[Drawing]]:
    bars = sorted(_bars(drawing), key=lambda bar: _number(bar, "x"))
    return [list(column) for _x, column in itertools.groupby(bars, key=lambda bar: bar.attrib["x"])]


def test_a_week_without_leads_is_empty_and_keeps_its_place() -> None:
    weeks = [_week(_cohort(1, 0, 0, 3)), _week(_cohort(0, 0, 0, 0), index=1), _week(_cohort(2, 0, 0, 2), index=2)]
    for drawing in _drawings(cohorts(weeks)):
        assert len(_columns(drawing)) == 2
        assert {"10", "11", "12"} <= {_words(text) for text in drawing.iter("text")}


def test_a_criterion_nobody_failed_has_no_bar() -> None:
    for drawing in _drawings(criteria([_criterion(0, 0, 100, asked=100)])):
        assert _bars(drawing) == []
        assert list(drawing.iter("path")) == [], "no interval either"


def test_a_criterion_that_is_never_the_only_one_has_no_dark_part() -> None:
    for drawing in _drawings(criteria([_criterion(40, 0, 100, asked=100)])):
        assert [bar.attrib["class"] for bar in _bars(drawing)] == ["nt-soft"]


@pytest.mark.parametrize("bars", [[_criterion(0, 0, 0)], [_criterion(0, 0, 50), _criterion(50, 50, 50, asked=50)]])
def test_criteria_of_extreme_counts_stay_inside(bars: list[CriterionBar]) -> None:
    for drawing in _drawings(criteria(bars)):
        whole = float(drawing.attrib["viewBox"].split()[2])
        assert all(_number(bar, "x") + _number(bar, "width") <= whole for bar in _bars(drawing))


# --- Words ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("counts", EXTREMES)
def test_words_of_the_headline_do_not_lie_on_each_other(counts: tuple[int, ...]) -> None:
    for drawing in _drawings(headline(_cohort(*counts))):
        assert _collisions(drawing) == []


@pytest.mark.parametrize("counts", EXTREMES)
def test_words_of_the_headline_stay_inside(counts: tuple[int, ...]) -> None:
    for drawing in _drawings(headline(_cohort(*counts))):
        whole = float(drawing.attrib["viewBox"].split()[2])
        spans = [_span(text) for text in drawing.iter("text")]
        assert all(start >= 0 and end <= whole + 0.1 for start, end in spans)


@pytest.mark.parametrize("each", [1, 130, 1_500, 250_000])
@pytest.mark.parametrize("count", [1, 4, 12, 26, 52])
def test_counts_above_weeks_do_not_lie_on_each_other(count: int, each: int) -> None:
    for drawing in _drawings(cohorts([_week(_cohort(each, 0, 0, each), index=index) for index in range(count)])):
        assert _collisions(drawing) == []


def test_the_last_week_is_always_named() -> None:
    for drawing in _drawings(cohorts([_week(_cohort(1, 0, 0, 1), index=index) for index in range(52)])):
        assert "61" in {_words(text) for text in drawing.iter("text")}


def test_the_undecided_are_bracketed_with_the_bounds_of_the_final_share(language: str) -> None:
    words = {"en": ("25.0%", "75.0%"), "ru": ("25,0\xa0%", "75,0\xa0%")}[language]
    wide = _drawings(headline(_cohort(25, 30, 20, 25)))[0]
    told = [_words(text) for text in wide.iter("text") if text.attrib["class"] == "b"]
    assert all(any(word in text for text in told) for word in words)
    assert "bracket" in {path.attrib["class"] for path in wide.iter("path")}


def test_nothing_is_bracketed_when_all_is_decided() -> None:
    assert all(list(drawing.iter("path")) == [] for drawing in _drawings(headline(_cohort(30, 0, 0, 70))))


@pytest.mark.parametrize("counts", [(0, 0, 0, 1), (1, 2, 3, 3), (2, 1, 0, 0), (0, 0, 9, 0)])
def test_fewer_than_ten_leads_are_told_as_k_of_n_only(counts: tuple[int, ...]) -> None:
    cohort = _cohort(*counts)
    figures = [headline(cohort), cohorts([_week(cohort)]), criteria([_criterion(1, 1, cohort.n, asked=1)])]
    told = [words for figure in figures for drawing in _drawings(figure) for words in _told(drawing)]
    assert [words for words in told if "%" in words] == []


def _told(drawing: Drawing) -> Iterator[str]:
    """All words of a drawing but the ticks of its axis."""
    yield from (link.attrib["aria-label"] for link in drawing.iter("a"))
    yield from (_words(text) for text in drawing.iter("text") if text.attrib["class"] != "tick")


def test_ten_leads_are_told_as_a_share(language: str) -> None:
    share = {"en": "30.0%", "ru": "30,0\xa0%"}[language]
    for drawing in _drawings(headline(_cohort(3, 0, 0, 7))):
        (link,) = _links(drawing, "/non_target/")[:1]
        assert link.attrib["aria-label"].endswith(share)


# --- Links and markup -----------------------------------------------------------------------------------------------
def test_every_mark_opens_its_leads_under_a_name() -> None:
    for drawing in itertools.chain.from_iterable(map(_drawings, _figures())):
        linked = {shape for link in drawing.iter("a") for shape in link.iter()}
        loose = [shape for shape in drawing.iter("rect") if shape not in linked]
        assert {shape.attrib["class"] for shape in loose} <= FURNITURE
        for link in drawing.iter("a"):
            title = link.find("title")
            assert link.attrib["href"]
            assert title is not None
            assert link.attrib["aria-label"] == title.text != ""


def test_a_mark_says_its_count_and_its_whole() -> None:
    for drawing in _drawings(headline(_cohort(4, 3, 2, 5))):
        words = _links(drawing, "/non_target/")[0].attrib["aria-label"]
        assert re.findall(r"\d+", words)[:2] == ["4", "14"]


def test_every_drawing_is_a_named_group() -> None:
    for drawing in itertools.chain.from_iterable(map(_drawings, _figures())):
        assert drawing.attrib["role"] == "group"
        assert drawing.attrib["aria-label"]


def test_drawings_hold_neither_scripts_nor_styles_nor_foreign_markup() -> None:
    known = {"svg", "g", "a", "title", "text", "tspan", "rect", "line", "path"}
    for drawing in itertools.chain.from_iterable(map(_drawings, _figures())):
        for shape in drawing.iter():
            assert shape.tag in known
            assert not [name for name in shape.attrib if name == "style" or name.startswith("on")]


def test_names_are_written_as_they_are_and_never_as_markup() -> None:
    for figure in _figures()[1:]:
        assert "<script" not in figure
        told = {link.attrib["aria-label"] for drawing in _drawings(figure) for link in drawing.iter("a")}
        assert any('<script>alert("1")</script> & \' onload="x"' in words for words in told)
