"""The funnel drawn: bars from one edge whose parts are those that came, words that stay apart, links with names."""

import itertools
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from django.utils import translation

from insights.charts.funnel import Counted, StageBar, funnel
from insights.charts.svg import width_of

Drawing = ElementTree.Element
SHORT, LONG = ("Price", "Silence"), ("Chose another school near home", "Does not want to study any more this year")


@pytest.fixture(autouse=True, params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def _bar(
    went_on: int, lost: int, still_open: int, won: int = 0, *, n: int = 734, reasons: tuple[str, ...] = SHORT
) -> StageBar:
    def counted(what: str, count: int) -> Counted:
        return Counted(count=count, told=f"{what}: {count}", url=f"/{what}/")

    return StageBar(
        name="Target",
        n=n,
        reached=counted("reached", went_on + lost + still_open + won),
        went_on=counted("went_on", went_on),
        lost=counted("lost", lost),
        open=counted("open", still_open),
        won=counted("won", won),
        share="55.0%",
        interval="50–60",
        corner="62.1% of all that came",
        stay="5 / >28 d.",
        reasons=[(name, counted(name, lost // 2)) for name in reasons] if lost else [],
        is_last=not went_on and bool(won),
    )


def _drawings(figure: str) -> list[Drawing]:
    return list(ElementTree.fromstring(figure).iter("svg"))


def _rects(drawing: Drawing) -> dict[str, tuple[float, float]]:
    """Where each part of a bar stands and how wide it is, by where it leads."""
    return {
        link.attrib["href"]: (float(shape.attrib["x"]), float(shape.attrib["width"]))
        for link in drawing.iter("a")
        for shape in link.iter("rect")
    }


def test_the_parts_of_a_bar_follow_each_other_from_the_edge() -> None:
    for drawing, width in zip(_drawings(funnel([_bar(251, 148, 57)])), (648, 330), strict=True):
        rects = _rects(drawing)
        assert list(rects) == ["/went_on/", "/lost/", "/open/"]
        assert rects["/went_on/"] == pytest.approx((0, width * 251 / 734), abs=0.1)
        x, wide = rects["/open/"]
        assert x + wide == pytest.approx(width * 456 / 734, abs=0.2)


def test_a_zero_is_not_drawn_and_says_nothing() -> None:
    for drawing in _drawings(funnel([_bar(456, 0, 0)])):
        assert set(_rects(drawing)) == {"/went_on/"}
        assert {link.attrib["href"] for link in drawing.iter("a")} == {"/reached/", "/went_on/"}


def test_every_part_and_number_has_a_name() -> None:
    for drawing in _drawings(funnel([_bar(251, 148, 57), _bar(0, 2, 1, 91)])):
        for link in drawing.iter("a"):
            assert link.attrib["aria-label"]
        assert {"/Price/", "/Silence/", "/lost/", "/won/"} <= {link.attrib["href"] for link in drawing.iter("a")}


def test_the_last_bar_has_no_words_of_going_on() -> None:
    for drawing in _drawings(funnel([_bar(0, 0, 0, 94)])):
        assert "↓" not in "".join(drawing.itertext())


@pytest.mark.parametrize("reasons", [SHORT, LONG, LONG[:1], ()])
def test_reasons_stay_within_the_drawing_and_are_told_in_full_where_there_is_room(reasons: tuple[str, ...]) -> None:
    wide, slim = _drawings(funnel([_bar(251, 148, 57, reasons=reasons), _bar(100, 60, 20)]))
    for name in reasons:
        assert name in "".join(wide.itertext())
    for drawing, width in ((wide, 648), (slim, 330)):
        for words in drawing.iter("text"):
            if words.attrib["text-anchor"] == "start":
                told = "".join(words.itertext())
                assert float(words.attrib["x"]) + width_of(told) <= width + 1, told


def test_words_of_two_rows_do_not_meet() -> None:
    for reasons in (SHORT, LONG):
        for drawing in _drawings(funnel([_bar(251, 148, 57, reasons=reasons)] * 3)):
            lines = sorted({float(words.attrib["y"]) for words in drawing.iter("text")})
            assert min(later - line for line, later in itertools.pairwise(lines)) >= 14
            assert lines[-1] <= float(drawing.attrib["viewBox"].split()[3])
