"""Reference values of agreement between assessors."""

import pytest

from insights.rules.stats import (
    cohen_kappa,
    cohen_kappa_error,
    cohen_kappa_interval,
    fleiss_kappa,
    gwet_ac1,
    kripp_nominal,
    observed_agreement,
)

FLEISS_3X3 = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
PARADOX = [[118, 5], [2, 0]]
# Fleiss 1971: 30 patients, 6 psychiatrists, 5 diagnoses.
DIAGNOSES = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
    [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
    [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip
TEN_BY_FOURTEEN = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
# Krippendorff 2011: 4 observers × 12 units with gaps.
OBSERVERS = ["123321412   ", "1233224125 3", " 3332342251 ", "12332441251 "]


def test_fleiss_three_by_three() -> None:
    assert observed_agreement(FLEISS_3X3) == pytest.approx(0.89)
    assert cohen_kappa(FLEISS_3X3) == pytest.approx(0.676471, abs=5e-7)
    assert gwet_ac1(FLEISS_3X3) == pytest.approx(0.86757, abs=5e-6)


def test_kappa_and_its_error_agree_with_sas() -> None:
    table = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
    assert cohen_kappa(table) == pytest.approx(0.4842, abs=5e-5)
    assert cohen_kappa_error(table) == pytest.approx(0.1380, abs=5e-5)
    assert cohen_kappa_interval(table) == pytest.approx((0.2137, 0.7547), abs=5e-5)


def test_many_assessors() -> None:
    assert [sum(column) for column in zip(*DIAGNOSES, strict=True)] == [26, 26, 30, 55, 43]
    assert fleiss_kappa(DIAGNOSES) == pytest.approx(0.4302445, abs=5e-8)
    units = [[tag for tag, count in enumerate(row) for _ in range(count)] for row in DIAGNOSES]
    assert kripp_nominal(units) == pytest.approx(0.433410, abs=5e-7)
    assert fleiss_kappa(TEN_BY_FOURTEEN) == pytest.approx(0.209931, abs=5e-7)


def test_krippendorffs_own_examples() -> None:
    with_gaps = [[tag for tag in unit if tag != " "] for unit in zip(*OBSERVERS, strict=True)]
    assert kripp_nominal(with_gaps) == pytest.approx(0.743421, abs=5e-7)
    binary = list(zip("0100000010", "1110010000", strict=True))
    assert kripp_nominal(binary) == pytest.approx(0.095238, abs=5e-7)


def test_a_rare_tag_makes_kappa_useless_and_leaves_ac1_alone() -> None:
    assert observed_agreement(PARADOX) == pytest.approx(0.944)
    assert cohen_kappa(PARADOX) == pytest.approx(-0.023392, abs=5e-7)
    assert gwet_ac1(PARADOX) == pytest.approx(0.94078, abs=5e-6)


@pytest.mark.parametrize(
    ("table", "kappa", "ac1"), [([[40, 9], [6, 45]], 0.6995, 0.7008), ([[80, 10], [5, 5]], 0.3182, 0.8080)]
)
def test_the_same_agreement_at_two_prevalences(table: list[list[int]], kappa: float, ac1: float) -> None:
    assert observed_agreement(table) == pytest.approx(0.85)
    assert cohen_kappa(table) == pytest.approx(kappa, abs=5e-5)
    assert gwet_ac1(table) == pytest.approx(ac1, abs=1e-4)


def test_kappa_of_an_unbalanced_table() -> None:
    assert cohen_kappa([[88, 14, 18], [10, 40, 10], [2, 6, 12]]) == pytest.approx(0.491525, abs=5e-7)


def test_nothing_to_compare_gives_nothing() -> None:
    empty = [[0, 0], [0, 0]]
    assert observed_agreement(empty) is None
    assert cohen_kappa(empty) is None
    assert cohen_kappa_error(empty) is None
    assert cohen_kappa_interval(empty) is None
    assert gwet_ac1(empty) is None
    assert gwet_ac1([[5]]) is None
    assert fleiss_kappa([]) is None
    assert fleiss_kappa([[1, 0], [0, 1]]) is None
    assert kripp_nominal([]) is None
    assert kripp_nominal([["a"], ["b"]]) is None


def test_a_single_tag_leaves_kappa_undefined() -> None:
    assert cohen_kappa([[12, 0], [0, 0]]) is None
    assert fleiss_kappa([[3, 0], [3, 0]]) is None
    assert kripp_nominal([["a", "a"], ["a", "a"]]) is None
