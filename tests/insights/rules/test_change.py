"""Mix or rate: the change of the non-target share split among groups, by worked examples and by what always holds."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.mix import change_of, ripe_part, shifts
from insights.rules.period import Week, is_mature
from insights.rules.ratio import Ratio
from insights.rules.slice import Slice

MOSCOW = ZoneInfo("Europe/Moscow")
AUGUST = {"direct": Ratio(160, 400), "seo": Ratio(75, 300), "partners": Ratio(45, 300)}
SEPTEMBER = {"direct": Ratio(273, 700), "seo": Ratio(48, 200), "partners": Ratio(14, 100)}
SURGERY = {"small": Ratio(87 - 81, 87), "large": Ratio(263 - 192, 263)}
PUNCTURE = {"small": Ratio(270 - 234, 270), "large": Ratio(80 - 55, 80)}


def test_worse_channels_were_bought_while_every_channel_grew_better() -> None:
    found = shifts(AUGUST, SEPTEMBER)
    change = change_of(found.values())
    assert change is not None
    assert (change.before.share, change.after.share) == pytest.approx((0.280, 0.335))
    assert (change.mix, change.rate) == pytest.approx((0.065, -0.010))
    assert {group: shift.mix for group, shift in found.items()} == pytest.approx(
        {"direct": 0.02625, "seo": 0.00625, "partners": 0.0325}
    )
    assert all((shift.rate or 0) < 0 for shift in found.values())
    assert change.difference == pytest.approx((0.055, 0.015, 0.095), abs=5e-4)
    assert not change.is_usual
    assert change.relative == pytest.approx(0.055 / 0.28)


def test_simpsons_paradox_of_the_kidney_stones() -> None:
    """Charig 1986: puncture has the better total, 289 of 350 against 273, and the worse rate for either size.

    The failures are counted here, so the signs are those of the successes turned round.
    """
    change = change_of(shifts(SURGERY, PUNCTURE).values())
    assert change is not None
    assert -change.difference.value == pytest.approx(0.045714, abs=5e-7)
    assert (-change.mix, -change.rate) == pytest.approx((0.099386, -0.053671), abs=5e-7)


def test_a_new_group_is_all_mix_and_so_is_one_that_is_gone() -> None:
    before, after = {"a": Ratio(30, 100)}, {"a": Ratio(24, 80), "b": Ratio(12, 20)}
    found = shifts(before, after)
    assert sum(shift.mix or 0 for shift in found.values()) == pytest.approx(0.06)
    assert [shift.rate for shift in found.values()] == pytest.approx([0, 0])
    assert (found["b"].share_before, found["b"].weight_before, found["b"].moved) == (None, 0, 0.2)
    gone = change_of(shifts(after, before).values())
    assert gone is not None
    assert (gone.mix, gone.rate) == pytest.approx((-0.06, 0))


@pytest.mark.parametrize(("before", "after"), [({}, AUGUST), (AUGUST, {}), ({}, {}), ({"direct": Ratio(0, 0)}, AUGUST)])
def test_an_empty_period_splits_into_nothing(before: dict[str, Ratio], after: dict[str, Ratio]) -> None:
    found = shifts(before, after)
    assert set(found) == {*before, *after}
    assert all((shift.mix, shift.rate, shift.moved) == (None, None, 0) for shift in found.values())
    assert change_of(found.values()) is None


def test_a_change_within_chance_is_called_usual() -> None:
    change = change_of(shifts({"a": Ratio(30, 100)}, {"a": Ratio(33, 100)}).values())
    assert change is not None
    assert change.is_usual
    from_nothing = change_of(shifts({"a": Ratio(0, 100)}, {"a": Ratio(33, 100)}).values())
    assert from_nothing is not None
    assert from_nothing.relative is None


shares = st.integers(0, 400).flatmap(lambda n: st.builds(Ratio, st.integers(0, n), st.just(n)))
cohorts = st.dictionaries(st.sampled_from("abcdef"), shares)


@given(cohorts, cohorts)
def test_I13_the_parts_are_the_whole_change(before: dict[str, Ratio], after: dict[str, Ratio]) -> None:
    found = shifts(before, after)
    change = change_of(found.values())
    if change is None:
        assert not sum(r.n for r in before.values()) or not sum(r.n for r in after.values())
        return
    assert change.mix + change.rate == pytest.approx(change.difference.value, abs=1e-9)
    assert sum(shift.moved for shift in found.values()) == pytest.approx(0, abs=1e-9)
    assert change.before == sum(before.values(), Ratio(0, 0))
    back = change_of(shifts(after, before).values())
    assert back is not None
    assert (back.mix, back.rate) == pytest.approx((-change.mix, -change.rate), abs=1e-9)


# --- Ripe weeks -----------------------------------------------------------------------------------------------------
def _slice(from_on: date, to_on: date, age: int | None = 7) -> Slice:
    return Slice(funnel="sales", from_on=from_on, to_on=to_on, age=age)


def test_only_ripe_weeks_are_left() -> None:
    twelve = _slice(date(2026, 8, 31), date(2026, 11, 22))
    asked_at = datetime(2026, 11, 22, 11, 5, tzinfo=UTC)
    ripe = ripe_part(twelve, at=asked_at, zone=MOSCOW)
    assert ripe is not None
    assert ripe.to_on == date(2026, 11, 8)
    before = twelve.previous
    assert before is not None
    assert ripe_part(before, at=asked_at, zone=MOSCOW) == before


def test_no_age_and_open_ends_have_no_ripe_weeks() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    assert ripe_part(_slice(date(2026, 8, 31), date(2026, 9, 6), None), at=at, zone=MOSCOW) is None
    assert ripe_part(Slice(funnel="sales", age=7), at=at, zone=MOSCOW) is None
    assert ripe_part(_slice(date(2026, 11, 30), date(2026, 12, 6)), at=at, zone=MOSCOW) is None


days = st.integers(0, 60).map(lambda shift: date(2026, 9, 1) + timedelta(days=shift))


@given(
    st.tuples(days, days).map(sorted),
    st.integers(1, 20),
    st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 1)),
    st.sampled_from(["Europe/Moscow", "Europe/Berlin", "America/New_York"]),
)
def test_what_is_left_is_exactly_the_weeks_that_are_ripe(
    bounds: list[date], age: int, asked_at: datetime, zone_name: str
) -> None:
    zone, at = ZoneInfo(zone_name), asked_at.replace(tzinfo=UTC)
    first, last = bounds
    weeks = sorted({Week.of(first + timedelta(days=day)) for day in range((last - first).days + 1)})
    ends = [min(week.last_on, last) for week in weeks]
    ripe = [end for end in ends if is_mature(end, age=age, as_of=at, zone=zone)]
    found = ripe_part(_slice(first, last, age), at=at, zone=zone)
    assert (found.to_on if found else None) == (ripe[-1] if ripe else None)
