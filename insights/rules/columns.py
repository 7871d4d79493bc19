"""What the values of a table are called, and how they are to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Cell = str | int | float | None


class Format(StrEnum):
    """How a column's values are to be read."""

    COUNT = "count"
    SHARE = "share"
    POINTS = "points"
    NUMBER = "number"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Column:
    """A value every row has under this name; `of` names the count a share is taken of, if it is not the row's leads.

    `words` are what people read for codes; where there are none, those that the company made itself stand in the table.
    """

    code: str
    title: "str | _StrPromise"
    format: Format = Format.COUNT
    of: str = "n"
    words: "Mapping[str, _StrPromise]" = field(default_factory=dict, compare=False)

    def size(self, numbers: object) -> int | None:
        """Tell of how many leads a share or a difference is; of a count nothing is asked."""
        size: int | None = getattr(numbers, self.of) if self.format in (Format.SHARE, Format.POINTS) else None
        return size


def values_of(columns: Sequence[Column], numbers: object) -> dict[str, Cell]:
    """Read the value of each column."""
    return {column.code: getattr(numbers, column.code) for column in columns}
