"""Ways and stays as rows that add up: written and read in one place, whoever counts them."""

from collections.abc import Iterator
from typing import Any, Final

from funnels.rules.moves import Milestone, Outcome
from insights.rules.journeys import MILESTONES
from insights.rules.tally import Counted
from insights.rules.waits import times_so_far

WAY: Final = "way"
STAY: Final = "stay"


def way_of(group: Any, touched: frozenset[Milestone], outcome: Outcome, reasons: frozenset[int], n: int) -> Counted:
    """Count leads that were at the same milestones, stand alike and were lost for the same reasons."""
    names = ",".join(milestone.value for milestone in MILESTONES if milestone in touched)
    return Counted(group, (WAY, names, outcome.value, ",".join(map(str, sorted(reasons)))), n)


def stay_that_ended(group: Any, milestone: Milestone, bucket: int, n: int, shortest: float, longest: float) -> Counted:
    """Count stays that took alike long, in seconds."""
    return Counted(group, (STAY, milestone.value, True, bucket, None), n, shortest, longest)


def stay_that_goes_on(
    group: Any, milestone: Milestone, since: int, until: int | None, n: int, instant: int
) -> Iterator[Counted]:
    """Count stays that had not ended at an instant; none is looked at any more after `until`."""
    row = Counted(group, (STAY, milestone.value, False, None, until), n, instants=(since,) * n)
    if until is None or until > instant:
        yield row
    else:
        yield from settled_stay(row, instant)


def settled_stay(row: Counted, instant: int) -> Iterator[Counted]:
    """Tell how long stays that go on have taken by an instant, or had when they were no longer looked at."""
    kind, milestone, is_over, _bucket, until = row.key
    for span in times_so_far(row.instants, at=instant if until is None else min(instant, int(until))):
        yield Counted(row.group, (kind, milestone, is_over, span.bucket, None), span.n, span.shortest, span.longest)
