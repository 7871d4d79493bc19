"""Observed against expected at equal sources, and who stands outside of the usual."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.strictness import SourceOfOwner, Strictness, strictness


def _cell(owner: str | None, source: str, n: int, non_target: int) -> SourceOfOwner:
    return SourceOfOwner(owner=owner, source=source, n=n, non_target=non_target)


def test_who_works_the_worse_source_is_not_strict() -> None:
    """Ann has 60 % non-target and Bob 20 %, each exactly what their sources give everybody."""
    cells = [
        _cell("ann", "vk", 90, 60),
        _cell("ann", "seo", 10, 2),
        _cell("bob", "vk", 9, 6),
        _cell("bob", "seo", 90, 18),
    ]
    found = strictness(cells, enough=30)
    assert found["ann"].share == pytest.approx(0.62)
    assert found["ann"].expected == pytest.approx(62)
    assert found["bob"].expected == pytest.approx(24)
    assert [count.mark for count in found.values()] == [None, None]


def test_who_tags_the_same_source_twice_as_often_is_marked() -> None:
    cells = [_cell(name, "vk", 100, 30) for name in ("ann", "bob", "cid", "dan")] + [_cell("eve", "vk", 100, 70)]
    found = strictness(cells, enough=30)
    share = 190 / 500
    assert found["eve"].expected == pytest.approx(38)
    assert found["eve"].high == pytest.approx(38 + 3 * math.sqrt(100 * share * (1 - share)))
    assert found["eve"].mark is Strictness.STRICTER
    assert {count.mark for owner, count in found.items() if owner != "eve"} == {None}


def test_of_two_people_neither_is_the_usual() -> None:
    found = strictness([_cell("ann", "vk", 100, 20), _cell("bob", "vk", 100, 80)], enough=30)
    assert [count.mark for count in found.values()] == [None, None]


def test_where_people_differ_anyway_limits_are_wider() -> None:
    told = [_cell(f"p{number}", "vk", 400, 80 + 20 * number) for number in range(7)]
    (low, high), count = _limits(told), strictness(told, enough=30)["p0"]
    assert count.low is not None
    assert count.high is not None
    assert count.high - count.low > 1.5 * (high - low)
    assert count.mark is None


def _limits(cells: list[SourceOfOwner]) -> tuple[float, float]:
    share = sum(cell.non_target for cell in cells) / sum(cell.n for cell in cells)
    half = 3 * math.sqrt(400 * share * (1 - share))
    return 400 * share - half, 400 * share + half


def test_few_leads_and_leads_of_nobody_are_not_judged() -> None:
    cells = [_cell("ann", "vk", 29, 29), _cell(None, "vk", 500, 0), _cell("bob", "vk", 300, 100)]
    found = strictness(cells, enough=30)
    assert [(found[owner].low, found[owner].mark) for owner in ("ann", None)] == [(None, None)] * 2


def test_where_everything_is_one_kind_nothing_is_unusual() -> None:
    assert strictness([_cell("ann", "vk", 40, 40), _cell("bob", "vk", 40, 40)], enough=30)["ann"].mark is None
    assert strictness([], enough=30) == {}


cells = st.lists(
    st.builds(
        lambda owner, source, n, part: _cell(owner, source, n, int(n * part)),
        st.sampled_from(["ann", "bob", None]),
        st.sampled_from(["vk", "seo"]),
        st.integers(1, 200),
        st.floats(0, 1),
    ),
    max_size=12,
)


@given(cells)
def test_what_is_expected_of_all_is_what_was_observed_of_all(cells: list[SourceOfOwner]) -> None:
    found = strictness(cells, enough=30).values()
    assert math.fsum(count.expected for count in found) == pytest.approx(sum(count.observed for count in found))
