"""One act of judging a lead, as a person, a program or a file tells it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.ids import new_public_id
from funnels.queries import CriterionInForce, criteria_of, definitions_agreed, in_force
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead
from leads.operations.assessments.writing import write
from leads.operations.desk import Desk
from leads.queries.derived import act_in_force
from leads.queries.evidence import evidence_at_hand
from leads.queries.judgements import answers_of
from leads.rules.answers import AlreadyJudged, Answer, combined, is_new, settled
from leads.rules.evidence import is_accepted, proven
from leads.rules.facts import AssessmentKind, Channel
from leads.rules.times import effective_at, told_at

FIRST_KINDS = (AssessmentKind.ASSESS, AssessmentKind.IMPORT)


class NothingAnswered(DomainError):
    """A judgement without an answer."""

    def __init__(self) -> None:
        super().__init__("nothing_answered", _("Answer at least one criterion."), "answers")


class UnknownCriterion(DomainError):
    """An answer to what is not asked; the message names what is."""

    def __init__(self, *, code: str, known: Sequence[str]) -> None:
        message = format_lazy(
            _("“{code}” is not a criterion in force. The criteria are: {known}."), code=code, known=", ".join(known)
        )
        super().__init__("unknown_criterion", message, "answers")


class NothingToReplace(DomainError):
    """A change or a correction of a judgement that was never made."""

    def __init__(self) -> None:
        super().__init__(
            "nothing_to_replace", _("There was no judgement at that time that could be changed or corrected."), "kind"
        )


class NotCorrectable(DomainError):
    """A correction of another lead's judgement, of a second opinion, or of what has been corrected."""

    def __init__(self) -> None:
        super().__init__("not_correctable", _("This judgement cannot be corrected, or has been already."), "supersedes")


class RequestIdIsTaken(DomainError):
    """One request id for judgements of two leads."""

    def __init__(self) -> None:
        super().__init__("request_id_taken", _("This request id belongs to another judgement."), "request_id")


def prepare(*, funnel_id: int, at: datetime, desk: Desk) -> None:
    """Read what judging a lead of a funnel needs, before anything is held: so it is read once and remembered."""
    definitions = desk.once(definitions_agreed, funnel_id=funnel_id)
    if definitions:
        desk.once(criteria_of, definition=in_force(definitions, at=at))


def judge(
    *,
    lead: Lead,
    answers: Mapping[str, Answer],
    kind: AssessmentKind,
    by: User | None,
    at: datetime,
    occurred_at: datetime | None = None,
    channel: Channel | None = None,
    note: str = "",
    supersedes: Assessment | None = None,
    request_id: UUID | None = None,
    is_machine: bool = False,
    seconds_spent: int | None = None,
    expected_verdict: Verdict | None = None,
    desk: Desk | None = None,
) -> Assessment:
    """Record one act of judging a lead.

    `assess` and `import` are the first judgement; while it is undecided they may add answers, never replace them.
    `change` and `correct` replace: answers given are laid over those in force, the others are carried over. A change
    counts from its own time under the definition of that time; a correction takes the time and the definition of the
    act it supersedes, the one in force unless named. `audit` is a second opinion that stands by itself and never
    touches the state. A tag of a file (`import` with IMPORTED evidence) needs no further evidence. A repeated
    `request_id` returns the act it made.
    """
    desk = desk or Desk()
    with desk.work():
        held = desk.hold(lead)
        lead = held.lead
        if request_id is not None and (made := Assessment.objects.filter(public_id=request_id).first()):
            if made.lead_id != lead.pk:
                raise RequestIdIsTaken
            return made
        recorded_at = held.written_at(Assessment, at=at)
        occurred_at = told_at(told=occurred_at, at=recorded_at)
        effective = effective_at(occurred_at=occurred_at, recorded_at=recorded_at, is_machine=is_machine)
        base = _base(held.facts(Assessment), kind, effective=effective, supersedes=supersedes)
        if kind == AssessmentKind.CORRECT and base is not None:
            definition, effective = base.definition, base.effective_at
        else:
            definition = in_force(desk.once(definitions_agreed, funnel_id=lead.funnel_id), at=effective)
        criteria = desk.once(criteria_of, definition=definition)
        whole = _whole(lead, kind, answers, criteria, base=base, note=note, at=at)
        assessment = Assessment(
            public_id=request_id or new_public_id(),
            lead=lead,
            kind=kind,
            channel=channel or (Channel.IMPORT if kind == AssessmentKind.IMPORT else Channel.PAGE),
            supersedes=base if kind == AssessmentKind.CORRECT else None,
            by=by,
            by_role=by.role if by else "",
            note=note.strip(),
            seconds_spent=seconds_spent,
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            effective_at=effective,
        )
        write(held, assessment, definition, criteria, whole, at=at, expected=expected_verdict)
        desk.done()
        return assessment


def _base(
    acts: Sequence[Assessment], kind: AssessmentKind, *, effective: datetime, supersedes: Assessment | None
) -> Assessment | None:
    """Find the act that this one continues, changes or corrects."""
    if kind == AssessmentKind.AUDIT:
        return None
    if kind == AssessmentKind.CORRECT and supersedes is not None:
        # The acts were read under the lead's lock: somebody may have corrected this one a moment ago.
        named = [act for act in acts if act.pk == supersedes.pk and act.kind != AssessmentKind.AUDIT]
        if not named or any(act.supersedes_id == supersedes.pk for act in acts):
            raise NotCorrectable
        return named[0]
    base = act_in_force(acts, at=effective if kind == AssessmentKind.CHANGE else None)
    if base is None and kind not in FIRST_KINDS:
        raise NothingToReplace
    if base is not None and kind in FIRST_KINDS and base.verdict != Verdict.UNDECIDED:
        raise AlreadyJudged
    return base


def _whole(
    lead: Lead,
    kind: AssessmentKind,
    answers: Mapping[str, Answer],
    criteria: list[CriterionInForce],
    *,
    base: Assessment | None,
    note: str,
    at: datetime,
) -> dict[str, Answer]:
    """Check the answers given and lay them over those in force."""
    if not answers:
        raise NothingAnswered
    asked = {criterion.code: criterion for criterion in criteria}
    for code in answers:
        if code not in asked:
            raise UnknownCriterion(code=code, known=list(asked))
    before = answers_of(assessment=base, criteria=criteria)
    given = {code: settled(answer=answer, criterion=asked[code]) for code, answer in answers.items()}
    for code, answer in given.items():
        rule = asked[code].evidence
        if is_new(code=code, answer=answer, before=before) and not is_accepted(
            code=code, answer=answer, rule=rule, note=note, from_file=kind == AssessmentKind.IMPORT
        ):
            given[code] = proven(code=code, answer=answer, at_hand=evidence_at_hand(lead=lead, at=at))
    whole = combined(given=given, before=before, may_replace=kind not in FIRST_KINDS)
    if not whole and kind in FIRST_KINDS:
        raise NothingAnswered
    return whole
