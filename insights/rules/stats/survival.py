"""How long does it take, when some have not finished yet?"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

STILL_OPEN = 0
SPECK = 1e-9  # what rounding leaves of a share that is exactly reached


class Step(NamedTuple):
    """What is known after one event time: `reached[cause]` and the share `left` without any event."""

    time: float
    reached: dict[int, float]
    left: float


def aalen_johansen(durations: Sequence[float], causes: Sequence[int]) -> list[Step]:
    """Return the cumulative incidence of each cause; cause 0 means not finished when last seen.

    Aalen and Johansen 1978: F_c(t) += S(t−)·d_c/n_t, S(t) *= 1 − d/n_t. With a single cause `left` is the
    Kaplan–Meier estimate. Somebody last seen at the time of an event was still at risk of it.
    """
    left = 1.0
    reached: dict[int, float] = {}
    steps: list[Step] = []
    in_turn = sorted(durations)
    events: dict[float, Counter[int]] = defaultdict(Counter)
    for duration, cause in zip(durations, causes, strict=True):
        if cause != STILL_OPEN:
            events[duration][cause] += 1
    for time, now in sorted(events.items()):
        at_risk = len(in_turn) - bisect_left(in_turn, time)
        for cause, count in now.items():
            reached[cause] = reached.get(cause, 0.0) + left * count / at_risk
        left *= 1 - now.total() / at_risk
        steps.append(Step(time, dict(reached), left))
    return steps


def percentile(steps: Sequence[Step], share: float) -> float | None:
    """Return the first time by which this share is finished; nothing when it was not seen to happen."""
    return next((step.time for step in steps if step.left <= 1 - share + SPECK), None)
