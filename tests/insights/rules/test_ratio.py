"""A share and its denominator."""

import pytest

from insights.rules.ratio import Ratio


def test_nobody_has_no_share() -> None:
    nobody = Ratio(0, 0)
    assert nobody.share is None
    assert nobody.interval is None


def test_ratios_add_up_by_their_parts() -> None:
    assert Ratio(1, 2) + Ratio(9, 98) == Ratio(10, 100)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_a_part_cannot_exceed_the_whole(k: int, n: int) -> None:
    with pytest.raises(ValueError):
        Ratio(k, n)
