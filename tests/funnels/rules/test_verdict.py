"""The verdict is derived from the results of the criteria."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnels.rules.criteria import MAXIMUM_CRITERIA, Result
from funnels.rules.verdict import Verdict, bits_of, mask_of, verdict

MET, FAILED, UNKNOWN, NOT_ASKED = Result.MET, Result.FAILED, Result.UNKNOWN, Result.NOT_ASKED
BITS = st.integers(0, MAXIMUM_CRITERIA - 1)
RESULTS = st.dictionaries(BITS, st.sampled_from(Result))


@pytest.mark.parametrize(
    ("results", "blocking", "expected"),
    [
        ({0: MET, 1: MET}, {0, 1}, Verdict.TARGET),
        ({0: MET, 1: FAILED}, {0, 1}, Verdict.NON_TARGET),
        ({0: UNKNOWN, 1: FAILED}, {0, 1}, Verdict.NON_TARGET),
        ({0: MET, 1: UNKNOWN}, {0, 1}, Verdict.UNDECIDED),
        ({0: MET, 1: NOT_ASKED}, {0, 1}, Verdict.UNDECIDED),
        ({0: MET}, {0, 1}, Verdict.UNDECIDED),
        ({}, {0, 1}, Verdict.UNDECIDED),
        ({0: MET, 1: FAILED}, {0}, Verdict.TARGET),
        ({0: MET, 1: FAILED}, set(), Verdict.UNDECIDED),
        ({}, set(), Verdict.UNDECIDED),
        ({30: FAILED}, {30}, Verdict.NON_TARGET),
    ],
)
def test_verdict_follows_the_blocking_criteria(results, blocking, expected):
    assert verdict(results=results, blocking=blocking).verdict == expected


def test_masks_tell_blocking_failures_from_soft_ones_and_from_what_was_asked():
    judged = verdict(results={0: FAILED, 1: MET, 2: FAILED, 3: UNKNOWN, 4: NOT_ASKED}, blocking={0, 1, 3})
    assert (judged.fail_mask, judged.soft_fail_mask, judged.assessed_mask) == (0b1, 0b100, 0b111)


def test_results_read_from_a_column_count_like_the_enum():
    assert verdict(results={0: "failed"}, blocking={0}).verdict == Verdict.NON_TARGET  # type: ignore[dict-item]


@given(results=RESULTS, blocking=st.sets(BITS))
def test_masks_and_verdict_agree(results, blocking):
    judged = verdict(results=results, blocking=blocking)
    assert (judged.verdict == Verdict.NON_TARGET) == (judged.fail_mask > 0)
    assert judged.fail_mask & judged.soft_fail_mask == 0
    assert (judged.fail_mask | judged.soft_fail_mask) & ~judged.assessed_mask == 0
    assert judged.fail_mask & ~mask_of(blocking) == 0
    if judged.verdict == Verdict.TARGET:
        assert mask_of(blocking) & ~judged.assessed_mask == 0
    assert judged.assessed_mask < 2**31


@given(results=RESULTS, blocking=st.sets(BITS))
def test_an_unanswered_criterion_is_the_same_as_an_absent_one(results, blocking):
    answered = {bit: result for bit, result in results.items() if result in (MET, FAILED)}
    assert verdict(results=results, blocking=blocking) == verdict(results=answered, blocking=blocking)


@given(st.sets(BITS))
def test_a_mask_keeps_its_bits(bits):
    assert bits_of(mask_of(bits)) == sorted(bits)
