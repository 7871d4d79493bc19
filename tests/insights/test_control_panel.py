"""The panel of signals: its words, its drawing, its table, and that each number on it opens."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from crm.models import User
from crm.rules import formats
from crm.rules.roles import Role
from insights.rules.control import CONTROL_COLUMNS, Start, WeekCount, control
from insights.rules.period import Week, weeks_between
from insights.rules.quality import Quality
from insights.rules.slice import Slice
from insights.rules.table import Bridge, Key, Row, Table
from insights.views.control import ControlPanel, control_panel
from tests.factories.crm import UserFactory
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.insights.opened import links_to, listed
from tests.insights.test_control import QUIET
from tests.insights.weekly import monday, tell

WEEKS = list(weeks_between(Week(2025, 1).first_on, Week(2027, 1).first_on))
USUAL, HIGH, FAR = (87, 250), (92, 250), (140, 250)
BEFORE = [(84, 250), (90, 250)] * 8
NOW = datetime.combine(monday(19), datetime.min.time(), UTC)


def _panel(
    counts: Sequence[tuple[int, int]], *, before: Sequence[tuple[int, int]] = BEFORE, young: int = 0
) -> ControlPanel:
    weeks = [WeekCount(week=WEEKS[i], non_target=k, n=n) for i, (k, n) in enumerate([*before, *counts])]
    shown = weeks[len(before) :]
    for i in range(len(shown) - young, len(shown)):
        shown[i] = WeekCount(week=shown[i].week, non_target=shown[i].non_target, n=shown[i].n, is_ripe=False)
    return _panel_of(weeks[: len(before)], shown)


def _panel_of(before: Sequence[WeekCount], shown: Sequence[WeekCount], *, age: int | None = 7) -> ControlPanel:
    rows = [
        Row(key=Key(value=point.count.week.label, label="", parts={}), numbers=point)
        for point in control(before, shown)
    ]
    table = Table(
        metric="control",
        slice=Slice(funnel="sales", from_on=date(2025, 1, 1), to_on=date(2026, 1, 1), age=age),
        as_of=NOW,
        columns=CONTROL_COLUMNS,
        rows=tuple(rows),
        total=Quality(target=0, non_target=0, untouched=0, in_sla=0, overdue=0),
        bridge=Bridge(received=0, valid=0, duplicate=0, test=0),
    )
    with translation.override("en"):
        return control_panel(table, second_age=28)


# --- The words ----------------------------------------------------------------------------------------------------
def test_a_signal_is_named_and_the_others_are_not_discussed() -> None:
    panel = _panel([USUAL] * 4 + [FAR] + [USUAL] * 5)
    assert panel.take == "Signal: week 21. The other 9 weeks are within the usual wobble."
    assert panel.mood == "signal"
    assert panel.lines[4].verdict == "signal: above the usual wobble"


def test_without_a_signal_nothing_is_read_from_the_weeks() -> None:
    panel = _panel([USUAL] * 3, young=1)
    assert panel.take == "No signal: all 2 weeks are within the usual wobble."
    assert (panel.mood, panel.lines[2].verdict, panel.lines[2].limits) == ("calm", "not ripe yet", "—")


def test_a_run_names_its_weeks() -> None:
    panel = _panel([HIGH] * 9)
    assert panel.take == (
        "Signal: weeks 17–24, eight running, all lie above the mean. The other 1 week is within the usual wobble."
    )
    assert "below the mean" in _panel([(80, 250)] * 8).take


@pytest.mark.parametrize(
    ("counts", "before", "young", "told"),
    [
        ([(1, 9)] * 12, [], 0, "Too few leads for a chart"),
        ([USUAL], [], 0, "One ripe week has nothing to be judged by"),
        ([USUAL] * 2, BEFORE, 2, "No week is ripe yet"),
        ([(0, 0)] * 3, BEFORE, 0, "No leads came in this slice."),
        ([], [], 0, "No leads came in this slice."),
    ],
)
def test_instead_of_a_chart_the_panel_says_why(
    counts: Sequence[tuple[int, int]], before: Sequence[tuple[int, int]], young: int, told: str
) -> None:
    panel = _panel(counts, before=before, young=young)
    assert told in panel.take
    assert (panel.chart, panel.notes, panel.mood) == ("", [], "calm")


def test_the_base_is_told() -> None:
    (note,) = _panel([USUAL] * 2).notes
    assert note.replace("\xa0", " ").startswith("mean 34.8% · base: 16 weeks, 30 Dec 2024 – 20 Apr 2025 · σz = ")
    (own,) = _panel([USUAL] * 2, before=[]).notes
    assert "those of this period among them: rough limits" in own
    assert "widened" not in note


def test_limits_that_are_widened_say_so() -> None:
    (note,) = _panel([USUAL] * 2, before=[(60, 250), (115, 250)] * 8).notes
    assert re.search(r"σz = (\d\.\d\d): limits widened by \d\.\d\d$", note)


def test_a_change_of_the_definition_is_told() -> None:
    before = [WeekCount(week=WEEKS[i], non_target=k, n=n) for i, (k, n) in enumerate(BEFORE)]
    mixed = WeekCount(
        week=WEEKS[16], non_target=80, n=250, definition=None, starts=(Start(number=2, on=WEEKS[16].first_on),)
    )
    usual = WeekCount(week=WEEKS[17], non_target=87, n=250)
    panel = _panel_of(before, [mixed, usual], age=None)
    assert panel.notes[1:] == [
        "Week 17 has two definitions and is not judged.",
        "Without an age limit a week is judged once it is 28 days old.",
    ]
    assert "definition v2" in panel.chart


# --- The drawing --------------------------------------------------------------------------------------------------
def test_every_ripe_week_is_a_mark_with_a_name_and_young_ones_are_hatched() -> None:
    chart = _panel([USUAL, FAR, USUAL, USUAL], young=1).chart
    wide = chart.partition('<svg class="chart slim"')[0]
    assert len(re.findall("<a ", wide)) == 3
    assert wide.count('class="ring"') == 1
    assert wide.count('class="veil"') == 1
    assert "Week 18, from 28 Apr: 140 of 250 — 56.0%; signal: above the usual wobble (" in wide.replace("\xa0", " ")


def test_the_mean_and_the_limits_stand_where_unripe_weeks_leave_room() -> None:
    ripe, young = (_panel([USUAL] * 12, young=weeks).chart for weeks in (0, 2))
    assert '"tick ink halo" text-anchor="start">34.8%</text>' not in ripe
    assert young.count('"tick ink halo" text-anchor="start">34.8%</text>') == 2
    assert young.count('class="tick halo"') == 4


def test_of_few_leads_a_signal_has_no_percentage() -> None:
    with formats.shown_from(1000):
        chart = _panel([FAR]).chart
    assert "140 of 250</text>" in chart
    assert "56.0%" not in chart


def test_no_mark_leaves_the_drawing() -> None:
    for counts in ([FAR] * 3, [(0, 250), (250, 250)], [USUAL] * 53):
        chart = _panel(counts).chart
        for size in re.findall(r'viewBox="0 0 (\d+) (\d+)"(.*?)</svg>', chart):
            width, height = float(size[0]), float(size[1])
            spots = re.findall(r'c?x="([\d.-]+)" c?y="([\d.-]+)"', size[2])
            assert spots
            assert all(0 <= float(x) <= width and 0 <= float(y) <= height for x, y in spots)


def test_more_than_a_year_is_not_drawn_and_said_so() -> None:
    panel = _panel([USUAL] * 60)
    assert panel.left_out.startswith("7 earlier weeks are not drawn")
    assert len(panel.lines) == 60


# --- The page -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_number_of_the_panel_opens(language: str, client_of: Callable[[User], Client]) -> None:
    facts = Facts(make_rules())
    tell(facts, [*QUIET, (12, 12), (5, 12)])
    with time_machine.travel(NOW, tick=False):
        client = client_of(UserFactory(role=Role.MARKETER))
        asked = {"from": monday(12).isoformat(), "to": f"{date.fromordinal(monday(13).toordinal() + 6)}"}
        page: Any = client.get("/", asked, headers={"accept-language": language})
        shown = page.content.decode()
        assert ("Signal: week 14." if language == "en" else "Сигнал: неделя 14.") in shown
        if language == "ru":
            return
        promised = {(link.href, link.count) for link in links_to(page, "/board/leads/")}
        for href, count in promised:
            page = client.get(href, headers={"accept-language": "en"})
            assert listed(page) == count, href
    assert "vs 2 weeks before" in shown
    assert "the same at 28 days" in shown
