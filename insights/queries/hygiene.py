"""How clean the records of a slice are (A9), in one grouped query. Not limited by age: a flaw is one whenever made."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce

from funnels.rules.criteria import EvidenceRule, Result
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from insights.queries.cells import cells
from insights.queries.frame import criteria_to_show, table_of
from insights.queries.keys import WHOLE, keys_of
from insights.queries.moves import outcome_of
from insights.queries.scope import is_of_kind, received, tied
from insights.queries.states import in_force, reads_the_row
from insights.queries.tallies import Days, Tally, tallied
from insights.rules import hygiene as rules
from insights.rules import quality
from insights.rules.hygiene import DUPLICATES, HYGIENE_COLUMNS, TESTS, FlawCounts, HygieneCount
from insights.rules.pick import Kind
from insights.rules.pick_work import Flaw
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Key, Table
from insights.rules.tally import Counted
from leads.models import Assessment, AssessmentAnswer, Lead, Source, TransitionReason
from leads.models.source import UNDEFINED_SOURCE
from leads.rules.evidence import MACHINE_EVIDENCE
from leads.rules.facts import AssessmentKind, Channel, Evidence
from leads.rules.times import BACKDATING

OTHER = "other"
BY_PROGRAM = (Channel.API, Channel.HOOK, Channel.FORM, Channel.RULE)
NON_TARGET, UNDECIDED = Q(verdict_then=Verdict.NON_TARGET), Q(verdict_then=Verdict.UNDECIDED)
WON = Q(outcome_then=Outcome.WON)
NOT_LOOKED_AT, LOOKED_AT, FLAWED = 0, 1, 2
OF_RECEIVED = {DUPLICATES: Kind.DUPLICATE, TESTS: Kind.TEST}


@dataclass(frozen=True, slots=True)
class _Item:
    """Which leads are counted as flawed, and among which."""

    base: Q
    flawed: Q


def hygiene(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[HygieneCount]:
    """Count what would spoil the numbers: one row a group and item, then one a group and criterion."""
    found = flaw_counts(slice=slice, at=at, by=by)
    judged = cells(slice=slice, at=at, by=by)
    shown = criteria_to_show(slice=slice, at=at, cells=judged)
    codes = [(bit, code) for bit, code, _name in shown]
    states = quality.by_group(judged)
    counts = {one.group: one for one in found}
    rows = [
        (key, count)
        for group, key in _keys(by, list(dict.fromkeys([*counts, *states])), slice).items()
        for count in rules.hygiene(
            [counts[group]] if group in counts else [], quality.criteria(states.get(group, []), codes)
        )
    ]
    return table_of(
        metric="hygiene",
        slice=slice,
        at=at,
        by=by,
        cells=judged,
        columns=HYGIENE_COLUMNS,
        rows=rows,
        names={code: name for _bit, code, name in shown},
    )


def _keys(by: GroupBy | None, groups: list[str | None], slice: Slice) -> dict[str | None, Key]:
    return {None: WHOLE} if by is None else keys_of(by=by, groups=groups, slice=slice)


def flaw_counts(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Sequence[FlawCounts]:
    """Count every item of a slice by group."""
    to_confirm = set(unconfirmed().values_list("pk", flat=True))
    groups: dict[str | None, list[Counted]] = {} if by else {None: []}
    for row in tallied(FLAWS, slice=slice, at=at, by=by):
        groups.setdefault(row.group, []).append(row)
    return [FlawCounts(group=group, counts=_counts(rows, to_confirm)) for group, rows in groups.items()]


def _rows(slice: Slice, _at: datetime, group: Any, days: Days) -> Iterator[Counted]:
    """Count leads by what became of them in the bridge, by a source that is like another, and by flaws."""
    kind = Case(
        *(When(is_of_kind(slice=slice, kind=kind), then=Value(kind.value)) for kind in (Kind.VALID, Kind.TEST)),
        default=Value(Kind.DUPLICATE.value),
        output_field=CharField(),
    )
    leads = received(slice=slice) if days is None else received(slice=slice).filter(cohort_day__in=days)
    columns = {f"of_{flaw.value}": _of(ITEMS[flaw]) for flaw in OF_LEADS}
    told = _read(tied(leads, slice=slice), slice).annotate(
        group=group,
        part=kind,
        like=Case(When(source__looks_like__isnull=False, then=F("source_id")), default=0),
        **columns,
    )
    for of, *key, count in told.order_by().values_list("group", "part", "like", *columns).annotate(n=Count("pk")):
        yield Counted(of, tuple(key), count)


FLAWS: Final = Tally("flaws", _rows, is_ageless=True)


def _of(item: _Item) -> Case:
    """Tell whether a lead is looked at by an item, and whether it is flawed; each is asked but once."""
    others = [When(~item.base, then=NOT_LOOKED_AT)] if item.base else []
    return Case(*others, When(item.flawed, then=FLAWED), default=LOOKED_AT, output_field=IntegerField())


def _counts(rows: Sequence[Counted], to_confirm: Collection[int]) -> Mapping[str, tuple[int, int]]:
    kinds: Counter[str] = Counter()
    for row in rows:
        kinds[str(row.key[0])] += row.n
    counts = {item: (kinds[kind.value], kinds.total()) for item, kind in OF_RECEIVED.items()}
    valid = [(row.key[1], row.key[2:], row.n) for row in rows if row.key[0] == Kind.VALID]
    for place, flaw in enumerate(OF_LEADS):
        k = sum(n for _like, stands, n in valid if stands[place] == FLAWED)
        counts[flaw.value] = (k, sum(n for _like, stands, n in valid if stands[place] != NOT_LOOKED_AT))
    counts[Flaw.ALIAS.value] = (sum(n for like, _stands, n in valid if like in to_confirm), kinds[Kind.VALID])
    return {item: counts[item] for item in (*OF_RECEIVED, *ITEMS)}


def flawed(leads: QuerySet[Lead], *, slice: Slice, flaw: Flaw) -> QuerySet[Lead]:
    """Keep the leads an item counts as flawed."""
    item = ITEMS[flaw]
    return _read(leads, slice).filter(item.base & item.flawed)


def _read(leads: QuerySet[Lead], slice: Slice) -> QuerySet[Lead]:
    """Let the items be asked of these leads: state and last move as known at the slice's instant, of any age."""
    ageless = replace(slice, age=None)
    acts = _acts(slice).filter(lead=OuterRef("pk"))
    answers = AssessmentAnswer.objects.filter(assessment=OuterRef("act"), result=Result.FAILED)
    return leads.alias(
        act=Subquery(in_force(ageless).values("pk")[:1]),
        verdict_then=F("verdict") if reads_the_row(ageless) else _verdict(ageless),
        outcome_then=outcome_of(slice=slice),
    ).alias(
        is_judged=Exists(acts),
        is_backdated=Exists(acts.filter(occurred_at__lt=_before("recorded_at"))),
        needs_evidence=Exists(answers.exclude(criterion_version__evidence=EvidenceRule.NONE)),
        lacks_evidence=Exists(answers.filter(UNSUPPORTED)),
        says_other=Exists(answers.filter(criterion_version__criterion__code=OTHER)),
        lost_as_other=Exists(_losses(slice)),
    )


def _verdict(slice: Slice) -> Coalesce:
    return Coalesce(Subquery(in_force(slice).values("verdict")[:1]), Value(Verdict.UNDECIDED.value))


def _acts(slice: Slice) -> QuerySet[Assessment]:
    """Select what people said of leads and when: an imported tag has no date, a correction keeps another's."""
    acts = Assessment.objects.filter(kind__in=(AssessmentKind.ASSESS, AssessmentKind.CHANGE)).order_by()
    return acts if slice.as_of is None else acts.filter(recorded_at__lte=slice.as_of)


def _losses(slice: Slice) -> QuerySet[TransitionReason]:
    """Select the reasons of the outer lead that had to be explained in words."""
    reasons = TransitionReason.objects.filter(transition__lead=OuterRef("pk"), loss_reason__needs_note=True)
    return reasons if slice.as_of is None else reasons.filter(transition__recorded_at__lte=slice.as_of)


def _before(column: str) -> Combinable:
    return ExpressionWrapper(F(column) - BACKDATING, output_field=DateTimeField())


def unconfirmed() -> QuerySet[Source]:
    """Select the sources whose names look like others and that nobody has confirmed."""
    return Source.objects.filter(looks_like__isnull=False, is_confirmed=False)


UNSUPPORTED = Q(criterion_version__evidence=EvidenceRule.UNREACHABLE) & ~Q(
    evidence__in=(*MACHINE_EVIDENCE, Evidence.ATTEMPTS)
) | Q(criterion_version__evidence=EvidenceRule.NOTE, assessment__note="")
ITEMS: Mapping[Flaw, _Item] = {
    Flaw.UNATTRIBUTED: _Item(Q(), Q(source__code=UNDEFINED_SOURCE)),
    Flaw.WITHOUT_EVIDENCE: _Item(NON_TARGET & Q(needs_evidence=True), Q(lacks_evidence=True)),
    Flaw.OTHER: _Item(NON_TARGET, Q(says_other=True) | Q(lost_as_other=True)),
    Flaw.BACKDATED: _Item(Q(is_judged=True), Q(is_backdated=True)),
    Flaw.LATE: _Item(~Q(channel=Channel.IMPORT), Q(received_at__lt=_before("recorded_at"))),
    Flaw.WON_UNDECIDED: _Item(WON, UNDECIDED),
    Flaw.WON_NON_TARGET: _Item(WON, NON_TARGET),
    Flaw.ALIAS: _Item(Q(), Q(source__in=unconfirmed())),
    Flaw.BY_PROGRAM: _Item(Q(), Q(channel__in=BY_PROGRAM)),
    Flaw.BY_HAND: _Item(Q(), Q(channel=Channel.PAGE)),
    Flaw.IMPORTED: _Item(Q(), Q(channel=Channel.IMPORT)),
}
"""Of the valid leads, which are looked at and which are flawed: a number and its leads are asked for alike."""
OF_LEADS = tuple(flaw for flaw in ITEMS if flaw is not Flaw.ALIAS)
"""What is told by the facts of a lead; whether a name still waits for a word is told by its source."""
