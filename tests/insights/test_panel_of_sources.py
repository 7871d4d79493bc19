"""Panel 4 in words: what it claims, what it leaves to chance, and why it sometimes compares nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from insights.rules.contrast import CONTRAST_COLUMNS, contrasts
from insights.rules.mix import MIX_COLUMNS, shifts
from insights.rules.previous import CHANGE_COLUMNS, Change
from insights.rules.quality import Quality
from insights.rules.ratio import Ratio
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Bridge, Key, Row, Table
from insights.views.shift import ShiftView, shift_of
from insights.views.sources import MOST_DRAWN, SourcesPanel, sources_panel
from leads.models.source import UNDEFINED_SOURCE

Counts = Mapping[str, tuple[int, int]]
AT = datetime(2026, 11, 22, tzinfo=UTC)
ASKED = Slice(funnel="sales", from_on=date(2026, 8, 31), to_on=date(2026, 11, 8), age=7)
# The weeks of the drawn board: non-target of leads.
NOW: Counts = {
    "VK": (116, 236), "Avito": (36, 88), "Direct": (144, 398), "SEO": (44, 188), "Partners": (15, 122),
    UNDEFINED_SOURCE: (10, 26),
}  # fmt: skip
THEN: Counts = {
    "VK": (66, 130), "Avito": (44, 100), "Direct": (168, 470), "SEO": (65, 262), "Partners": (25, 190),
    UNDEFINED_SOURCE: (11, 28),
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def _quality(counts: tuple[int, int]) -> Quality:
    return Quality(target=counts[1] - counts[0], non_target=counts[0], untouched=0, in_sla=0, overdue=0)


def _sum(counts: Counts) -> tuple[int, int]:
    return sum(k for k, _n in counts.values()), sum(n for _k, n in counts.values())


def _table(rows: object, columns: object, counts: Counts, **more: object) -> Table[object]:
    n = _sum(counts)[1]
    fixed = {
        "metric": "sources", "slice": ASKED, "as_of": AT, "columns": columns, "rows": rows,
        "total": _quality(_sum(counts)), "bridge": Bridge(received=n, valid=n, duplicate=0, test=0),
        "group_by": GroupBy.SOURCE,
    }  # fmt: skip
    return Table(**{**fixed, **more})  # type: ignore[arg-type]


def _key(name: str) -> Key:
    return Key(value=name, label="not determined" if name == UNDEFINED_SOURCE else name, parts={"source": name})


def _shift(
    then: Counts, now: Counts, *, enough: int = 30, whole: Mapping[str, object] | None = None, **more: object
) -> ShiftView:
    split = shifts({name: Ratio(*c) for name, c in then.items()}, {name: Ratio(*c) for name, c in now.items()})
    rows = tuple(Row(key=_key(name), numbers=shift) for name, shift in split.items())
    fixed = {"compared_with": ASKED.previous}
    table = _table(rows, MIX_COLUMNS, now, **{**fixed, **more})
    whole = _compared(then, now, **(whole or {}))
    return shift_of(table, asked=ASKED, compared=whole, enough=enough, url="#mix")  # type: ignore[arg-type]


def _compared(then: Counts, now: Counts, **more: object) -> Table[object]:
    """Compare the whole, as the headline does."""
    (failed_before, n_before), (failed, n) = _sum(then), _sum(now)
    change = Change(
        criterion=None, failed=failed, n=n, before_failed=failed_before, before_n=n_before, enough=30,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return _table((Row(key=_key(""), numbers=change),), CHANGE_COLUMNS, now)


def _panel(now: Counts, then: Counts | None = None, *, whole: bool = False, **of_the_shift: object) -> SourcesPanel:
    groups = {name: (_quality(counts), []) for name, counts in now.items()}
    found = contrasts(groups, (_quality(_sum(now)), []), enough=30)
    rows = tuple(Row(key=_key(name), numbers=cells[0]) for name, cells in found.items())
    table = _table(rows, CONTRAST_COLUMNS, now)
    return sources_panel(table, _shift(then or {}, now, **of_the_shift), enough=30, whole=whole)  # type: ignore[arg-type]


def _plain(words: str) -> str:
    return words.replace("\xa0", " ")


# --- The shift ------------------------------------------------------------------------------------------------------
def test_more_of_a_worse_channel_was_bought() -> None:
    found = _shift(THEN, NOW)
    assert found.take == "Bought more of “VK”: +2.4\xa0pp = mix +3.2 · quality −0.8."
    assert found.told == "+2.4\xa0pp [−1.5; +6.3], +7% relative: usual variation"
    assert found.moved == "VK: 11% → 22% · Partners: 16% → 12% of the stream"
    assert _plain(found.scope) == "ripe weeks: 31 Aug – 8 Nov, n = 1,058, against 22 Jun – 30 Aug, n = 1,180"
    assert found.mood == "calm"


def test_less_of_a_better_channel_was_bought_while_every_channel_grew_better() -> None:
    august: Counts = {"Direct": (160, 400), "SEO": (75, 300), "Partners": (45, 300)}
    september: Counts = {"Direct": (273, 700), "SEO": (48, 200), "Partners": (14, 100)}
    found = _shift(august, september)
    assert found.take == "Bought less of “Partners”: +5.5\xa0pp = mix +6.5 · quality −1.0."
    assert found.told == "+5.5\xa0pp [+1.5; +9.5], +20% relative"
    assert found.mood == "look"
    assert [(line.name, line.mix) for line in found.lines] == [
        ("Direct", "+2.6\xa0pp"), ("SEO", "+0.6\xa0pp"), ("Partners", "+3.3\xa0pp"),
    ]  # fmt: skip


def test_a_channel_got_worse() -> None:
    found = _shift({"VK": (30, 100), "SEO": (20, 100)}, {"VK": (60, 100), "SEO": (20, 100)})
    assert found.take == "“VK” got worse: +15.0\xa0pp = mix 0.0 · quality +15.0."
    better = _shift({"VK": (60, 100), "SEO": (20, 100)}, {"VK": (30, 100), "SEO": (20, 100)})
    assert better.take.startswith("“VK” got better: −15.0\xa0pp")


def test_no_channel_is_named_for_what_chance_may_have_done() -> None:
    found = _shift({"VK": (30, 100)}, {"VK": (33, 100)})
    assert found.take == "Within usual variation: +3.0\xa0pp = mix 0.0 · quality +3.0."


def test_of_fewer_than_thirty_leads_the_parts_are_told_and_no_cause() -> None:
    found = _shift({"VK": (5, 20), "SEO": (0, 5)}, {"VK": (10, 20)})
    assert found.take == "+30.0\xa0pp = mix +7.5 · quality +22.5."
    assert found.chart
    assert (found.mood, found.moved) == ("calm", "")


def test_across_two_definitions_nothing_follows_from_the_change() -> None:
    found = _shift(THEN, NOW, whole={"is_redefined": True})
    assert found.take == "+2.4\xa0pp = mix +3.2 · quality −0.8."
    assert "[" not in found.told
    assert "nothing follows from it" in found.told


def test_weeks_that_wobble_more_than_dice_widen_the_interval_as_they_do_in_the_headline() -> None:
    then: Counts = {"VK": (100, 400)}
    now: Counts = {"VK": (130, 400)}
    assert _shift(then, now).told == "+7.5\xa0pp [+1.2; +13.7], +30% relative"
    wide = _compared(then, now, spread=2.0).rows[0].numbers
    found = _shift(then, now, whole={"spread": 2.0})
    assert found.told == "+7.5\xa0pp [−5.0; +19.7], +30% relative: usual variation"
    assert found.change is not None
    assert found.change.difference == wide.interval  # type: ignore[attr-defined]


def test_dots_and_change_that_count_other_weeks_say_so() -> None:
    ripe = replace(ASKED, to_on=date(2026, 11, 1))
    assert _panel(NOW, THEN).weeks == ""
    young = _panel(NOW, THEN, slice=ripe).weeks
    assert _plain(young).startswith("The dots count every week; the change is of the weeks up to 1 Nov only")


def test_segments_are_not_bought() -> None:
    found = _shift({"Firms": (10, 100), "People": (50, 100)}, {"Firms": (10, 100), "People": (100, 200)},
                   group_by=GroupBy.SEGMENT)  # fmt: skip
    assert found.take.startswith("Fewer leads of “Firms”: +6.7\xa0pp")
    assert "Channel" not in found.chart


@pytest.mark.parametrize(
    ("then", "now", "more", "words"),
    [
        (THEN, NOW, {"slice": replace(ASKED, age=None)}, "Without an age"),
        (THEN, NOW, {"slice": replace(ASKED, to_on=None)}, "open end"),
        (THEN, NOW, {"slice": replace(ASKED, from_on=date(2000, 1, 1))}, "so long"),
        ({}, NOW, {"compared_with": None}, "No week is ripe"),
        ({}, NOW, {}, "No leads came in the period before, 22 Jun – 30 Aug"),
        (THEN, {}, {}, "No leads came in the ripe weeks"),
        ({"VK": (3, 9)}, NOW, {}, "Too few leads to split a change: 9 before, 1,058 now."),
    ],
)
def test_why_nothing_is_compared(then: Counts, now: Counts, more: dict[str, object], words: str) -> None:
    found = _shift(then, now, **more)
    assert words in _plain(found.why_not)
    assert (found.chart, found.take, found.change) == ("", "", None)


# --- The dots -------------------------------------------------------------------------------------------------------
def test_those_that_may_be_ranked_stand_by_share_and_the_small_ones_last() -> None:
    panel = _panel(NOW, THEN)
    assert [line.name for line in panel.lines] == ["VK", "Avito", "Direct", "SEO", "Partners", "not determined"]
    signals = [(line.name, line.signal) for line in panel.lines]
    assert signals[0] == ("VK", "worse than all others")
    assert signals[1:3] == [("Avito", "within chance"), ("Direct", "within chance")]
    assert signals[3:5] == [("SEO", "better than all others"), ("Partners", "better than all others")]
    assert panel.lines[-1].signal == ""
    assert panel.mood == "look"


def test_without_a_period_before_the_source_that_stands_out_is_named() -> None:
    panel = _panel(NOW)
    assert panel.take == "“VK” stands out: 49.2% non-target, +18.9\xa0pp against all others."
    calm = _panel({"VK": (20, 100), "SEO": (21, 100)})
    assert calm.take == "No difference here is more than chance."


def test_leads_of_no_known_source_are_drawn_whatever_their_place() -> None:
    many = {f"Source {number:02}": (number, 100) for number in range(MOST_DRAWN + 5)} | {UNDEFINED_SOURCE: (1, 12)}
    panel = _panel(many)
    assert "not determined" in panel.chart
    assert panel.left_out == "6 more groups are not drawn: they are in the table."
    assert len(panel.lines) == len(many)
    whole = _panel(many, whole=True)
    assert (whole.left_out, whole.chart.count("Source 00, non-target")) == ("", 4)
