"""Everything that happened to a lead in words, the newest first, page by page."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import AuditEvent, User
from funnels.rules.criteria import RESULT_LABELS, Result
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.models import Assessment, Lead, LeadLink, NextStep, OwnerChange, Sale, Touch, Transition
from leads.models.lead import LeadQuerySet
from leads.queries.judgement_changes import Change, changes_of
from leads.queries.timeline import Asked, find
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
from leads.rules.sla import LATE_LABELS, Late
from leads.rules.times import BACKDATING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Pair = tuple["str | _StrPromise", "str | _StrPromise"]

FIELD_LABELS = {
    "name": _("Name"),
    "company": _("Company"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "phone_removed": _("a phone taken away"),
    "email_removed": _("an e-mail taken away"),
    "segment": _("Segment"),
    "expected_amount": _("Expected amount"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact in words. `fact` names its kind: assessment, transition, touch, owner, link, sale, step and so on.

    `changes` are the answers an act of judging gave differently; `is_undone` says that it was taken back at once.
    """

    fact: str
    pk: int
    at: datetime
    recorded_at: datetime
    by: str
    title: "str | _StrPromise"
    details: tuple[Pair, ...] = ()
    note: str = ""
    changes: tuple[Change, ...] = ()
    is_undone: bool = False
    is_arrival: bool = False
    due_at: datetime | None = None

    @property
    def is_backdated(self) -> bool:
        """Whether it was written down more than a day after it happened, as told."""
        return self.recorded_at - self.at > BACKDATING


@dataclass(frozen=True, slots=True)
class History:
    """One page of the history; `older` is the place the next page begins after, empty on the last."""

    entries: Sequence[Entry]
    older: str


def history(*, lead: Lead, asked: Asked, actor: User, with_notes: bool) -> History:
    """Tell a page of the history as one person may see it.

    Notes and promises may name the person, so not everybody reads them; a lead out of reach is not named.
    """
    found = find(lead=lead, asked=asked)
    keys: dict[str, set[int]] = {}
    for fact, place in found.places:
        keys.setdefault(fact, set()).add(place.pk)
    told = {(fact, entry.pk): entry for fact, wanted in keys.items() for entry in TELLERS[fact](lead, wanted)}
    entries = [told[fact, place.pk] for fact, place in found.places if (fact, place.pk) in told]
    if foreign := _ties_to_foreign(keys.get("link", ()), actor):
        entries = [replace(one, details=()) if one.fact == "link" and one.pk in foreign else one for one in entries]
    return History(
        entries=entries if with_notes else [replace(entry, note="") for entry in entries],
        older=str(found.places[-1][1]) if found.has_older else "",
    )


def _ties_to_foreign(keys: Collection[int], actor: User) -> set[int]:
    """Pick the ties to leads this person may not see."""
    if not keys:
        return set()
    seen = LeadQuerySet(Lead).visible_to(actor).filter(pk=OuterRef("master"))
    return set(LeadLink.objects.filter(~Exists(seen), pk__in=keys).values_list("pk", flat=True))


def _judgements(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    undoing = Assessment.objects.filter(supersedes=OuterRef("pk"), is_retraction=True)
    found = lead.assessments.filter(pk__in=keys).annotate(was_undone=Exists(undoing))
    acts = found.select_related("by").prefetch_related("answers__criterion_version")
    changes = changes_of(lead=lead, acts=acts)
    for act in acts:
        details: list[Pair] = [("", VERDICT_LABELS[Verdict(act.verdict)])]
        details += [
            (answer.criterion_version.name, RESULT_LABELS[Result(answer.result)]) for answer in act.answers.all()
        ]
        title = _("taken back") if act.is_retraction else ASSESSMENT_KIND_LABELS[AssessmentKind(act.kind)]
        entry = _entry("assessment", act, title, details, note=act.note)
        yield replace(entry, changes=changes[act.pk], is_undone=act.was_undone)


def _moves(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    moves = lead.transitions.filter(pk__in=keys).select_related("by", "from_stage", "to_stage")
    for move in moves.prefetch_related("reasons"):
        came_from = move.from_stage.name if move.from_stage and move.from_stage != move.to_stage else ""
        details: list[Pair] = [(came_from, move.to_stage.name)]
        details += [("", reason.name) for reason in move.reasons.all()]
        yield _entry("transition", move, TRANSITION_KIND_LABELS[TransitionKind(move.kind)], details, note=move.note)


def _touches(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    for touch in lead.touches.filter(pk__in=keys).select_related("by"):
        result = TOUCH_RESULT_LABELS[TouchResult(touch.result)]
        yield _entry("touch", touch, TOUCH_CHANNEL_LABELS[TouchChannel(touch.channel)], [("", result)], note=touch.note)


def _owners(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    for change in lead.owner_changes.filter(pk__in=keys).select_related("by", "owner"):
        yield _entry("owner", change, change.owner.name if change.owner else "")


def _links(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    for link in lead.links.filter(pk__in=keys).select_related("by", "master"):
        yield _entry("link", link, LINK_KIND_LABELS[LinkKind(link.kind)], [("", link.master.code)])


def _sales(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    for sale in lead.sales.filter(pk__in=keys).select_related("by"):
        yield _entry("sale", sale, SALE_KIND_LABELS[SaleKind(sale.kind)], [(sale.currency, str(sale.amount))])


def _promises(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    steps = lead.next_steps.filter(pk__in=keys).select_related("created_by", "for_person")
    for step in steps:
        title = pgettext_lazy("step", "put off") if step.replaces_id else pgettext_lazy("step", "planned")
        yield _step(step, title, step.created_by, step.created_at)


def _closed_steps(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    steps = lead.next_steps.filter(pk__in=keys).select_related("done_by", "dropped_by", "for_person")
    for step in steps:
        if step.done_at:
            yield _step(step, pgettext_lazy("step", "done"), step.done_by, step.done_at)
        elif step.dropped_at:
            yield _step(step, pgettext_lazy("step", "dropped"), step.dropped_by, step.dropped_at)


def _step(step: NextStep, title: "str | _StrPromise", by: User | None, at: datetime) -> Entry:
    whom: Pair = ("", step.for_person.name)
    return Entry("step", step.pk, at, at, by.name if by else "", title, (whom,), note=step.what, due_at=step.due_at)


def _escalations(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    for told in lead.escalations.filter(pk__in=keys).select_related("told"):
        whom: Pair = ("", told.told.name if told.told else "")
        yield Entry("escalation", told.pk, told.at, told.at, "", LATE_LABELS[Late(told.kind)], (whom,))


def _edits(lead: Lead, keys: Collection[int]) -> Iterator[Entry]:
    edits = list(AuditEvent.objects.filter(pk__in=keys))
    people = dict(User.objects.filter(pk__in={edit.actor_id for edit in edits}).values_list("pk", "name"))
    for edit in edits:
        fields = edit.changes.get("fields", ())
        details: list[Pair] = [("", FIELD_LABELS.get(field, field)) for field in fields]
        by = people.get(edit.actor_id or 0, "API" if edit.api_key_id else "")
        yield Entry("edit", edit.pk, edit.at, edit.at, by, _("edited"), tuple(details))


TELLERS: Mapping[str, Callable[[Lead, Collection[int]], Iterator[Entry]]] = {
    "arrival": _moves,
    "edit": _edits,
    "owner": _owners,
    "link": _links,
    "step": _promises,
    "touch": _touches,
    "assessment": _judgements,
    "transition": _moves,
    "step_closed": _closed_steps,
    "sale": _sales,
    "escalation": _escalations,
}


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
