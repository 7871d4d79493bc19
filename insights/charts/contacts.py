"""Are the phones dead, or do we not call? One bar of five parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.svg import SLIM, WIDE, Size, drawing, figure, link, rect

HEIGHT, TOP = 18, 2
LOOKS = {
    "dead": ("nt", ""),
    "no_answer": ("nt-soft", ""),
    "under_worked": ("ov", ""),
    "waiting": ("edge", "hatch-wait"),
    "reached": ("tg", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPart:
    """How many leads of n are in a part, and where to see them."""

    code: str
    name: str
    count: int
    n: int
    url: str

    @property
    def key(self) -> str:
        """Name the class of its sign in the key."""
        name, fill = LOOKS[self.code]
        return "wait" if fill else name

    @property
    def told(self) -> str:
        """Say the part with its whole, as a reader hears it."""
        return f"{self.name}: {formats.k_of_n(self.count, self.n)} — {formats.share(self.count, self.n)}"


def contacts(parts: Sequence[ContactPart]) -> SafeString:
    """Draw the parts side by side; a part of nobody is nothing."""
    return figure(_draw(parts, size) for size in (WIDE, SLIM))


def _draw(parts: Sequence[ContactPart], size: Size) -> SafeString:
    return drawing(size, TOP + HEIGHT + 2, _("Whether leads can be reached"), _bar(parts, size))


def _bar(parts: Sequence[ContactPart], size: Size) -> Iterator[SafeString]:
    x = 0.0
    for part in parts:
        width = size.width * part.count / part.n if part.n else 0.0
        gap = 1 if x and width > 2 else 0
        name, fill = LOOKS[part.code]
        yield link(part.url, part.told, [rect(x + gap, TOP, width - gap, HEIGHT, name, fill=fill)])
        x += width
