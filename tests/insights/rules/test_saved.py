"""A period said in weeks goes with time; one said in days, or none at all, stays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from insights.rules.period import READY_WEEKS, last_weeks
from insights.rules.saved import kept_query, moving_weeks
from insights.rules.slice import Slice, parse

TODAY = date(2026, 3, 4)


def _slice(weeks: int, **told: object) -> Slice:
    period = last_weeks(TODAY, weeks)
    return Slice(funnel="sales", from_on=period.from_on, to_on=period.to_on, age=7, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("weeks", READY_WEEKS)
def test_ready_made_weeks_go_with_time_and_keep_everything_else(weeks: int) -> None:
    asked = _slice(weeks, sources=("google", "vk"), owners=("3",))
    assert moving_weeks(slice=asked, today=TODAY) == weeks
    kept = kept_query(slice=asked, weeks=weeks)
    assert not {"from", "to"} & set(kept)
    later = TODAY + timedelta(weeks=5)
    opened = parse(kept, default=Slice(funnel=""), today=later, zone=UTC)
    assert opened.period == last_weeks(later, weeks)
    assert (opened.sources, opened.owners, opened.age) == (asked.sources, asked.owners, 7)


@pytest.mark.parametrize(
    "asked",
    [
        Slice(funnel="sales", from_on=date(2026, 1, 1), to_on=date(2026, 2, 1)),
        Slice(funnel="sales", from_on=date(2026, 1, 1)),
        Slice(funnel="sales"),
        Slice(funnel="sales", as_of=datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_days_stay_as_they_are(asked: Slice) -> None:
    assert moving_weeks(slice=asked, today=TODAY) is None
    kept = kept_query(slice=asked, weeks=None)
    assert parse(kept, default=Slice(funnel=""), today=TODAY + timedelta(days=99), zone=UTC) == asked


def test_ready_made_weeks_may_be_kept_as_days_too() -> None:
    asked = _slice(12)
    kept = kept_query(slice=asked, weeks=None)
    assert parse(kept, default=Slice(funnel=""), today=TODAY + timedelta(days=99), zone=UTC) == asked
