"""The rows of the list, drawn cell by cell.

Fifty rows of a dozen cells take the template engine longer than everything else its page needs together, so they are
drawn here; what is the same in every row is worked out once. All that is told is plain text, so Python's own `escape`
is enough: Django's asks of each whether it is lazy or safe, which takes longer than to escape it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from html import escape

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.rules import formats
from leads.queries.presentation import LeadRow

NOTHING = "—"


def lines(*, rows: Iterable[LeadRow], columns: Sequence[str], may_choose: bool) -> SafeString:
    """Draw the rows of the list with the columns asked for, in the active language and at the reader's clock.

    `may_choose` puts a tick before each. Everything people or programs have told is escaped.
    """
    pen = Pen(has_phones=any(name == "phone" for name in columns), has_campaigns="campaign" in columns)
    drawn = [CELLS[name] for name in columns]
    told = (
        f"<tr>{pen.tick(row) if may_choose else ''}{pen.who(row)}{''.join(draw(pen, row) for draw in drawn)}</tr>"
        for row in rows
    )
    return mark_safe("\n".join(told))  # noqa: S308  every cell escapes what it shows


@dataclass(frozen=True)
class Pen:
    """What all rows share: words of the reader's language, addresses, days already written."""

    has_phones: bool
    has_campaigns: bool

    def tick(self, row: LeadRow) -> str:
        """Draw the box by which a lead is chosen."""
        label = f"{self._words['choose']} {escape(row.title)}"
        box = f'<input type="checkbox" name="lead" value="{row.code}" form="bulk" aria-label="{label}">'
        return f'<td class="tick-cell"><label class="tick">{box}</label></td>'

    def who(self, row: LeadRow) -> str:
        """Draw who asks: the way to the card, and what sets the lead apart."""
        marks = [name for name, is_so in (("duplicate", row.is_duplicate), ("test", row.is_test)) if is_so]
        tags = "".join(f' <span class="tag open">{self._words[name]}</span>' for name in marks)
        phones = row.contact.phones[:1] if row.contact and not self.has_phones else ()
        below = "".join(f"<small>{escape(str(phone))}</small>" for phone in phones)
        link = f'<a href="{self._base}{row.code}/">{escape(row.title)}</a>'
        return f'<th scope="row" class="who-cell">{link}{tags}{below}</th>'

    def came(self, row: LeadRow) -> str:
        """Draw when the lead came."""
        return f'<td class="came-cell">{self._moment(row.received_at)}</td>'

    def source(self, row: LeadRow) -> str:
        """Draw the source, with the campaign below unless it has a column."""
        below = f"<small>{escape(row.campaign)}</small>" if row.campaign and not self.has_campaigns else ""
        return f'<td class="source-cell">{escape(row.source)}{below}</td>'

    def stage(self, row: LeadRow) -> str:
        """Draw where the lead stands, or how it ended and where."""
        if row.outcome == "open":
            return f'<td class="stage-cell">{escape(row.stage)}</td>'
        below = f"<small>{escape(row.stage)}</small>" if row.outcome == "lost" else ""
        return f'<td class="stage-cell"><span class="tag {row.outcome}">{escape(row.outcome_label)}</span>{below}</td>'

    def verdict(self, row: LeadRow) -> str:
        """Draw the verdict, with what is failed or by when it is due."""
        return f'<td class="verdict-cell">{self._tags.get(row.verdict, self._tags["undecided"])}{self._why(row)}</td>'

    def touched(self, row: LeadRow) -> str:
        """Draw when somebody first tried to reach the person."""
        return f'<td class="more-cell">{self._moment(row.first_touch_at) if row.first_touch_at else NOTHING}</td>'

    def code(self, row: LeadRow) -> str:
        """Draw enough of the code to tell leads apart."""
        return f'<td class="more-cell"><code>ld_{row.short_code}</code></td>'

    def _why(self, row: LeadRow) -> str:
        if row.failed:
            return f"<small>{escape(', '.join(row.failed))}</small>"
        if row.verdict_due_at is None:
            return ""
        day = self._day(localtime(row.verdict_due_at).date())
        if row.is_late:
            return f'<small class="due late">{self._words["was_due"]} {day}</small>'
        return f'<small class="due">{self._words["due"]} {day}</small>'

    def _moment(self, moment: datetime) -> str:
        local = localtime(moment)
        return f'<time datetime="{local.isoformat()}">{self._day(local.date())}, {local:%H:%M}</time>'

    @cached_property
    def _day(self) -> Callable[[date], str]:
        return cache(lambda day: escape(formats.day(day)))

    @cached_property
    def _base(self) -> str:
        return reverse("leads:list")

    @cached_property
    def _words(self) -> Mapping[str, str]:
        return {
            "choose": escape(_("Choose")),
            "duplicate": escape(_("duplicate")),
            "test": escape(_("test")),
            "was_due": escape(_("was due")),
            "due": escape(_("due")),
        }

    @cached_property
    def _tags(self) -> Mapping[str, str]:
        named = (
            ("target", "target", f"✓ {pgettext('a lead', 'Target')}"),
            ("non_target", "non-target", f"✕ {pgettext('a lead', 'Non-target')}"),
            ("undecided", "undecided", f"? {pgettext('a lead', 'Not decided')}"),
        )
        return {verdict: f'<span class="tag {look}">{escape(label)}</span>' for verdict, look, label in named}


def _plain(read: Callable[[LeadRow], str], look: str = "more-cell") -> Callable[[Pen, LeadRow], str]:
    """Draw a text as it is told, or a dash where there is none."""
    return lambda _pen, row: f'<td class="{look}">{escape(read(row)) or NOTHING}</td>'


CELLS: Mapping[str, Callable[[Pen, LeadRow], str]] = {
    "came": Pen.came,
    "phone": _plain(lambda row: ", ".join(map(str, row.contact.phones)) if row.contact else "", "more-cell tel-cell"),
    "email": _plain(lambda row: ", ".join(row.contact.emails) if row.contact else ""),
    "company": _plain(lambda row: row.contact.company if row.contact else ""),
    "source": Pen.source,
    "campaign": _plain(lambda row: row.campaign),
    "segment": _plain(lambda row: row.segment, "segment-cell"),
    "funnel": _plain(lambda row: row.funnel),
    "owner": _plain(lambda row: row.owner, "owner-cell"),
    "stage": Pen.stage,
    "verdict": Pen.verdict,
    "touched": Pen.touched,
    "external_id": _plain(lambda row: row.external_id),
    "code": Pen.code,
}
