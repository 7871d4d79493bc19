"""Panel 6: have we done our part of the work? And the bar of contacts that panel 3 shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import OrganisationSettings
from crm.queries.organisation import settings_at
from crm.rules import formats
from crm.rules.calendar import longest_day
from insights.charts.bullets import Bullet, bullets
from insights.charts.first_contact import FirstContact, Mark, first_contact, minutes_words
from insights.queries.answers import answer
from insights.queries.effort import effort_cells
from insights.queries.strictness import people
from insights.queries.tags import tag_cells
from insights.rules import norms, speed, work
from insights.rules.norms import Kept, Norm
from insights.rules.pick import Pick, Timing
from insights.rules.pick_work import Worked, WorkPick
from insights.rules.ratio import Ratio
from insights.rules.slice import Slice
from insights.rules.speed import Speed
from insights.rules.strictness import OwnerCount
from insights.rules.table import Key
from insights.rules.work import TagCount, Work
from insights.views.contacts import ContactsPart, contacts_part
from insights.views.links import leads_url
from insights.views.people import PersonLine, person_line

SIGNS = {Kept.IN: "✓", Kept.OUT: "✕", Kept.NOT_OVER: "…"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """A share in the table under the chart; what has no norm has neither norm nor word."""

    name: str
    k: int
    n: int
    url: str
    interval: str = ""
    norm: str = ""
    sign: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPanel:
    """The panel: bars against norms, the curve of first contacts, and the same numbers as lines."""

    chart: SafeString
    curve: SafeString
    take: str
    mood: str
    lines: Sequence[WorkLine]
    people: Sequence[PersonLine]
    times: str
    attempts: str
    early: int
    early_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A share and the norm it is held against; `waiting` leads may still change it."""

    name: str
    k: int
    n: int
    waiting: int
    norm: Norm
    worked: Worked


def work_parts(*, slice: Slice, at: datetime) -> tuple[WorkPanel, ContactsPart]:
    """Read the work of a slice once, for the panel and for the bar."""
    cells = answer(effort_cells, slice=slice, at=at, by=None)
    tags = sum((count for _group, count in answer(tag_cells, slice=slice, by=None)), TagCount())
    agreed = settings_at(slice.as_of or at)
    done, soon = work.work(cells, tags), speed.speed(cells)
    panel = _panel(done, soon, people(slice=slice, at=at), slice=slice, agreed=agreed)
    return panel, contacts_part(work.contactability(cells), slice, tries=agreed.unreachable_attempts)


def _panel(
    done: Work, soon: Speed, owners: Sequence[tuple[Key, OwnerCount]], *, slice: Slice, agreed: OrganisationSettings
) -> WorkPanel:
    held = _held(done, soon, agreed)
    kept = [one.norm.of(one.k, one.n, waiting=one.waiting) if not formats.is_few(one.n) else None for one in held]
    shown = [_bullet(one, state, slice) for one, state in zip(held, kept, strict=True)]
    nothing = SafeString("")
    return WorkPanel(
        chart=bullets(shown) if done.n else nothing,
        curve=first_contact(_curve(soon, slice)) if done.n else nothing,
        take=_take(kept, done),
        mood="look" if Kept.OUT in kept else "calm",
        lines=[
            *(_held_line(one, bullet, state) for one, bullet, state in zip(held, shown, kept, strict=True)),
            *_others(done, soon, slice),
        ],
        people=[person_line(key, count, slice) for key, count in owners],
        times=_times(soon),
        attempts="—" if done.attempts is None else formats.number(done.attempts, 0 if done.attempts % 1 == 0 else 1),
        early=soon.early,
        early_url=_url(slice, Worked.EARLY),
    )


def _held(done: Work, soon: Speed, agreed: OrganisationSettings) -> list[_Held]:
    """List the five shares in the order of the panel."""
    tries = agreed.unreachable_attempts
    under_worked = ngettext(
        "Under-worked: fewer than %(count)s attempt", "Under-worked: fewer than %(count)s attempts", tries
    )
    return [
        _Held(
            name=_("First contact within 60 min"),
            k=soon.within_60,
            n=done.n,
            waiting=soon.within_60_waiting,
            norm=norms.FIRST_CONTACT,
            worked=Worked.WITHIN_60,
        ),
        _Held(
            name=_verdict_name(agreed),
            k=done.verdict_in_time,
            n=done.n,
            waiting=done.verdict_waiting,
            norm=norms.VERDICT,
            worked=Worked.VERDICT_IN_TIME,
        ),
        _Held(
            name=_("Not touched by anybody"),
            k=done.never,
            n=done.n,
            waiting=done.first_waiting,
            norm=norms.UNTOUCHED,
            worked=Worked.NEVER,
        ),
        _Held(
            name=under_worked % {"count": formats.number(tries)},
            k=done.under_worked,
            n=done.n,
            waiting=0,
            norm=norms.UNDER_WORKED,
            worked=Worked.UNDER_WORKED,
        ),
        _Held(
            name=_("Overturned tags “non-target”"),
            k=done.overturned,
            n=done.tagged,
            waiting=0,
            norm=norms.OVERTURNED,
            worked=Worked.OVERTURNED,
        ),
    ]


def _verdict_name(agreed: OrganisationSettings) -> str:
    """Name the agreed time for a verdict: in working days where it is whole days, else in hours."""
    day = longest_day(agreed.business_hours).total_seconds() / 60
    minutes = agreed.verdict_sla_minutes
    if day and minutes % day == 0:
        count = int(minutes // day)
        words = ngettext("Verdict within %(count)s working day", "Verdict within %(count)s working days", count)
        return words % {"count": formats.number(count)}
    hours = minutes / 60
    words = _("Verdict within %(count)s working h")
    return words % {"count": formats.number(hours, 0 if hours % 1 == 0 else 1)}


def _url(slice: Slice, worked: Worked) -> str:
    return leads_url(slice, Pick(work=WorkPick(worked=worked)))


def _norm_words(norm: Norm) -> str:
    return f"{'≥' if norm.is_at_least else '≤'} {formats.percent(norm.share, 0)}"


def _word(kept: Kept | None, norm: Norm, n: int) -> str:
    if kept is None:
        return _("too few leads to say") if n else "—"
    words = {
        Kept.IN: _("✓ in the norm %(norm)s"),
        Kept.OUT: _("✕ outside the norm %(norm)s"),
        Kept.NOT_OVER: _("… not over yet, norm %(norm)s"),
    }
    return words[kept] % {"norm": _norm_words(norm)}


def _bullet(one: _Held, kept: Kept | None, slice: Slice) -> Bullet:
    return Bullet(
        name=one.name,
        k=one.k,
        n=one.n,
        norm=one.norm.share,
        is_at_least=one.norm.is_at_least,
        word=_word(kept, one.norm, one.n),
        is_out=kept is Kept.OUT,
        url=_url(slice, one.worked),
    )


def _held_line(one: _Held, bullet: Bullet, kept: Kept | None) -> WorkLine:
    interval = Ratio(one.k, one.n).interval
    low_high = ""
    if interval and not formats.is_few(one.n):
        low_high = f"{formats.number(interval.low * 100, 1)}–{formats.percent(interval.high, 1)}"
    return WorkLine(
        name=one.name,
        k=one.k,
        n=one.n,
        url=bullet.url,
        interval=low_high,
        norm=_norm_words(one.norm),
        sign=SIGNS[kept] if kept else "",
        word=bullet.word,
    )


def _others(done: Work, soon: Speed, slice: Slice) -> list[WorkLine]:
    """List what has no norm but belongs to the same question."""
    overdue = leads_url(slice, Pick(timing=Timing.OVERDUE))
    return [
        WorkLine(name=_("First contact within 5 min"), k=soon.within_5, n=done.n, url=_url(slice, Worked.WITHIN_5)),
        WorkLine(
            name=_("First contact within the agreed time, working hours"),
            k=done.first_in_time,
            n=done.n,
            url=_url(slice, Worked.FIRST_IN_TIME),
        ),
        WorkLine(name=_("Verdict overdue"), k=done.overdue, n=done.n, url=overdue),
        WorkLine(
            name=_("Verdict still in time"), k=done.verdict_waiting, n=done.n, url=leads_url(slice, Pick(in_time=True))
        ),
        WorkLine(
            name=_("Open without a next step"), k=done.without_step, n=done.open, url=_url(slice, Worked.WITHOUT_STEP)
        ),
    ]


def _curve(soon: Speed, slice: Slice) -> FirstContact:
    return FirstContact(
        n=soon.n,
        contacted=soon.contacted,
        points=[(point.minutes, point.share) for point in soon.curve],
        marks=[
            Mark(5, soon.within_5, _url(slice, Worked.WITHIN_5)),
            Mark(60, soon.within_60, _url(slice, Worked.WITHIN_60)),
        ],
        median=soon.median_minutes,
        p90=soon.p90_minutes,
        contacted_url=_url(slice, Worked.CONTACTED),
        never_url=_url(slice, Worked.NEVER),
    )


def _times(soon: Speed) -> str:
    """Say by when half and nine of ten were contacted."""
    found = [minutes_words(value) if value is not None else "—" for value in (soon.median_minutes, soon.p90_minutes)]
    return _("half are contacted within %(median)s, nine of ten within %(p90)s") % {
        "median": found[0],
        "p90": found[1],
    }


def _take(kept: Sequence[Kept | None], done: Work) -> str:
    if not done.n:
        return _("No leads came in this slice.")
    untouched = ngettext(
        "%(never)s of %(n)s leads was touched by nobody.",
        "%(never)s of %(n)s leads were touched by nobody.",
        done.never,
    ) % {"never": formats.number(done.never), "n": formats.number(done.n)}
    judged = [one for one in kept if one is not None]
    if not judged:
        return untouched
    out = judged.count(Kept.OUT)
    first = (
        _("Outside the norm %(out)s of %(all)s") % {"out": out, "all": len(kept)}
        if out
        else _("Nothing outside the norm")
    )
    return f"{first}; {untouched}"
