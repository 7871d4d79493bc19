"""Source × criterion: a cell is marked only when it is a signal after correcting for all cells shown."""

import pytest

from insights.rules.contrast import Signal, contrasts
from insights.rules.quality import CriterionCount, Quality

SOURCES = {
    "direct": (140, 400), "vk": (45, 90), "seo": (60, 240), "partners": (12, 110), "cold": (33, 80), "avito": (18, 40),
}  # fmt: skip


def _counts(failed: int, n: int) -> tuple[Quality, list[CriterionCount]]:
    quality = Quality(target=n - failed, non_target=failed, untouched=0, in_sla=0, overdue=0)
    count = CriterionCount(
        criterion="need", n=n, decided=n, failed=failed, sole=failed, fractional=float(failed), assessed=n
    )
    return quality, [count]


def test_what_is_marked_and_what_only_looks_bad() -> None:
    found = contrasts({name: _counts(*count) for name, count in SOURCES.items()}, _counts(308, 960), enough=30)
    assert {name: cells[0].signal for name, cells in found.items()} == {
        "direct": None,
        "vk": Signal.WORSE,
        "seo": Signal.BETTER,
        "partners": Signal.BETTER,
        "cold": Signal.WORSE,
        "avito": Signal.WORSE,
    }
    adjusted = {name: cells[0].p_adjusted for name, cells in found.items()}
    assert adjusted == pytest.approx(
        {"direct": 0.10, "vk": 0.0004, "seo": 0.013, "partners": 3e-6, "cold": 0.089, "avito": 0.089}, abs=2e-3
    )
    assert found["vk"][0].against_others == pytest.approx((0.198, 0.092, 0.303), abs=5e-4)
    assert found["direct"][0].against_others == pytest.approx((0.050, -0.010, 0.110), abs=5e-4)
    assert found["vk"][1].criterion == "need"


def test_a_group_below_thirty_is_neither_tested_nor_marked() -> None:
    groups = {"small": _counts(29, 29), "large": _counts(10, 300)}
    found = contrasts(groups, _counts(39, 329), enough=30)
    assert found["small"][0].p is None
    assert found["small"][0].signal is None
    assert found["large"][0].signal is Signal.BETTER


@pytest.mark.parametrize(("enough", "is_tested"), [(29, True), (30, False)])
def test_how_many_are_enough_is_for_the_organisation_to_say(enough: int, is_tested: bool) -> None:
    found = contrasts({"small": _counts(29, 29), "large": _counts(10, 300)}, _counts(39, 329), enough=enough)
    assert (found["small"][0].p is not None) is is_tested


def test_a_single_group_has_nothing_to_differ_from() -> None:
    (cells,) = contrasts({"only": _counts(10, 40)}, _counts(10, 40), enough=30).values()
    assert [cell.difference for cell in cells] == [None, None]
    assert [cell.signal for cell in cells] == [None, None]
    assert cells[0].share == 0.25


def test_no_groups() -> None:
    assert contrasts({}, _counts(0, 0), enough=30) == {}
