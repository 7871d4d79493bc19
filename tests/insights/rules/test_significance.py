"""Reference values of tests of one and of many differences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.stats import bh, contrast_p, fisher, holm, two_prop_p

BENJAMINI_HOCHBERG_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_two_proportions_of_newcombe_a() -> None:
    assert two_prop_p(56, 70, 48, 80) == pytest.approx(0.008045, abs=5e-7)


def test_fisher_and_the_lady_tasting_tea() -> None:
    assert fisher(3, 1, 1, 3) == pytest.approx(0.485714, abs=5e-7)


def test_with_twenty_two_leads_nobody_may_claim_anything() -> None:
    assert fisher(5, 5, 4, 8) == pytest.approx(0.666, abs=5e-4)


def test_small_expected_counts_are_tested_exactly() -> None:
    assert contrast_p(5, 10, 4, 12) == fisher(5, 5, 4, 8)
    assert contrast_p(140, 400, 168, 560) == two_prop_p(140, 400, 168, 560)


def test_an_empty_group_is_not_tested() -> None:
    assert two_prop_p(0, 0, 1, 2) is None
    assert fisher(0, 0, 1, 1) is None
    assert contrast_p(1, 2, 0, 0) is None


def test_groups_that_are_all_alike_do_not_differ() -> None:
    assert two_prop_p(0, 40, 0, 50) == 1.0
    assert two_prop_p(40, 40, 50, 50) == 1.0


def test_benjamini_and_hochbergs_own_example() -> None:
    adjusted = bh(BENJAMINI_HOCHBERG_1995)
    expected = [0.0015, 0.0030, 0.0095, 0.0356, 0.0603, 0.0639, 0.0639, 0.0645, 0.0765, 0.4860]
    assert adjusted[:10] == pytest.approx(expected, abs=6e-5)
    assert sum(p <= 0.05 for p in adjusted) == 4
    assert sum(p <= 0.05 for p in holm(BENJAMINI_HOCHBERG_1995)) == 3


def test_a_source_that_looks_bad_is_not_yet_a_signal() -> None:
    sources = [(140, 400), (45, 90), (60, 240), (12, 110), (33, 80), (18, 40)]
    p_values = [contrast_p(k, n, 308 - k, 960 - n) for k, n in sources]
    assert None not in p_values
    adjusted = bh([p for p in p_values if p is not None])
    assert adjusted == pytest.approx([0.10, 0.0004, 0.013, 3e-6, 0.089, 0.089], abs=2e-3)
    assert [p <= 0.05 for p in adjusted] == [False, True, True, True, False, False]


def test_nothing_to_adjust() -> None:
    assert bh([]) == []
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_never_makes_a_difference_surer(p_values: list[float]) -> None:
    step_up, step_down = bh(p_values), holm(p_values)
    for p, mild, strict in zip(p_values, step_up, step_down, strict=True):
        assert p <= mild + 1e-12
        assert mild <= strict + 1e-12
        assert strict <= 1
