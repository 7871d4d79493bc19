"""A slice against the period before it: at one age, ripe weeks only, and nothing claimed over a new definition."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from insights.queries.drilldown import leads_behind
from insights.queries.previous import previous, ripe_part
from insights.queries.quality import quality
from insights.rules.contrast import Signal
from insights.rules.control import excess_spread
from insights.rules.period import DAY
from insights.rules.pick import Pick
from insights.rules.previous import Change, Word, changes
from insights.rules.quality import CriterionCount, Quality
from insights.rules.ratio import Ratio
from insights.rules.slice import Slice
from insights.rules.stats import newcombe
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.insights.golden import MOSCOW
from tests.insights.opening import assert_every_number_opens
from tests.insights.rules.test_control_weeks import KS, NS
from tests.insights.weekly import monday, redefine, tell

NOW = datetime.combine(monday(5), datetime.min.time(), UTC)


# --- The rule -----------------------------------------------------------------------------------------------------
def _quality(non_target: int, n: int) -> Quality:
    return Quality(target=n - non_target, non_target=non_target, untouched=0, in_sla=0, overdue=0)


def _change(failed: int, n: int, before_failed: int, before_n: int) -> Change:
    (found,) = changes((_quality(failed, n), []), (_quality(before_failed, before_n), []), enough=30)
    return found


def _counts(n: int, **failed: int) -> list[CriterionCount]:
    return [
        CriterionCount(criterion=code, n=n, decided=n, failed=k, sole=0, fractional=0, assessed=n)
        for code, k in failed.items()
    ]


def test_a_change_is_told_in_points_and_as_a_part() -> None:
    worse = _change(48, 80, 56, 70)  # Newcombe 1998, Table II (a), from the other side
    assert (worse.difference, worse.difference_low, worse.difference_high) == pytest.approx(
        (-0.2, -0.3339, -0.0524), abs=5e-5
    )
    assert worse.relative == pytest.approx(-0.25)
    assert worse.word is Word.BETTER
    assert _change(56, 70, 48, 80).word is Word.WORSE


def test_an_interval_around_zero_is_the_usual_wobble() -> None:
    found = _change(345, 1000, 321, 1000)
    assert found.difference_low is not None
    assert found.difference_high is not None
    assert found.difference_low < 0 < found.difference_high
    assert found.word is Word.WOBBLE


def test_weeks_that_wobble_more_than_dice_make_the_interval_wider() -> None:
    still, restless = (
        changes((_quality(400, 1000), []), (_quality(350, 1000), []), enough=30, spread=spread)[0]
        for spread in (1.19, 2.0)
    )
    assert (still.word, restless.word) == (Word.WORSE, Word.WOBBLE)
    assert restless.difference_low == pytest.approx(newcombe(100, 250, 87.5, 250).low)  # type: ignore[union-attr]


def test_the_spread_of_weeks_takes_twelve_to_tell() -> None:
    quiet = [Ratio(k, n) for k, n in zip(KS, NS, strict=True)]
    restless = [Ratio(k, 250) for k in (60, 120) * 6]
    assert excess_spread(quiet) == 1.0
    assert excess_spread(restless) > 4
    assert excess_spread([*restless[:11], Ratio(0, 0)]) == 1.0
    assert excess_spread([Ratio(0, 9)] * 12) == 1.0


def test_of_few_leads_nothing_is_claimed() -> None:
    assert _change(29, 29, 0, 100).word is Word.FEW
    nobody = _change(0, 0, 10, 100)
    assert (nobody.word, nobody.difference, nobody.relative, nobody.p) == (Word.FEW, None, None, None)
    assert _change(10, 100, 0, 100).relative is None


def test_criteria_are_marked_after_correction_only() -> None:
    """Of ten criteria one alone with p = 0.03 is chance; a clear one stands."""
    still = {f"c{number}": 20 for number in range(9)}
    now = _quality(60, 200), _counts(200, **still, odd=33)
    before = _quality(60, 200), _counts(200, **still, odd=19)
    odd = changes(now, before, enough=30)[-1]
    assert odd.p == pytest.approx(0.036, abs=2e-3)
    assert odd.signal is None
    clear = changes((now[0], _counts(200, **still, odd=60)), before, enough=30)[-1]
    assert clear.signal is Signal.WORSE
    assert changes(before, (now[0], _counts(200, **still, odd=60)), enough=30)[-1].signal is Signal.BETTER


# --- The query ----------------------------------------------------------------------------------------------------
@pytest.fixture
def facts(db: None) -> Facts:
    return Facts(make_rules())


def _asked(**rest: object) -> Slice:
    known = {"funnel": "sales", "from_on": monday(2), "to_on": monday(3) + 6 * DAY, "age": 7}
    return Slice(**{**known, **rest})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_ripe_weeks_are_compared_with_the_whole_period_before(facts: Facts) -> None:
    tell(facts, [(2, 20), (2, 20), (16, 20), (19, 20)], failing=["need", "budget"])
    table = previous(slice=_asked(), at=NOW)
    changes = {row.numbers.criterion: row.numbers for row in table.rows}
    assert list(changes) == [None, "contact_valid", "need", "budget"]
    whole = changes[None]
    assert (whole.failed, whole.n, whole.before_failed, whole.before_n) == (35, 40, 4, 40)
    assert (whole.word, whole.difference) == (Word.WORSE, pytest.approx(31 / 40))
    assert (changes["need"].failed, changes["need"].before_failed) == (18, 2)
    assert changes["need"].signal is Signal.WORSE
    assert changes["contact_valid"].signal is None
    assert_every_number_opens(table, at=NOW)
    before = _asked().previous
    assert before is not None
    assert quality(slice=before, at=NOW).total.of_all == whole.before
    assert leads_behind(slice=before, pick=Pick(criterion="need"), at=NOW).count() == changes["need"].before_failed


@pytest.mark.django_db
def test_unripe_weeks_are_left_out(facts: Facts) -> None:
    tell(facts, [(2, 5), (2, 5), (3, 5), (5, 5)])
    early = NOW - timedelta(days=3)
    table = previous(slice=_asked(), at=early)
    assert table.slice.to_on == monday(2) + 6 * DAY
    assert (table.rows[0].numbers.n, table.rows[0].numbers.before_n) == (5, 10)
    assert previous(slice=_asked(), at=NOW - timedelta(weeks=3)).rows == ()
    assert ripe_part(slice=_asked(), at=NOW - timedelta(weeks=3)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["from_on", "to_on"])
def test_an_open_end_has_no_period_before(facts: Facts, end: str) -> None:
    tell(facts, [(2, 5)])
    assert previous(slice=_asked(**{end: None}), at=NOW).rows == ()


@pytest.mark.django_db
def test_without_an_age_limit_only_weeks_of_the_second_age_are_compared(facts: Facts) -> None:
    tell(facts, [(2, 5), (2, 5), (3, 5), (5, 5)])
    assert previous(slice=_asked(age=None), at=NOW).rows == ()
    assert previous(slice=_asked(age=None), at=NOW + timedelta(weeks=4)).rows[0].numbers.n == 10


@pytest.mark.django_db
def test_nothing_is_concluded_over_a_new_definition(facts: Facts) -> None:
    tell(facts, [(2, 20), (2, 20), (16, 20), (19, 20)], failing=["need", "budget"])
    redefine(facts, at=datetime.combine(monday(2), datetime.min.time(), MOSCOW), revised=["budget"])
    changes = {row.numbers.criterion: row.numbers for row in previous(slice=_asked(), at=NOW).rows}
    whole = changes[None]
    assert (whole.word, whole.difference) == (Word.REDEFINED, pytest.approx(31 / 40))
    assert (whole.difference_low, whole.p, whole.signal) == (None, None, None)
    assert (changes["budget"].word, changes["budget"].signal) == (Word.REDEFINED, None)
    assert (changes["need"].word, changes["need"].signal) == (Word.WORSE, Signal.WORSE)


@pytest.mark.django_db
def test_a_definition_from_after_the_ripe_weeks_changes_nothing(facts: Facts) -> None:
    tell(facts, [(2, 20), (2, 20), (16, 20), (19, 20)])
    redefine(facts, at=datetime.combine(monday(4), datetime.min.time(), MOSCOW), revised=["need"])
    assert previous(slice=_asked(), at=NOW).rows[0].numbers.word is Word.WORSE
    earlier = replace(_asked(), as_of=NOW - timedelta(hours=1))
    assert previous(slice=earlier, at=NOW).rows[0].numbers.word is Word.WORSE
