"""The few shapes a chart is made of. Geometry goes to attributes, meaning to classes; every text is escaped."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
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
    return format_html(
        '<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>', unit(x), unit(y), name, anchor, words
    )


def strong(lead: str, rest: str) -> SafeString:
    """Write a bold word followed by a quiet one, as one text."""
    return format_html('<tspan class="b">{}</tspan><tspan class="dim" dx="7">{}</tspan>', lead, rest)


def rect(x: float, y: float, width: float, height: float, name: str, *, fill: str = "") -> SafeString:
    """Draw a box; one of no size is not drawn, so that a zero is nothing and not a small bar."""
    if width <= 0 or height <= 0:
        return SafeString("")
    pattern = format_html(' fill="url(#{})"', fill) if fill else SafeString("")
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" class="{}"{}/>',
        unit(x),
        unit(y),
        unit(width),
        unit(height),
        name,
        pattern,
    )


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> SafeString:
    """Draw a straight line."""
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>', unit(x1), unit(y1), unit(x2), unit(y2), name
    )


def circle(x: float, y: float, radius: float, name: str) -> SafeString:
    """Draw a dot."""
    return format_html('<circle cx="{}" cy="{}" r="{}" class="{}"/>', unit(x), unit(y), unit(radius), name)


def path(steps: str, name: str) -> SafeString:
    """Draw a path of plain steps."""
    return format_html('<path d="{}" class="{}"/>', steps, name)


def whisker(low: float, high: float, y: float, half: float = 4) -> SafeString:
    """Draw an interval with its two ends."""
    ends = f"M{unit(low)} {unit(y - half)}v{2 * half}M{unit(high)} {unit(y - half)}v{2 * half}"
    return path(f"{ends}M{unit(low)} {unit(y)}H{unit(high)}", "whisker")


def link(url: str, name: str, shapes: Iterable[SafeString]) -> SafeString:
    """Make shapes open their leads; the name is what a reader hears and a pointer shows. No shape, no link."""
    body = together(shapes)
    if not body:
        return body
    return format_html('<a href="{}" aria-label="{}"><title>{}</title>{}</a>', url, name, name, body)


def together(parts: Iterable[SafeString]) -> SafeString:
    """Join pieces of a drawing."""
    return format_html_join("", "{}", ((part,) for part in parts))


def drawing(size: Size, height: float, title: str, parts: Iterable[SafeString]) -> SafeString:
    """Put shapes into one picture with a name."""
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        size.name,
        unit(size.width),
        unit(height),
        title,
        together(parts),
    )


def figure(drawings: Iterable[SafeString]) -> SafeString:
    """Put the variants of one chart side by side; the style sheet shows the one that fits."""
    return format_html('<div class="fig">{}</div>', together(drawings))
