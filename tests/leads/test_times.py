"""When something happened, as told: within our years, never later than now."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crm.rules.errors import DomainError
from leads.intake.values import read_time
from leads.rules.times import EARLIEST, told_at

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        EARLIEST - timedelta(seconds=1),
        datetime(206, 3, 2, 10, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_a_time_of_another_age_is_refused_in_words(told: datetime) -> None:
    with pytest.raises(DomainError, match="before 1 January 2000") as refusal:
        told_at(told=told, at=AT, field="lost_at")
    assert refusal.value.field == "lost_at"


def test_the_first_moment_of_our_years_is_believed() -> None:
    assert told_at(told=EARLIEST, at=AT) == EARLIEST


@pytest.mark.parametrize("text", ["02.03.1999", "0206-03-02 10:00", "0001-01-01", "9999-12-31 23:59", "2200-01-01"])
def test_a_file_believes_no_other_years(text: str) -> None:
    assert read_time(text, UTC) is None
