"""What the charts of sources draw: areas and places as the counts say, nothing of few leads, words apart."""

import itertools
import re
from collections.abc import Iterator, Sequence
from math import pi
from xml.etree import ElementTree

import pytest
from django.utils import translation

from insights.charts.shift import Step, shift
from insights.charts.sources import SourceDot, sources
from insights.charts.svg import width_of
from insights.rules.ratio import Ratio

Drawing = ElementTree.Element
BREATH = 2.0
EVIL = '<script>alert("1")</script> & \' onload="x"'


@pytest.fixture(autouse=True, params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def _dot(k: int, n: int, *, name: str = "VK", enough: int = 30, marked: bool = False) -> SourceDot:
    return SourceDot(
        name=name, ratio=Ratio(k, n), is_ranked=n >= enough, is_marked=marked, remark="", url=f"/{name}/{k}/{n}/"
    )


def _figure(*dots: SourceDot) -> list[Drawing]:
    total = sum((dot.ratio for dot in dots), Ratio(0, 0))
    return list(ElementTree.fromstring(sources(dots, total, "source")).iter("svg"))


def _shift(before: float, mix: float, rate: float) -> list[Drawing]:
    steps = [Step(name="Channel mix", value=mix, url="/mix/"), Step(name="Channel quality", value=rate, url="/rate/")]
    return list(ElementTree.fromstring(shift(before, before + mix + rate, steps)).iter("svg"))


def _circles(drawing: Drawing) -> list[Drawing]:
    return list(drawing.iter("circle"))


def _words(text: Drawing) -> str:
    return "".join(text.itertext())


def _span(text: Drawing) -> tuple[float, float]:
    scale = 11.5 / 12.5 if "tick" in text.attrib["class"].split() else 1
    width = width_of(_words(text), scale=scale) + sum(float(span.get("dx", 0)) for span in text.iter("tspan"))
    x = float(text.attrib["x"])
    start = {"start": x, "middle": x - width / 2, "end": x - width}[text.attrib["text-anchor"]]
    return start, start + width


def _collisions(drawing: Drawing) -> list[tuple[str, str]]:
    texts = [text for text in drawing.iter("text") if text.attrib["class"] != "flag"]
    return [
        (_words(one), _words(two))
        for one, two in itertools.combinations(texts, 2)
        if abs(float(one.attrib["y"]) - float(two.attrib["y"])) < 11
        and _span(one)[0] < _span(two)[1] + BREATH
        and _span(two)[0] < _span(one)[1] + BREATH
    ]


def test_the_area_of_a_dot_is_its_number_of_leads() -> None:
    for drawing in _figure(_dot(100, 400), _dot(50, 100, name="SEO")):
        large, small = (pi * float(circle.attrib["r"]) ** 2 for circle in _circles(drawing))
        assert large / small == pytest.approx(4, rel=0.05)


def test_a_dot_stands_at_its_share_between_the_ends_of_its_interval() -> None:
    for drawing in _figure(_dot(20, 100), _dot(60, 100, name="SEO")):
        whiskers = [line for line in drawing.iter("line") if line.attrib["class"] == "ci"]
        centres = [float(circle.attrib["cx"]) for circle in _circles(drawing)]
        for whisker, centre in zip(whiskers, centres, strict=True):
            assert float(whisker.attrib["x1"]) < centre < float(whisker.attrib["x2"])
        (total, *_rest) = [float(line.attrib["x1"]) for line in drawing.iter("line") if line.attrib["class"] == "total"]
        assert total == pytest.approx(sum(centres) / 2, abs=0.1), "40 % is between 20 % and 60 %"


def test_a_confirmed_difference_is_told_by_colour_and_by_sign() -> None:
    for drawing in _figure(_dot(45, 90, marked=True), _dot(20, 90, name="SEO")):
        assert [circle.attrib["class"] for circle in _circles(drawing)] == ["src mark", "src"]
        assert [_words(text) for text in drawing.iter("text")].count("◆") == 1


def test_a_small_source_is_hollow_and_says_k_of_n(language: str) -> None:
    words = {"en": "10 of 26", "ru": "10 из 26"}[language]
    for drawing in _figure(_dot(100, 300), _dot(10, 26, name="Unknown")):
        assert [circle.attrib["class"] for circle in _circles(drawing)] == ["src", "src few"]
        assert {line.attrib["class"] for line in drawing.iter("line")} >= {"ci", "ci few"}
        assert words in {_words(text) for text in drawing.iter("text")}


def test_fewer_than_ten_leads_have_no_dot_no_interval_and_no_percentage() -> None:
    for drawing in _figure(_dot(3, 7), _dot(0, 0, name="SEO")):
        assert _circles(drawing) == list(drawing.iter("line")) == []
        assert "%" not in "".join(drawing.itertext())
        assert {link.attrib["href"] for link in drawing.iter("a")} == {"/VK/3/7/", "/SEO/0/0/"}


@pytest.mark.parametrize(
    "dots",
    [
        [_dot(0, 40), _dot(40, 40, name="SEO")],
        [_dot(1, 30), _dot(2, 30, name="SEO")],
        [_dot(400_000, 1_000_000, name="A name that is much longer than there is room for"), _dot(9, 12, name="SEO")],
        [_dot(5, 10, name=f"Source {number}") for number in range(12)],
    ],
)
def test_dots_and_words_stay_inside_and_apart(dots: Sequence[SourceDot]) -> None:
    for drawing in _figure(*dots):
        width = float(drawing.attrib["viewBox"].split()[2])
        assert _collisions(drawing) == []
        for circle in _circles(drawing):
            assert -2 <= float(circle.attrib["cx"]) <= width
        assert all(end <= width + 0.1 and start >= -0.1 for start, end in map(_span, drawing.iter("text")))


# --- The shift ------------------------------------------------------------------------------------------------------
SHIFTS = [
    (0.28, 0.065, -0.01),
    (0.321, 0.032, -0.008),
    (0.3, 0.0001, 0.0),
    (0.5, -0.3, 0.1),
    (0.0, 0.4, 0.6),
    (1.0, -1.0, 0.0),
]


@pytest.mark.parametrize(("before", "mix", "rate"), SHIFTS)
def test_the_arrows_lead_from_what_was_to_what_is(before: float, mix: float, rate: float) -> None:
    for drawing in _shift(before, mix, rate):
        first = next(line for line in drawing.iter("line") if line.attrib["class"] == "center")
        last = next(line for line in drawing.iter("line") if line.attrib["class"] == "total")
        ends = [_ends(path.attrib["d"]) for path in drawing.iter("path")]
        assert len(ends) == sum(abs(part) > 0 for part in (mix, rate))
        assert ends[0][0] == pytest.approx(float(first.attrib["x1"]), abs=0.2)
        assert ends[-1][1] == pytest.approx(float(last.attrib["x1"]), abs=0.2)
        assert next(path.attrib["class"] for path in drawing.iter("path")) == ("up" if mix > 0 else "down")


def _ends(steps: str) -> tuple[float, float]:
    start = re.match(r"M([\d.]+) ", steps)
    tip = re.search(r"L([\d.]+) ", steps)
    assert start
    assert tip
    return float(start[1]), float(tip[1])


@pytest.mark.parametrize(("before", "mix", "rate"), SHIFTS)
def test_words_of_the_shift_do_not_lie_on_each_other(before: float, mix: float, rate: float) -> None:
    for drawing in _shift(before, mix, rate):
        assert _collisions(drawing) == []
        width = float(drawing.attrib["viewBox"].split()[2])
        assert all(end <= width + 0.1 and start >= -0.1 for start, end in map(_span, drawing.iter("text")))


def test_nothing_moved_is_no_arrow() -> None:
    assert all(list(drawing.iter("path")) == [] for drawing in _shift(0.3, 0.0, 0.0))


# --- Links and markup -----------------------------------------------------------------------------------------------
def test_every_mark_is_a_link_with_a_name_and_names_are_no_markup() -> None:
    figures = [*_figure(_dot(40, 100, name=EVIL), _dot(3, 7, name=EVIL)), *_shift(0.3, 0.1, 0.1)]
    for drawing in figures:
        assert drawing.attrib["role"] == "group"
        linked = {shape for link in drawing.iter("a") for shape in link.iter()}
        assert {shape for kind in ("circle", "path") for shape in drawing.iter(kind)} <= linked
        for link in drawing.iter("a"):
            title = link.find("title")
            assert title is not None
            assert link.attrib["aria-label"] == title.text != ""
        for shape in drawing.iter():
            assert shape.tag in {"svg", "a", "title", "text", "tspan", "circle", "line", "path"}
            assert not [name for name in shape.attrib if name == "style" or name.startswith("on")]
