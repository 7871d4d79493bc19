"""The closed forms against the libraries. Optional: `pip install scipy statsmodels` first; skipped without them."""

import pytest

from insights.rules.stats import (
    aalen_johansen,
    bh,
    cohen_kappa,
    fisher,
    fleiss_kappa,
    holm,
    newcombe,
    two_prop_p,
    wilson,
)

scipy_stats = pytest.importorskip("scipy.stats")
proportion = pytest.importorskip("statsmodels.stats.proportion")
multitest = pytest.importorskip("statsmodels.stats.multitest")
inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
survival = pytest.importorskip("statsmodels.duration.survfunc")

COUNTS = [(0, 1), (1, 1), (0, 20), (1, 29), (15, 148), (81, 263), (999, 1000), (4000, 9000)]
TABLES = [(3, 1, 1, 3), (5, 5, 4, 8), (0, 10, 6, 4), (40, 60, 20, 80), (1, 9, 0, 12)]


@pytest.mark.parametrize(("k", "n"), COUNTS)
def test_wilson(k: int, n: int) -> None:
    assert wilson(k, n) == pytest.approx(proportion.proportion_confint(k, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize("table", TABLES)
def test_two_groups(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table
    assert fisher(a, b, c, d) == pytest.approx(scipy_stats.fisher_exact([[a, b], [c, d]]).pvalue, abs=1e-12)
    z_test = proportion.proportions_ztest([a, c], [a + b, c + d])
    assert two_prop_p(a, a + b, c, c + d) == pytest.approx(z_test[1], abs=1e-12)
    difference = newcombe(a, a + b, c, c + d)
    limits = proportion.confint_proportions_2indep(a, a + b, c, c + d, method="newcomb", correction=False)
    assert difference is not None
    assert (difference.low, difference.high) == pytest.approx(limits, abs=1e-12)


def test_many_tests() -> None:
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.3240, 0.5719, 1.0]
    assert bh(p_values) == pytest.approx(list(multitest.multipletests(p_values, method="fdr_bh")[1]), abs=1e-12)
    assert holm(p_values) == pytest.approx(list(multitest.multipletests(p_values, method="holm")[1]), abs=1e-12)


def test_agreement() -> None:
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    assert cohen_kappa(table) == pytest.approx(inter_rater.cohens_kappa(table).kappa, abs=1e-12)
    counts = [[3, 1], [2, 2], [4, 0], [0, 4]]
    assert fleiss_kappa(counts) == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-12)


def test_kaplan_meier() -> None:
    days, causes = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13], [1, 1, 1, 0, 1, 0, 1, 0, 0, 1]
    expected = survival.SurvfuncRight(days, causes).surv_prob
    assert [step.left for step in aalen_johansen(days, causes)] == pytest.approx(list(expected), abs=1e-12)
