"""What is kept of a board's question: a period that is said in weeks goes with time, one said in days stays."""

from datetime import date

from insights.rules.period import READY_WEEKS, last_weeks
from insights.rules.slice import BOUNDS, Slice


def moving_weeks(*, slice: Slice, today: date) -> int | None:
    """Tell how many weeks up to today a slice is about; nothing if its days are none of the ready-made periods."""
    ready = {last_weeks(today, weeks): weeks for weeks in READY_WEEKS}
    return ready.get(slice.period) if slice.period else None


def kept_query(*, slice: Slice, weeks: int | None) -> dict[str, list[str]]:
    """Write a question as it is kept: with the days it has, or with so many weeks up to whenever it is opened."""
    query = slice.to_query()
    if weeks is None:
        return query
    return {**{name: values for name, values in query.items() if name not in BOUNDS}, "period": [f"{weeks}w"]}
