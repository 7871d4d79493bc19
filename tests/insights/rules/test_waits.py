"""The curve and its percentiles from a histogram, against the estimate from single times."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.stats import aalen_johansen
from insights.rules.waits import RATIO, SECOND, Span, Waited, bucket_of, curve, histogram, percentile, times_so_far
from tests.insights.recount_work import percentile as exact

times = st.lists(st.tuples(st.integers(1, 20_000), st.booleans()), min_size=1, max_size=60)


def _waited(events: list[tuple[int, bool]]) -> list[Waited]:
    spans = [Span(bucket_of(minutes * 60), contacted, 1, minutes * 60, minutes * 60) for minutes, contacted in events]
    return histogram(spans, unit=60)


def test_buckets_grow_by_a_seventh() -> None:
    assert (bucket_of(0), bucket_of(1), bucket_of(1.14), bucket_of(1.16)) == (0, 0, 0, 1)
    assert bucket_of(7 * 24 * 3600) == math.floor(math.log(604_800) / math.log(1.15)) == 95


def test_a_few_contacts_are_told_exactly() -> None:
    waited = _waited([(m, True) for m in (2, 3, 5, 8, 12, 25, 55, 60, 600, 1500)])
    assert percentile(waited, 0.5) == 12
    assert percentile(waited, 0.9) == 600
    assert percentile(waited, 0.8) == 60
    assert percentile([], 0.5) is None
    assert curve([]) == []


def test_whoever_is_still_waiting_is_not_left_out() -> None:
    waited = [Waited(10, 0, 5, 5), Waited(0, 10, 60, 60)]
    assert curve(waited) == [(5, 0.5)]
    assert percentile(waited, 0.5) == 5
    assert percentile(waited, 0.9) is None


@given(times)
def test_the_histogram_tells_what_single_times_tell(events: list[tuple[int, bool]]) -> None:
    """All are watched to the end here, as ripe leads are; within a bucket the order is lost."""
    longest = 20_000
    events = [(minutes if contacted else longest, contacted) for minutes, contacted in events]
    steps = aalen_johansen([minutes for minutes, _ in events], [int(contacted) for _, contacted in events])
    for share in (0.5, 0.9):
        found, expected = percentile(_waited(events), share), exact(steps, share)
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert expected / RATIO - 1e-9 <= found <= expected * RATIO + 1e-9
    points = curve(_waited(events))
    assert [point.share for point in points] == sorted(point.share for point in points)
    assert (points[-1].share if points else 0) == pytest.approx(sum(contacted for _, contacted in events) / len(events))


@given(
    started=st.lists(st.integers(-(10**12), 10**13), max_size=40),
    at=st.integers(0, 10**13),
    marks=st.lists(st.integers(1, 10**12), max_size=3),
)
def test_times_so_far_lie_in_the_buckets_each_alone_lies_in(started: list[int], at: int, marks: list[int]) -> None:
    spans = list(times_so_far(sorted(started), at=at, marks=marks))

    each = Counter(bucket_of(max(at - one, 0) / SECOND) for one in started)
    together: Counter[int] = Counter()
    for span in spans:
        together[span.bucket] += span.n
        assert bucket_of(span.shortest) == bucket_of(span.longest) == span.bucket
        assert all((span.shortest * SECOND <= mark) == (span.longest * SECOND <= mark) for mark in marks)
    assert together == each


@pytest.mark.parametrize("bucket", range(1, 120, 7))
def test_a_time_at_the_edge_of_a_bucket_lies_in_it(bucket: int) -> None:
    edge = next(time for time in range(int(RATIO**bucket * SECOND) - 3, 10**17) if bucket_of(time / SECOND) == bucket)

    longer, shorter = list(times_so_far([-edge, 1 - edge], at=0))

    assert (longer.bucket, shorter.bucket) == (bucket, bucket - 1)
