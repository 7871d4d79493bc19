"""Reference values of what a change is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.stats import centred_mix, kitagawa, lmdi, substitution

AUGUST = {"direct": (160, 400), "seo": (75, 300), "partners": (45, 300)}
SEPTEMBER = {"direct": (273, 700), "seo": (48, 200), "partners": (14, 100)}
Cohort = dict[str, tuple[int, int]]


def _weights_and_rates(cohort: Cohort) -> tuple[dict[str, float], dict[str, float]]:
    total = sum(n for _, n in cohort.values())
    weights = {group: n / total for group, (_, n) in cohort.items()}
    return weights, {group: k / n for group, (k, n) in cohort.items()}


def test_every_source_improved_and_the_total_got_worse() -> None:
    before, after = _weights_and_rates(AUGUST), _weights_and_rates(SEPTEMBER)
    mix, rate = kitagawa(*before, *after)
    assert sum(mix.values()) == pytest.approx(0.065)
    assert sum(rate.values()) == pytest.approx(-0.010)
    centred = centred_mix(*before, *after)
    assert centred == pytest.approx({"direct": 0.02625, "seo": 0.00625, "partners": 0.0325})


def test_kidney_stones() -> None:
    """Charig 1986 by size of stone (small, large): open surgery, then percutaneous nephrolithotomy."""
    surgery = {"small": (81, 87), "large": (192, 263)}
    puncture = {"small": (234, 270), "large": (55, 80)}
    mix, rate = kitagawa(*_weights_and_rates(surgery), *_weights_and_rates(puncture))
    assert sum(mix.values()) == pytest.approx(0.099386, abs=5e-7)
    assert sum(rate.values()) == pytest.approx(-0.053671, abs=5e-7)


def test_a_new_source_is_all_mix() -> None:
    mix, rate = kitagawa({"a": 1.0}, {"a": 0.3}, {"a": 0.8, "b": 0.2}, {"a": 0.3, "b": 0.6})
    assert sum(mix.values()) == pytest.approx(0.06)
    assert sum(rate.values()) == pytest.approx(0)


def test_four_factors_of_a_missed_plan() -> None:
    parts = lmdi([1000, 0.60, 0.10, 100_000], [1100, 0.50, 0.09, 105_000])
    assert parts == pytest.approx([532_703, -1_019_023, -588_876, 272_696], abs=0.5)
    assert sum(parts or []) == pytest.approx(-802_500)


def test_a_factor_at_zero_is_substituted_in_order() -> None:
    assert lmdi([10, 0.0], [10, 0.5]) is None
    assert substitution([10, 0.0], [20, 0.5]) == pytest.approx([0, 10])


shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
cohorts = st.dictionaries(st.sampled_from("abcde"), shares, min_size=1)
factors = st.lists(st.tuples(st.floats(0.01, 1000), st.floats(0.01, 1000)), min_size=1, max_size=5)


@given(cohorts, cohorts)
def test_mix_and_rate_are_the_whole_change(before: Cohort, after: Cohort) -> None:
    def share(cohort: Cohort) -> float:
        return sum(k for k, _ in cohort.values()) / sum(n for _, n in cohort.values())

    ends = (*_weights_and_rates(before), *_weights_and_rates(after))
    mix, rate = kitagawa(*ends)
    change = share(after) - share(before)
    assert sum(mix.values()) + sum(rate.values()) == pytest.approx(change, abs=1e-9)
    assert sum(centred_mix(*ends).values()) == pytest.approx(sum(mix.values()), abs=1e-9)


@given(factors)
def test_factors_are_the_whole_change(pairs: list[tuple[float, float]]) -> None:
    before, after = [old for old, _ in pairs], [new for _, new in pairs]
    first = last = 1.0
    for old, new in pairs:
        first, last = first * old, last * new
    parts = lmdi(before, after)
    assert parts is not None
    tolerance = 1e-9 * max(1.0, first, last)
    assert sum(parts) == pytest.approx(last - first, abs=tolerance)
    assert sum(substitution(before, after)) == pytest.approx(last - first, abs=tolerance)
