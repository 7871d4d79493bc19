"""Numbers as people write them: digits in groups of three, or not, and a mark before the fraction."""

import re
from dataclasses import dataclass
from decimal import Decimal

BETWEEN = re.compile(r"[\s']")  # what may stand between digits and says nothing; \s knows the narrow spaces too
# Whole part, plain or in groups of three, and a fraction after a mark that is not the one between the groups.
WRITTEN = re.compile(r"^([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:([.,])(\d+))?$", re.ASCII)
GROUP = 3


@dataclass(frozen=True, slots=True)
class Written:
    """A number without a sign, read as groups where it can be; `is_ambiguous` when that is one of two readings."""

    value: Decimal
    is_ambiguous: bool


def read_written(*, text: str) -> Written | None:
    """Read a number as a person writes it: "1 500,50", "1,500.50", "150,050"; None when it is none."""
    found = WRITTEN.match(BETWEEN.sub("", text))
    if found is None:
        return None
    whole, mark, fraction = found[1], found[2], found[3] or ""
    groups = re.sub(r"\d", "", whole)
    if mark and mark in groups:
        return None
    # "1,234" is a thousand to one person and one and a bit to another.
    is_ambiguous = (not mark and len(groups) == 1) or (not groups and len(fraction) == GROUP)
    return Written(Decimal(f"{re.sub(r'[.,]', '', whole)}.{fraction or 0}"), is_ambiguous)
