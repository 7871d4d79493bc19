"""One cohort as one bar: what is known, and between which bounds the final share must lie."""

from collections.abc import Iterator

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.shares import LOOKS, Cohort, Part, names, spoken
from insights.charts.svg import FULL, MID, SLIM, Size, drawing, figure, line, link, path, rect, strong, text, width_of

GAP = 1


def headline(cohort: Cohort) -> SafeString:
    """Draw the three shares of a cohort of at least one lead."""
    return figure((_horizontal(cohort, FULL), _horizontal(cohort, MID), _listed(cohort, SLIM)))


def _horizontal(cohort: Cohort, size: Size) -> SafeString:
    top, height = 44.0, 40.0
    bottom = top + height
    parts = [*_bar(cohort, size, top, height), *_labels(cohort, size), *_bracket(cohort, size, bottom)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = size.width * share
        anchor = "start" if share == 0 else "end" if share == 1 else "middle"
        parts += [
            line(x, bottom, x, bottom + 5, "axis"),
            text(x, bottom + 44, formats.percent(share, 0), "tick", anchor),
        ]
    return drawing(size, bottom + 48, _("Three shares of one cohort"), parts)


def _bar(cohort: Cohort, size: Size, top: float, height: float) -> Iterator[SafeString]:
    x = 0.0
    for part in cohort.parts:
        width = size.width * part.count / cohort.n
        name, fill = LOOKS[part.code]
        gap = GAP if x and width > GAP * 2 else 0
        yield link(part.url, spoken(part, cohort.n), [rect(x + gap, top, width - gap, height, name, fill=fill)])
        x += width


def _labels(cohort: Cohort, size: Size) -> Iterator[SafeString]:
    """Name the parts above the bar. The middle one stands where its part begins, as far as the others leave room."""
    named = names()
    undecided = _undecided_words(cohort)
    left = max(width_of(named["non_target"]), width_of(_numbers(cohort.non_target, cohort.n))) + 24
    right = max(width_of(named["target"]), width_of(_numbers(cohort.target, cohort.n))) + 24
    room = size.width - right - width_of(undecided)
    middle = max(left, min(size.width * cohort.non_target.count / cohort.n + 2, room))
    yield text(0, 16, named["non_target"], "seg")
    yield text(0, 34, _told(cohort.non_target, cohort.n))
    if cohort.undecided and middle <= room + 1:
        yield text(middle, 16, _("Not decided"), "seg")
        share = formats.share(cohort.undecided, cohort.n)
        yield text(middle, 34, strong(share, undecided.removeprefix(share).strip()))
    yield text(size.width, 16, named["target"], "seg", "end")
    yield text(size.width, 34, _told(cohort.target, cohort.n), anchor="end")


def _undecided_words(cohort: Cohort) -> str:
    share = formats.share(cohort.undecided, cohort.n)
    counts = _("%(waiting)s in time · %(overdue)s overdue") % {
        "waiting": formats.number(cohort.waiting.count),
        "overdue": formats.number(cohort.overdue.count),
    }
    if cohort.not_restated:
        lost = _("%(count)s cannot be restated") % {"count": formats.number(cohort.not_restated.count)}
        counts = f"{counts} · {lost}"
    return f"{share} {counts}"


def _numbers(part: Part, n: int) -> str:
    return f"{formats.share(part.count, n)} {formats.number(part.count)}"


def _told(part: Part, n: int) -> SafeString:
    return strong(formats.share(part.count, n), formats.number(part.count))


def _bracket(cohort: Cohort, size: Size, bottom: float) -> Iterator[SafeString]:
    """Bracket the undecided: the final share lies somewhere in it."""
    if not cohort.undecided:
        return
    low = size.width * cohort.non_target.count / cohort.n
    high = size.width * (cohort.non_target.count + cohort.undecided) / cohort.n
    yield path(f"M{low:.1f} {bottom + 4:.1f}v9H{high:.1f}v-9", "bracket")
    words = bounds_words(cohort)
    if high + 10 + width_of(words) <= size.width:
        yield text(high + 10, bottom + 18, words, "b")
    elif low - 10 - width_of(words) >= 0:
        yield text(low - 10, bottom + 18, words, "b", "end")
    else:
        yield text(min(size.width / 2, size.width), bottom + 29, words, "b", "middle")


def bounds_words(cohort: Cohort) -> str:
    """Say between which bounds the final share must lie."""
    return _("In the end: from %(low)s to %(high)s non-target") % {
        "low": formats.share(cohort.non_target.count, cohort.n),
        "high": formats.share(cohort.non_target.count + cohort.undecided, cohort.n),
    }


def _listed(cohort: Cohort, size: Size) -> SafeString:
    """Draw the phone's variant: the bar, then a line for each part."""
    top, height = 4.0, 34.0
    parts = list(_bar(cohort, size, top, height))
    y = top + height + 28
    named = names()
    for part in cohort.parts:
        name, fill = LOOKS[part.code]
        shown = [
            rect(0, y - 10, 12, 12, name, fill=fill),
            text(20, y, named[part.code]),
            text(size.width - 66, y, formats.number(part.count), "dim", "end"),
            text(size.width, y, formats.share(part.count, cohort.n), "b", "end"),
        ]
        parts.append(link(part.url, spoken(part, cohort.n), shown))
        y += 24
    return drawing(size, y - 10, _("Three shares of one cohort"), parts)
