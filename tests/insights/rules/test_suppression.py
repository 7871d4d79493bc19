"""What people outside are not shown, tried on every small world there is: nobody can tell what is kept back."""

from collections import defaultdict
from itertools import product

import pytest

from insights.rules.suppression import FEWEST, criteria_kept_back, is_shown, kept_back

HIGHEST = 6  # of a part in the worlds that are tried
Line = tuple[int, int]
Page = tuple[tuple[Line | None, ...], Line | None]


@pytest.mark.parametrize(
    ("lines", "hidden"),
    [
        ([(5, 5), (9, 20)], set()),
        ([], set()),
        ([(4, 20), (9, 20), (8, 20)], {0, 2}),  # one alone would follow from the sum: the smallest other goes along
        ([(0, 20), (9, 20), (8, 20)], {0, 2}),  # a zero is no exception
        ([(20, 4), (9, 20), (8, 20)], {0, 2}),  # nor is the other part
        ([(4, 9), (3, 9), (30, 30)], {0, 1}),  # two that are not few together keep each other
        ([(1, 9), (3, 9), (30, 30), (40, 40)], {0, 1, 2}),  # two that are
        ([(1, 2), (30, 30)], {0, 1}),
        ([(4, 9)], {0}),
    ],
)
def test_a_line_is_kept_back_with_as_many_others_as_it_takes(lines: list[Line], hidden: set[int]) -> None:
    assert kept_back(lines) == hidden


def _page(world: tuple[Line, ...]) -> Page:
    """What is to be seen of a world: the lines shown, and the sum unless it is small itself."""
    hidden, total = kept_back(world), (sum(line[0] for line in world), sum(line[1] for line in world))
    return tuple(None if index in hidden else line for index, line in enumerate(world)), total if is_shown(
        total
    ) else None


def test_no_page_tells_a_number_that_it_keeps_back() -> None:
    """Whoever knows the rule, and has the sum of all lines, is left with at least five numbers that it may be."""
    worlds: dict[Page, list[tuple[Line, ...]]] = defaultdict(list)
    for world in product(product(range(HIGHEST + 1), repeat=2), repeat=3):
        worlds[_page(world)].append(world)
    checked = 0
    for (shown, total), possible in worlds.items():
        if total is None or any(total[part] - sum(line[part] for line in shown if line) > HIGHEST for part in (0, 1)):
            continue  # larger numbers than were tried may be behind it
        for index, part in product(range(3), range(2)):
            if shown[index] is None:
                assert len({world[index][part] for world in possible}) >= FEWEST, (shown, total)
                checked += 1
    assert checked > 100


@pytest.mark.parametrize(
    ("failed", "non_target", "n", "hidden"),
    [
        ([20, 10], 25, 100, set()),
        ([25], 25, 100, set()),  # all of them for one criterion: nobody is left over
        ([20, 10, 4], 30, 100, {1, 2}),
        ([22, 10], 25, 100, {0, 1}),  # three would be left that failed only the other
        ([20, 9], 27, 100, {0, 1}),  # two would be left that failed both
        ([4, 1], 4, 100, {0, 1}),  # too few are non-target at all
        ([96, 50], 96, 100, {0, 1}),  # too few are not
    ],
)
def test_a_criterion_is_kept_back_if_it_leaves_few(
    failed: list[int], non_target: int, n: int, hidden: set[int]
) -> None:
    assert criteria_kept_back(failed, non_target=non_target, n=n) == hidden


def test_no_page_tells_how_few_failed_one_of_two_criteria_only_or_both() -> None:
    pages: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for only_one, only_other, both in product(range(13), repeat=3):
        non_target, failed = only_one + only_other + both, [only_one + both, only_other + both]
        hidden = criteria_kept_back(failed, non_target=non_target, n=non_target + 50)
        shown = tuple(None if index in hidden else count for index, count in enumerate(failed))
        pages[(non_target if non_target >= FEWEST else None, *shown)].append((only_one, only_other, both, *failed))
    for page, worlds in pages.items():
        for counts in zip(*worlds, strict=True):
            known = set(counts)
            assert len(known) > 1 or not 0 < min(known) < FEWEST, page
