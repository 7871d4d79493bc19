"""What a draft would have made of the leads of the last weeks, read at once whatever their number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet, Subquery

from crm.queries.organisation import settings_at
from funnels.models import Definition
from funnels.queries import criteria_of
from funnels.queries.definitions import CriterionInForce, versions_asked
from funnels.rules.criteria import Result
from funnels.rules.verdict import Verdict
from insights.queries.scope import counted
from insights.queries.states import in_force
from insights.rules.period import DEFAULT_WEEKS, civil_day, last_weeks
from insights.rules.slice import Slice
from insights.rules.whatif import Given, Move, Mover, crosstab, movers, restate, undone_by
from leads.models import AssessmentAnswer, Lead, Source

MOST_LEADS = 20_000
"""The newest so many are restated: a page must answer, and so many tell enough."""
AT_ONCE = 5_000
TOP = 5


@dataclass(frozen=True, slots=True)
class SourceMoved:
    """A source by name, and how many of its leads would be something else."""

    name: str
    mover: Mover


@dataclass(frozen=True, slots=True)
class Effect:
    """The leads of the last weeks, as they count now and as they would under a draft."""

    slice: Slice
    moves: Sequence[Move[int]]
    names: Mapping[int, str]
    sources: Sequence[SourceMoved]
    received: int

    @property
    def table(self) -> Mapping[tuple[Verdict, Verdict], int]:
        return crosstab(self.moves)

    @property
    def missing(self) -> list[tuple[str, int]]:
        """What decided leads were not asked and would have to be, by name."""
        return [(self.names[pk], count) for pk, count in undone_by(self.moves)]

    @property
    def is_cut(self) -> bool:
        """Whether only the newest leads are here."""
        return self.received > len(self.moves)

    def leads(self, *, was: Verdict | None, now: Verdict | None) -> QuerySet[Lead]:
        """Select exactly the leads of one cell; None is every verdict."""
        chosen = [move.lead for move in self.moves if was in (None, move.was) and now in (None, move.now.verdict)]
        return Lead.objects.filter(pk__in=chosen)


def effect(*, definition: Definition, at: datetime) -> Effect:
    """Restate the valid leads of the last twelve weeks under a definition, now and without an age limit."""
    weeks = last_weeks(civil_day(at, ZoneInfo(settings_at(at).time_zone)), DEFAULT_WEEKS)
    slice = Slice(funnel=definition.funnel.code, from_on=weeks.from_on, to_on=weeks.to_on)
    leads = counted(slice=slice).order_by()
    criteria = criteria_of(definition=definition)
    known = versions_asked(funnel_id=definition.funnel_id)
    moves = list(_moves(leads, slice, criteria, known))
    top = movers(moves, most=TOP)
    names = dict(Source.objects.filter(pk__in=[mover.source for mover in top]).values_list("pk", "name"))
    return Effect(
        slice=slice,
        moves=moves,
        names={criterion.criterion_id: criterion.name for criterion in criteria},
        sources=[SourceMoved(names[mover.source], mover) for mover in top],
        received=len(moves) if len(moves) < MOST_LEADS else leads.count(),
    )


def _moves(
    leads: QuerySet[Lead],
    slice: Slice,
    criteria: Sequence[CriterionInForce],
    known: Mapping[int, CriterionInForce],
) -> Iterator[Move[int]]:
    judged = leads.annotate(act=Subquery(in_force(slice).values("pk")[:1]))
    rows = list(judged.order_by("-received_at", "-pk").values_list("pk", "verdict", "source_id", "act")[:MOST_LEADS])
    given = answers_given(acts=[act for _pk, _verdict, _source, act in rows if act is not None])
    for pk, was, source, act in rows:
        now = restate(given=given.get(act, {}), criteria=criteria, known=known)
        yield Move(lead=pk, was=Verdict(was), now=now, source=source)


def answers_given(*, acts: Sequence[int]) -> dict[int | None, dict[int, Given]]:
    """Read the answers of acts by act and criterion, a few thousand acts at once."""
    found: dict[int | None, dict[int, Given]] = {}
    columns = ("assessment_id", "criterion", "criterion_version_id", "result", "observed_value")
    for start in range(0, len(acts), AT_ONCE):
        answers = AssessmentAnswer.objects.filter(assessment__in=acts[start : start + AT_ONCE]).order_by()
        told = answers.annotate(criterion=F("criterion_version__criterion_id")).values_list(*columns)
        for act, criterion, version, result, observed in told:
            found.setdefault(act, {})[criterion] = Given(version, Result(result), observed)
    return found
