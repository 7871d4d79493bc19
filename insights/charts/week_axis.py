"""Weeks from left to right, the same in every chart that has them, so that charts can be read one above another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from django.utils.safestring import SafeString

from insights.charts.svg import Size, text, width_of

TICK = 0.92  # how large an axis label is beside other words
BREATH = 4  # units between two labels
OUTSIDE = 3  # units a label may stand out to the left of the axis, where the axis has words of its own
LEFT, LEFT_SLIM = 44.0, 30.0
BOTTOM, BOTTOM_SLIM = 217.0, 185.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFrame:
    """Where the weeks stand, and between which shares."""

    size: Size
    left: float
    top: float
    bottom: float
    step: float
    low: float = 0.0
    high: float = 1.0

    @property
    def bar(self) -> float:
        return self.step * 0.8

    def x(self, index: int) -> float:
        return self.left + self.step * index + (self.step - self.bar) / 2

    def middle(self, index: float) -> float:
        return self.left + self.step * (index + 0.5)

    def y(self, share: float) -> float:
        return self.bottom - (self.bottom - self.top) * (share - self.low) / (self.high - self.low)


def week_frame(size: Size, count: int, *, top: float, low: float = 0.0, high: float = 1.0) -> WeekFrame:
    """Divide a drawing's width among so many weeks."""
    left = LEFT_SLIM if size.is_slim else LEFT
    bottom = BOTTOM_SLIM if size.is_slim else BOTTOM
    step = (size.width - left) / max(count, 1)
    return WeekFrame(size=size, left=left, top=top, bottom=bottom, step=step, low=low, high=high)


def row(labels: Sequence[str], y: float, name: str, frame: WeekFrame) -> Iterator[SafeString]:
    """Write a label at each week, or at every second or third if they are long; the last one always stands."""
    widest = max((width_of(words, scale=TICK) for words in labels), default=0)
    every = max(1, ceil((widest + BREATH) / frame.step))
    for index in range(len(labels) - 1, -1, -every):
        middle = frame.middle(index)
        if middle - widest / 2 >= frame.left - OUTSIDE:
            yield text(middle, y, labels[index], name, "middle")
