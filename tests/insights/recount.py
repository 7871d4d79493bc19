"""The same numbers counted naively: every fact is read into memory and looked at in plain Python."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from insights.rules.slice import NOBODY, GroupBy, Slice
from leads.models import Assessment, Lead
from leads.rules.facts import AssessmentKind, LinkKind


class State(NamedTuple):
    """One counted lead: its verdict, what it waits for, which criteria failed and were asked."""

    lead: Lead
    verdict: str
    timing: str
    failed: frozenset[int]
    asked: frozenset[int]


def kinds(slice: Slice) -> Counter[str]:
    """Count what was received by what became of it."""
    return Counter(_kind(lead, slice) for lead in _received(slice))


def states(slice: Slice, at: datetime) -> list[State]:
    """Derive the state of each counted lead from its facts."""
    return [_state(lead, slice, at) for lead in _received(slice) if _kind(lead, slice) == "valid"]


def by_group(found: list[State], by: GroupBy | None, slice: Slice) -> dict[str, list[State]]:
    """Lay states out by group."""
    groups: dict[str, list[State]] = defaultdict(list)
    for state in found:
        groups[_group(state.lead, by, slice)].append(state)
    return dict(groups)


def three(found: list[State]) -> tuple[int, int, int, int, int]:
    """Count target, non-target, then the undecided by what they wait for."""
    verdicts = Counter(state.verdict for state in found)
    timings = Counter(state.timing for state in found if state.verdict == "UNDECIDED")
    waiting = (timings["untouched"], timings["in_sla"], timings["overdue"])
    return (verdicts["TARGET"], verdicts["NON_TARGET"], *waiting)


def criterion(found: list[State], bit: int) -> tuple[int, int, Fraction, int]:
    """Count failed, failed alone, fractional, asked."""
    bad = [state.failed for state in found if state.verdict == "NON_TARGET" and bit in state.failed]
    asked = sum(state.verdict != "UNDECIDED" and bit in state.asked for state in found)
    return len(bad), sum(failed == {bit} for failed in bad), sum((Fraction(1, len(f)) for f in bad), Fraction()), asked


def _received(slice: Slice) -> list[Lead]:
    found = []
    leads = Lead.objects.filter(funnel__code=slice.funnel).select_related("source", "campaign", "segment")
    for lead in leads.prefetch_related("assessments", "touches", "links", "owner_changes"):
        early = slice.from_on is not None and lead.cohort_day < slice.from_on
        late = slice.to_on is not None and lead.cohort_day > slice.to_on
        unknown = slice.as_of is not None and lead.recorded_at > slice.as_of
        if not (early or late or unknown) and _chosen(lead, slice):
            found.append(lead)
    return found


def _chosen(lead: Lead, slice: Slice) -> bool:
    choices = (
        (slice.sources, GroupBy.SOURCE),
        (slice.campaigns, GroupBy.CAMPAIGN),
        (slice.segments, GroupBy.SEGMENT),
        (slice.owners, GroupBy.OWNER),
    )
    return all(not chosen or _group(lead, by, slice) in chosen for chosen, by in choices)


def _group(lead: Lead, by: GroupBy | None, slice: Slice) -> str:
    if by is None:
        return ""
    if by is GroupBy.WEEK:
        year, week, _day = lead.cohort_day.isocalendar()
        return f"{year}-W{week:02d}"
    if by is GroupBy.SOURCE:
        return lead.source.code
    if by is GroupBy.CAMPAIGN:
        return f"{lead.source.code}/{lead.campaign.code}" if lead.campaign else NOBODY
    if by is GroupBy.SEGMENT:
        return lead.segment.code if lead.segment else NOBODY
    hands = [change for change in lead.owner_changes.all() if slice.as_of is None or change.recorded_at <= slice.as_of]
    last = max(hands, key=lambda change: (change.recorded_at, change.pk), default=None)
    return str(last.owner_id) if last and last.owner_id else NOBODY


def _kind(lead: Lead, slice: Slice) -> str:
    if lead.is_test:
        return "test"
    ties = [tie for tie in lead.links.all() if slice.as_of is None or tie.recorded_at <= slice.as_of]
    ties = [tie for tie in ties if tie.kind != LinkKind.REPEAT]
    last = max(ties, key=lambda tie: (tie.recorded_at, tie.pk), default=None)
    return "duplicate" if last and last.kind != LinkKind.UNMERGE else "valid"


def _state(lead: Lead, slice: Slice, at: datetime) -> State:
    instant = slice.as_of or at
    of_age = None if slice.age is None else lead.received_at + timedelta(days=slice.age)
    act = act_of(lead, slice)
    judged_at = instant if of_age is None else min(instant, of_age)
    touched = any(
        (slice.as_of is None or touch.recorded_at <= slice.as_of) and (of_age is None or touch.occurred_at <= of_age)
        for touch in lead.touches.all()
    )
    timing = "overdue" if lead.verdict_due_at < judged_at else "in_sla" if touched else "untouched"
    if act is None:
        return State(lead, "UNDECIDED", timing, frozenset(), frozenset())
    bits = range(31)
    return State(
        lead,
        act.verdict,
        timing,
        frozenset(bit for bit in bits if act.fail_mask & 2**bit),
        frozenset(bit for bit in bits if act.assessed_mask & 2**bit),
    )


def act_of(lead: Lead, slice: Slice) -> Assessment | None:
    """Find the act in force at the slice's instant and the lead's age."""
    of_age = None if slice.age is None else lead.received_at + timedelta(days=slice.age)
    return act_by(lead, slice.as_of, of_age)


def act_by(lead: Lead, as_of: datetime | None, of_age: datetime | None) -> Assessment | None:
    """Find the act in force by two instants: known by the one, in effect by the other."""
    known = [
        act
        for act in lead.assessments.all()
        if act.kind != AssessmentKind.AUDIT
        and (as_of is None or act.recorded_at <= as_of)
        and (of_age is None or act.effective_at <= of_age)
    ]
    return max(known, key=lambda act: (act.effective_at, act.recorded_at, act.pk), default=None)
