"""What the charts of panel 6 draw: bars by share and norm, words apart from each other, marks with names."""

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import pytest
from django.utils import translation

from insights.charts.bullets import Bullet, bullets
from insights.charts.contacts import LOOKS, ContactPart, contacts
from insights.charts.first_contact import FirstContact, Mark, first_contact, minutes_words
from tests.insights.test_charts import _bars, _collisions, _drawings, _number, _span, _told, _words

Drawing = ElementTree.Element
COUNTS = [(0, 12), (1, 12), (742, 1058), (12, 12), (1_234_567, 2_345_678), (3, 7), (0, 0)]


@pytest.fixture(autouse=True, params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


def _bullet(k: int, n: int, *, norm: float = 0.8, is_at_least: bool = True, word: str = "") -> Bullet:
    word = word or translation.gettext("… not over yet, norm %(norm)s") % {"norm": "≥ 80%"}
    name = translation.gettext("Overturned tags “non-target”")
    return Bullet(
        name=name, k=k, n=n, norm=norm, is_at_least=is_at_least, word=word, is_out=False, url=f"/{is_at_least}/"
    )


def _curve(*, points: Sequence[tuple[float, float]], n: int = 22, contacted: int = 21) -> FirstContact:
    median = next((minutes for minutes, share in points if share >= 0.5), None)
    p90 = next((minutes for minutes, share in points if share >= 0.9), None)
    return FirstContact(
        n=n,
        contacted=contacted,
        points=points,
        marks=[Mark(5, min(4, contacted), "/5/"), Mark(60, min(15, contacted), "/60/")],
        median=median,
        p90=p90,
        contacted_url="/contacted/",
        never_url="/never/",
    )


CURVES = [
    _curve(points=[(2, 0.1), (25, 0.5), (600, 0.91), (1500, 0.95)]),
    _curve(points=[(0, 1.0)], contacted=22),
    _curve(points=[], contacted=0),
    _curve(points=[(300_000, 0.5), (500_000, 0.95)]),
    _curve(points=[(10_000, 0.95)], n=1_234_567, contacted=1_234_566),
    _curve(points=[(30, 1.0)], n=3, contacted=3),
]


@pytest.mark.parametrize(("k", "n"), COUNTS)
@pytest.mark.parametrize("is_at_least", [True, False])
def test_words_of_bullets_stay_apart_and_inside(k: int, n: int, is_at_least: bool) -> None:
    for drawing in _drawings(bullets([_bullet(k, n, is_at_least=is_at_least), _bullet(0, n)])):
        whole = float(drawing.attrib["viewBox"].split()[2])
        assert _collisions(drawing) == []
        assert all(start >= 0 and end <= whole + 0.1 for start, end in map(_span, drawing.iter("text")))


def test_a_bullet_is_as_long_as_its_share_and_a_zero_is_nothing() -> None:
    for drawing in _drawings(bullets([_bullet(30, 100), _bullet(0, 100)])):
        whole = float(drawing.attrib["viewBox"].split()[2])
        assert [_number(bar, "width") / whole for bar in _bars(drawing)] == pytest.approx([0.3], abs=0.01)


@pytest.mark.parametrize(("k", "scale"), [(5, 0.1), (11, 0.25), (26, 0.5), (51, 1.0)])
def test_where_less_is_better_the_scale_holds_the_longest(k: int, scale: float) -> None:
    for drawing in _drawings(bullets([_bullet(k, 100, norm=0.05, is_at_least=False)])):
        whole = float(drawing.attrib["viewBox"].split()[2])
        assert [_number(bar, "width") / whole for bar in _bars(drawing)] == pytest.approx([k / 100 / scale], abs=0.01)


@pytest.mark.parametrize("shown", CURVES)
def test_the_curve_stays_inside_and_its_words_apart(shown: FirstContact) -> None:
    for drawing in _drawings(first_contact(shown)):
        whole = float(drawing.attrib["viewBox"].split()[2])
        assert all(start >= 0 and end <= whole + 0.1 for start, end in map(_span, drawing.iter("text")))
        ticks = [text for text in drawing.iter("text") if text.attrib["class"] == "tick"]
        told = {_words(text) for text in ticks}
        assert [pair for pair in _collisions(drawing) if set(pair) <= told] == []


def test_few_leads_have_no_percentages() -> None:
    few = [bullets([_bullet(1, 3, word="-")]), first_contact(CURVES[-1]), contacts(_parts(1, 0, 0, 0, 2))]
    told = [words for figure in few for drawing in _drawings(figure) for words in _told(drawing)]
    assert [words for words in told if "%" in words] == []


def _parts(*counts: int) -> list[ContactPart]:
    return [
        ContactPart(code=code, name=code, count=count, n=sum(counts), url=f"/{code}/")
        for code, count in zip(LOOKS, counts, strict=True)
    ]


@pytest.mark.parametrize("counts", [(84, 24, 68, 15, 867), (0, 0, 0, 0, 1), (1, 0, 0, 1, 1_000_000), (0, 0, 0, 0, 0)])
def test_the_parts_of_contact_are_the_whole_bar(counts: tuple[int, ...]) -> None:
    for drawing in _drawings(contacts(_parts(*counts))):
        whole = float(drawing.attrib["viewBox"].split()[2])
        assert len(_bars(drawing)) == sum(count > 0 for count in counts)
        ends = [_number(bar, "x") + _number(bar, "width") for bar in _bars(drawing)]
        assert not ends or ends[-1] == pytest.approx(whole, abs=0.11)


def test_every_mark_of_the_work_has_a_name() -> None:
    for figure in (bullets([_bullet(3, 12)]), first_contact(CURVES[0]), contacts(_parts(1, 1, 1, 1, 1))):
        for drawing in _drawings(figure):
            assert drawing.attrib["aria-label"]
            for link in drawing.iter("a"):
                title = link.find("title")
                assert title is not None
                assert link.attrib["aria-label"] == title.text != ""


def test_times_are_said_as_people_say_them(language: str) -> None:
    told = [minutes_words(minutes).replace("\xa0", " ") for minutes in (0, 19, 59, 60, 90, 840, 1440, 2160, 40_320)]
    expected = {
        "en": ["0 min", "19 min", "59 min", "1 h", "1.5 h", "14 h", "1 d", "1.5 d", "28 d"],
        "ru": ["0 мин", "19 мин", "59 мин", "1 ч", "1,5 ч", "14 ч", "1 дн.", "1,5 дн.", "28 дн."],
    }
    assert told == expected[language]
