"""Times of which some are not over, in a histogram whose counts may be added for ever (Kaplan and Meier 1958)."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

RATIO: Final = 1.15
"""How much longer than the last every bucket of the histogram reaches."""
MOST_BUCKETS: Final = 165
SECOND: Final = 1_000_000  # microseconds


class Point(NamedTuple):
    """By such a time such a share had come to its end."""

    time: float
    share: float


class Waited(NamedTuple):
    """A bucket: times that came to an end and times only watched so long, with its shortest and its longest."""

    ended: int
    watched: int
    shortest: float
    longest: float


class Span(NamedTuple):
    """How many times of a bucket lie between two, and whether they came to an end."""

    bucket: int
    is_ended: bool
    n: int
    shortest: float
    longest: float


def bucket_of(seconds: float) -> int:
    """Tell in which bucket of the histogram a time lies; everything up to a second lies in the first."""
    return math.floor(math.log(max(seconds, 1.0)) / math.log(RATIO))


def times_so_far(started: Sequence[int], *, at: int, marks: Sequence[int] = ()) -> Iterator[Span]:
    """Put times that go on into their buckets; `started` are instants in their order, all in microseconds.

    A bucket in which one of the marks lies is divided there: what lies within the mark, and what does not.
    """
    edges = sorted({*_edges(), *(mark + 1 for mark in marks)})
    first = 0
    while first < len(started):
        longest = max(at - started[first], 0)
        passed = bisect_right(edges, longest)
        last = bisect_right(started, at - edges[passed - 1], lo=first) if passed else len(started)
        shortest = max(at - started[last - 1], 0)
        yield Span(bucket_of(shortest / SECOND), False, last - first, shortest / SECOND, longest / SECOND)
        first = last


@lru_cache(maxsize=1)
def _edges() -> Sequence[int]:
    """List the shortest time of every bucket but the first, in microseconds; the last begins after three centuries."""
    edges = []
    for bucket in range(1, MOST_BUCKETS):
        edge = round(RATIO**bucket * SECOND)
        while bucket_of(edge / SECOND) < bucket:
            edge += 1
        while bucket_of((edge - 1) / SECOND) >= bucket:
            edge -= 1
        edges.append(edge)
    return edges


def histogram(spans: Sequence[Span], *, unit: float) -> list[Waited]:
    """Put times into their buckets, the shortest first; `unit` is how many seconds the answer's unit has."""
    buckets: dict[int, list[Span]] = {}
    for span in spans:
        buckets.setdefault(span.bucket, []).append(span)
    return [_waited(buckets[bucket], unit) for bucket in sorted(buckets)]


def _waited(spans: Sequence[Span], unit: float) -> Waited:
    """Join a bucket; where times ended in it, its bounds are theirs."""
    ended = [span for span in spans if span.is_ended]
    within = ended or spans
    return Waited(
        ended=sum(span.n for span in ended),
        watched=sum(span.n for span in spans if not span.is_ended),
        shortest=min(span.shortest for span in within) / unit,
        longest=max(span.longest for span in within) / unit,
    )


def curve(waited: Sequence[Waited]) -> list[Point]:
    """Return which share had come to its end at the end of every bucket.

    S(t) *= 1 − d/n over buckets: what was watched as long as another took was still at risk of ending.
    """
    at_risk, left = sum(one.ended + one.watched for one in waited), 1.0
    points: list[Point] = []
    for one in waited:
        if one.ended:
            left *= 1 - one.ended / at_risk
            points.append(Point(one.longest, 1 - left))
        at_risk -= one.ended + one.watched
    return points


def percentile(waited: Sequence[Waited], share: float) -> float | None:
    """Return by when this share had come to its end; nothing when it was not seen to.

    Within a bucket the ends are taken to lie evenly between its shortest and its longest time: of one or two that is
    exact, of more it errs by less than the bucket is wide.
    """
    at_risk, left = sum(one.ended + one.watched for one in waited), 1.0
    for one in waited:
        after = left * (1 - one.ended / at_risk)
        if one.ended and after <= 1 - share + 1e-12:
            return _within_bucket(one, rank=(left - (1 - share)) / (left / at_risk))
        left, at_risk = after, at_risk - one.ended - one.watched
    return None


def _within_bucket(one: Waited, *, rank: float) -> float:
    """Return when the end of a rank within a bucket was; the first has rank one."""
    if one.ended == 1:
        return one.longest
    place = min(max(math.ceil(rank - 1e-9), 1), one.ended)
    return one.shortest + (one.longest - one.shortest) * (place - 1) / (one.ended - 1)
