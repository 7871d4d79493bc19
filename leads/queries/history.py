"""Everything that happened to a lead, the newest first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from crm.models import User
from funnels.rules.criteria import RESULT_LABELS, Result
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.models import Assessment, Lead, LeadLink, OwnerChange, Sale, Touch, Transition
from leads.rules.facts import (
    ASSESSMENT_KIND_LABELS,
    LINK_KIND_LABELS,
    SALE_KIND_LABELS,
    TOUCH_CHANNEL_LABELS,
    TOUCH_RESULT_LABELS,
    TRANSITION_KIND_LABELS,
    AssessmentKind,
    LinkKind,
    SaleKind,
    TouchChannel,
    TouchResult,
    TransitionKind,
)
from leads.rules.times import BACKDATING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# In what order one request writes its facts, all at one moment; its arrival comes first.
TURNS = ("owner", "link", "touch", "assessment", "transition", "sale")

Pair = tuple["str | _StrPromise", "str | _StrPromise"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact in words. `fact` names its kind of row: assessment, transition, touch, owner, link or sale."""

    fact: str
    pk: int
    at: datetime
    recorded_at: datetime
    by: str
    title: "str | _StrPromise"
    details: tuple[Pair, ...] = ()
    note: str = ""
    is_arrival: bool = False

    @property
    def is_backdated(self) -> bool:
        """Whether it was written down more than a day after it happened, as told."""
        return self.recorded_at - self.at > BACKDATING


def history(*, lead: Lead, with_notes: bool) -> list[Entry]:
    """List the facts of a lead, the newest first; notes may name the person, so not everybody reads them."""
    entries = [*_judgements(lead), *_moves(lead), *_touches(lead), *_owners(lead), *_links(lead), *_sales(lead)]
    entries.sort(key=_order, reverse=True)
    return entries if with_notes else [_without_note(entry) for entry in entries]


def _judgements(lead: Lead) -> Iterator[Entry]:
    acts = lead.assessments.select_related("by").prefetch_related("answers__criterion_version")
    for act in acts:
        details: list[Pair] = [("", VERDICT_LABELS[Verdict(act.verdict)])]
        details += [
            (answer.criterion_version.name, RESULT_LABELS[Result(answer.result)]) for answer in act.answers.all()
        ]
        yield _entry("assessment", act, ASSESSMENT_KIND_LABELS[AssessmentKind(act.kind)], details, note=act.note)


def _moves(lead: Lead) -> Iterator[Entry]:
    for move in lead.transitions.select_related("by", "from_stage", "to_stage").prefetch_related("reasons"):
        came_from = move.from_stage.name if move.from_stage and move.from_stage != move.to_stage else ""
        details: list[Pair] = [(came_from, move.to_stage.name)]
        details += [("", reason.name) for reason in move.reasons.all()]
        yield _entry("transition", move, TRANSITION_KIND_LABELS[TransitionKind(move.kind)], details, note=move.note)


def _touches(lead: Lead) -> Iterator[Entry]:
    for touch in lead.touches.select_related("by"):
        result = TOUCH_RESULT_LABELS[TouchResult(touch.result)]
        yield _entry("touch", touch, TOUCH_CHANNEL_LABELS[TouchChannel(touch.channel)], [("", result)], note=touch.note)


def _owners(lead: Lead) -> Iterator[Entry]:
    for change in lead.owner_changes.select_related("by", "owner"):
        yield _entry("owner", change, change.owner.name if change.owner else "")


def _links(lead: Lead) -> Iterator[Entry]:
    for link in lead.links.select_related("by", "master"):
        yield _entry("link", link, LINK_KIND_LABELS[LinkKind(link.kind)], [("", link.master.code)])


def _sales(lead: Lead) -> Iterator[Entry]:
    for sale in lead.sales.select_related("by"):
        yield _entry("sale", sale, SALE_KIND_LABELS[SaleKind(sale.kind)], [(sale.currency, str(sale.amount))])


def _entry(
    fact: str,
    row: Assessment | Transition | Touch | OwnerChange | LeadLink | Sale,
    title: "str | _StrPromise",
    details: list[Pair] | None = None,
    *,
    note: str = "",
) -> Entry:
    by: User | None = row.by
    return Entry(
        fact=fact,
        pk=row.pk,
        at=row.occurred_at,
        recorded_at=row.recorded_at,
        by=by.name if by else "",
        title=title,
        details=tuple(details or ()),
        note=note,
        is_arrival=isinstance(row, Transition) and row.kind == TransitionKind.ARRIVE,
    )


def _order(entry: Entry) -> tuple[datetime, datetime, int, int]:
    turn = -1 if entry.is_arrival else TURNS.index(entry.fact)
    return entry.recorded_at, entry.at, turn, entry.pk


def _without_note(entry: Entry) -> Entry:
    return replace(entry, note="")
