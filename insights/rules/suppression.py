"""What people outside are not shown: no count below five, and none that adding and subtracting would bring out.

A line is shown with all its numbers or kept back with all of them. docs/adr/0020 says why that is enough.
"""

from collections.abc import Callable, Sequence
from typing import Final

FEWEST: Final = 5
"""The smallest count that is shown; a zero is none, else what is left out would tell it from the others."""

Line = tuple[int, ...]


def is_shown(parts: Line) -> bool:
    """Tell whether a line could be shown by itself: none of the parts it falls into is small."""
    return all(part >= FEWEST for part in parts)


def kept_back(lines: Sequence[Line]) -> frozenset[int]:
    """Choose which lines of a table are not shown; a line is the parts its leads fall into, the same for each.

    All lines together are known, so those kept back are known together: they must be several, and no part of them
    together may be small. Where that is not so, the smallest of the others are kept back as well.
    """

    def is_safe(hidden: frozenset[int]) -> bool:
        together = tuple(sum(parts) for parts in zip(*(lines[index] for index in hidden), strict=True))
        return len(hidden) > 1 and is_shown(together)

    hidden = frozenset(index for index, parts in enumerate(lines) if not is_shown(parts))
    return _widened(hidden, [sum(parts) for parts in lines], is_safe)


def criteria_kept_back(failed: Sequence[int], *, non_target: int, n: int) -> frozenset[int]:
    """Choose which criteria are not shown; a lead may fail several, so their lines do not add up.

    Still each line leaves the non-target leads that did not fail it, and all lines together leave those that failed
    more than one: neither may be few, though there may be none at all.
    """
    if not is_shown((non_target, n - non_target)):
        return frozenset(range(len(failed)))
    hidden = frozenset(index for index, count in enumerate(failed) if count < FEWEST or _is_few(non_target - count))
    if not hidden and _is_few(sum(failed) - non_target):
        hidden = frozenset({min(range(len(failed)), key=lambda index: failed[index])})
    return _widened(hidden, failed, lambda found: len(found) > 1)


def _is_few(count: int) -> bool:
    return 0 < count < FEWEST


def _widened(hidden: frozenset[int], sizes: Sequence[int], is_safe: Callable[[frozenset[int]], bool]) -> frozenset[int]:
    """Keep back the smallest of the shown lines until what is kept back is safe, or everything is."""
    shown = sorted(set(range(len(sizes))) - hidden, key=lambda index: (sizes[index], index))
    for index in shown if hidden else ():
        if is_safe(hidden):
            break
        hidden |= {index}
    return hidden
