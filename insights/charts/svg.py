"""The few shapes a chart is made of. Geometry goes to attributes, meaning to classes; every text is escaped.

A board draws a thousand of them, so they are written by hand: `format_html` takes five times as long.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString

GLYPH = 7.4  # no letter of the page's fonts at 12.5 px is wider on average: labels are kept apart by this


@dataclass(frozen=True, slots=True)
class Size:
    """A drawing's width in units and the class that says when it is shown."""

    width: float
    name: str

    @property
    def is_slim(self) -> bool:
        return self.name == "slim"


WIDE, SLIM = Size(648, "wide"), Size(330, "slim")
FULL, MID = Size(1352, "wide"), Size(780, "mid")


def width_of(words: str, *, scale: float = 1.0) -> float:
    """Estimate how many units a text takes at most."""
    return len(words) * GLYPH * scale


def unit(value: float) -> str:
    """Write a coordinate, short."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(x: float, y: float, words: str | SafeString, name: str = "", anchor: str = "start") -> SafeString:
    """Write words with their baseline at y."""
    return SafeString(
        f'<text x="{unit(x)}" y="{unit(y)}" class="{name}" text-anchor="{anchor}">{_escaped(words)}</text>'
    )


def strong(lead: str, rest: str) -> SafeString:
    """Write a bold word followed by a quiet one, as one text."""
    return SafeString(f'<tspan class="b">{_escaped(lead)}</tspan><tspan class="dim" dx="7">{_escaped(rest)}</tspan>')


def rect(x: float, y: float, width: float, height: float, name: str, *, fill: str = "") -> SafeString:
    """Draw a box; one of no size is not drawn, so that a zero is nothing and not a small bar."""
    if width <= 0 or height <= 0:
        return SafeString("")
    pattern = f' fill="url(#{fill})"' if fill else ""
    box = f'x="{unit(x)}" y="{unit(y)}" width="{unit(width)}" height="{unit(height)}"'
    return SafeString(f'<rect {box} class="{name}"{pattern}/>')


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> SafeString:
    """Draw a straight line."""
    return SafeString(f'<line x1="{unit(x1)}" y1="{unit(y1)}" x2="{unit(x2)}" y2="{unit(y2)}" class="{name}"/>')


def circle(x: float, y: float, radius: float, name: str) -> SafeString:
    """Draw a dot."""
    return SafeString(f'<circle cx="{unit(x)}" cy="{unit(y)}" r="{unit(radius)}" class="{name}"/>')


def path(steps: str, name: str) -> SafeString:
    """Draw a path of plain steps."""
    return SafeString(f'<path d="{steps}" class="{name}"/>')


def whisker(low: float, high: float, y: float, half: float = 4) -> SafeString:
    """Draw an interval with its two ends."""
    ends = f"M{unit(low)} {unit(y - half)}v{2 * half}M{unit(high)} {unit(y - half)}v{2 * half}"
    return path(f"{ends}M{unit(low)} {unit(y)}H{unit(high)}", "whisker")


def link(url: str, name: str, shapes: Iterable[SafeString]) -> SafeString:
    """Make shapes open their leads; the name is what a reader hears and a pointer shows. No shape, no link.

    Without an address there is nothing to open, and the shapes are only named.
    """
    body = together(shapes)
    if not body:
        return body
    told = _escaped(name)
    if not url:
        return SafeString(f'<g role="img" aria-label="{told}"><title>{told}</title>{body}</g>')
    return SafeString(f'<a href="{_escaped(url)}" aria-label="{told}"><title>{told}</title>{body}</a>')


def together(parts: Iterable[SafeString]) -> SafeString:
    """Join pieces of a drawing."""
    return SafeString("".join(_escaped(part) for part in parts))


def drawing(size: Size, height: float, title: str, parts: Iterable[SafeString]) -> SafeString:
    """Put shapes into one picture with a name."""
    view = f'viewBox="0 0 {unit(size.width)} {unit(height)}" role="group" aria-label="{_escaped(title)}"'
    return SafeString(f'<svg class="chart {size.name}" {view}>{together(parts)}</svg>')


def figure(drawings: Iterable[SafeString]) -> SafeString:
    """Put the variants of one chart side by side; the style sheet shows the one that fits."""
    return SafeString(f'<div class="fig">{together(drawings)}</div>')


def _escaped(words: str) -> str:
    return words if isinstance(words, SafeString) else escape(words)
