"""A share and its denominator."""

import pytest

from insights.rules.ratio import Ratio


def test_nobody_has_no_share() -> None:
    nobody = Ratio(0, 0)
    assert nobody.share is None
    assert nobody.interval is None
    assert nobody.few
    assert not nobody.rankable


@pytest.mark.parametrize(("n", "few", "rankable"), [(9, True, False), (10, False, False), (30, False, True)])
def test_few_leads_are_shown_as_counts_and_not_ranked(n: int, few: bool, rankable: bool) -> None:
    assert Ratio(3, n).few is few
    assert Ratio(3, n).rankable is rankable


def test_ratios_add_up_by_their_parts() -> None:
    assert Ratio(1, 2) + Ratio(9, 98) == Ratio(10, 100)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_a_part_cannot_exceed_the_whole(k: int, n: int) -> None:
    with pytest.raises(ValueError):
        Ratio(k, n)
