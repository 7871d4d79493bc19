"""What was done with each counted lead: attempts, first contact, verdict in time, next step.

Everything is read as known at the slice's instant and as far as it had happened by its age. What is promised next is
not a matter of age: it is read as of the instant alone.
"""

from datetime import datetime, timedelta
from math import log
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Cast, Coalesce, Concat, Floor, Greatest, Least, Ln, Substr, TruncDate
from django.db.models.lookups import GreaterThan

from crm.queries.organisation import settings_at
from funnels.rules.criteria import Result
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from insights.models.kept import LONG_AGO
from insights.queries.basis import unreachable_mask
from insights.queries.instants import Seconds
from insights.queries.moves import outcome_of
from insights.queries.scope import funnel_of
from insights.queries.states import in_force, of_age, passes, row_holds, timing
from insights.rules.slice import Slice
from insights.rules.speed import MARKS
from insights.rules.waits import RATIO
from insights.rules.work import DECIDED, Contact, Part, Proof, Step, stands_of
from leads.models import AssessmentAnswer, Lead, NextStep, Touch
from leads.rules.evidence import MACHINE_EVIDENCE, PROVING_RESULTS, UNANSWERED
from leads.rules.facts import Evidence, TouchActor, TouchResult
from leads.rules.times import BACKDATING

COUNTS_AS_TOUCH = Q(is_inbound=False, actor=TouchActor.HUMAN) | Q(is_inbound=True, result=TouchResult.REACHED)
ATTEMPT = Q(is_inbound=False, actor=TouchActor.HUMAN, result__in=UNANSWERED)
SHORTEST = 1.0  # seconds; there is no logarithm of none
YES, NO = Value(1), Value(0)


def with_effort(leads: QuerySet[Lead], *, slice: Slice, at: datetime) -> QuerySet[Lead]:
    """Let conditions be put on what was done with these leads."""
    leads = leads.alias(first=_first_touch(slice), end=_end(slice, at), outcome_then=outcome_of(slice=slice)).alias(
        touched=Case(When(_touched(slice), then=YES), default=NO, output_field=IntegerField())
    )
    leads = leads.alias(until=Case(When(touched=1, then=F("first")), default=F("end"), output_field=DateTimeField()))
    took = Seconds(ExpressionWrapper(F("until") - F("received_at"), output_field=DurationField()))
    return leads.alias(seconds=Greatest(took, Value(0.0), output_field=FloatField())).annotate(
        state=_state(slice),
        timing=timing(slice=slice, at=at),
        heard=_heard(slice, at),
        step=_step(slice),
        is_touched=F("touched"),
        is_early=_flag(Q(touched=1, first__lt=F("received_at"))),
        is_first_in_time=_flag(Q(touched=1, first__lte=F("first_touch_due_at"))),
        is_first_waiting=_flag(Q(touched=0, first_touch_due_at__gte=F("end"))),
        is_verdict_in_time=_decided(slice),
        within=_mark(),
    )


def with_instants(leads: QuerySet[Lead], *, slice: Slice, at: datetime) -> QuerySet[Lead]:
    """Let it be asked when leads read `with_effort` come to look otherwise though nobody does anything."""
    is_watched = Q(touched=0)
    if slice.age is not None:
        is_watched &= Q(received_at__gt=(slice.as_of or at) - timedelta(days=slice.age))
    first_due = passes("first_touch_due_at", slice=slice, at=at, absent=LONG_AGO)
    return leads.annotate(
        bucket=Floor(Ln(Greatest(F("seconds"), Value(SHORTEST))) / Value(log(RATIO))),
        first_due=Case(When(touched=1, then=Value(LONG_AGO)), default=first_due, output_field=DateTimeField()),
        verdict_due=passes("verdict_due_at", slice=slice, at=at, absent=None),
        since=Case(When(is_watched, then=F("received_at")), default=None, output_field=DateTimeField()),
    )


def in_part(leads: QuerySet[Lead], *, part: Part) -> QuerySet[Lead]:
    """Keep the leads of one of the five parts of A5; they are to have been read `with_effort`."""
    stands = [
        f"{contact.value}{verdict.value}:{proof.value}{timing.value}"
        for contact, verdict, proof, timing in stands_of(part)
    ]
    unjudged = Value(f"{Verdict.UNDECIDED.value}:{Proof.NOT_SAID.value}")
    stand = Concat(Substr("heard", 1, 1), Coalesce("state", unjudged), "timing", output_field=CharField())
    return leads.alias(stand=stand).filter(stand__in=stands)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=YES), default=NO, output_field=IntegerField())


def _end(slice: Slice, at: datetime) -> Expression | Combinable:
    """Tell until when a lead is watched: the slice's instant, or its age if that is earlier."""
    instant = Value(slice.as_of or at, output_field=DateTimeField())
    return instant if slice.age is None else Least(instant, of_age(F("received_at"), slice.age))


def _known(slice: Slice) -> QuerySet[Touch]:
    """Select the touches of the outer lead that had happened by the age and were known at the instant."""
    touches = Touch.objects.filter(lead=OuterRef("pk")).order_by()
    if slice.as_of is not None:
        touches = touches.filter(recorded_at__lte=slice.as_of)
    if slice.age is not None:
        touches = touches.filter(occurred_at__lte=of_age(OuterRef("received_at"), slice.age))
    return touches


def _first_touch(slice: Slice) -> Expression | Combinable:
    if slice.as_of is None:
        return F("first_touch_at")
    known = Touch.objects.filter(COUNTS_AS_TOUCH, lead=OuterRef("pk"), recorded_at__lte=slice.as_of)
    return Subquery(known.order_by("occurred_at").values("occurred_at")[:1])


def _touched(slice: Slice) -> Q:
    touched = Q(first__isnull=False)
    return touched if slice.age is None else touched & Q(first__lte=of_age(F("received_at"), slice.age))


def _mark() -> Case:
    """Tell the smallest mark within which the contact happened, or the lead was watched."""
    kept = [
        When(until__lte=ExpressionWrapper(F("received_at") + timedelta(minutes=mark), DateTimeField()), then=mark)
        for mark in MARKS
    ]
    return Case(*kept, default=NO, output_field=IntegerField())


def _heard(slice: Slice, at: datetime) -> Coalesce:
    """Weigh the touches of a lead as one word: a letter for what they say, then how many attempts there were.

    Only people's own attempts count, and a back-dated one counts from a day before it was written down at most.
    """
    agreed = settings_at(slice.as_of or at)
    day = TruncDate(_counts_from(), tzinfo=ZoneInfo(agreed.time_zone))
    weighed = (
        _known(slice)
        .values("lead")
        .annotate(
            reached=Count("pk", filter=COUNTS_AS_TOUCH & Q(result=TouchResult.REACHED)),
            proofs=Count("pk", filter=Q(result__in=PROVING_RESULTS)),
            attempts=Count("pk", filter=ATTEMPT),
            days=Count(day, filter=ATTEMPT, distinct=True),
            channels=Count("channel", filter=ATTEMPT, distinct=True),
        )
    )
    tried = Q(
        attempts__gte=agreed.unreachable_attempts,
        days__gte=agreed.unreachable_days,
        channels__gte=agreed.unreachable_channels,
    )
    attempts = Cast("attempts", CharField())
    word = Case(
        When(reached__gt=0, then=Value(f"{Contact.REACHED.value}0")),
        When(proofs__gt=0, then=Value(f"{Contact.DEAD.value}0")),
        When(tried, then=Concat(Value(Contact.TRIED.value), attempts)),
        default=Concat(Value(Contact.LITTLE.value), attempts),
        output_field=CharField(),
    )
    return Coalesce(Subquery(weighed.values(word=word)[:1]), Value(f"{Contact.LITTLE.value}0"))


def _counts_from() -> Greatest:
    written = ExpressionWrapper(F("recorded_at") - BACKDATING, output_field=DateTimeField())
    return Greatest(F("occurred_at"), written)


def _state(slice: Slice) -> Expression | Combinable:
    """Read the verdict in force as one word, with what a verdict of "cannot be reached" rests on.

    The Lead row tells the verdict of nearly all; only what one rests on is not written there.
    """
    mask = unreachable_mask(funnel=funnel_of(slice=slice).pk)
    rests = AssessmentAnswer.objects.filter(
        assessment=OuterRef("pk"), result=Result.FAILED, evidence__in=(*MACHINE_EVIDENCE, Evidence.ATTEMPTS)
    )
    said = Q(GreaterThan(F("fail_mask").bitand(mask), 0), verdict=Verdict.NON_TARGET)
    proof = Case(
        When(~said, then=Value(Proof.NOT_SAID.value)),
        When(Exists(rests.filter(evidence__in=MACHINE_EVIDENCE)), then=Value(Proof.MACHINE.value)),
        When(Exists(rests.filter(evidence=Evidence.ATTEMPTS)), then=Value(Proof.ATTEMPTS.value)),
        default=Value(Proof.NOTHING.value),
        output_field=CharField(),
    )
    word = Concat(F("verdict"), Value(":"), proof, output_field=CharField())
    looked_up = Subquery(in_force(slice).values(word=word)[:1])
    if slice.as_of is not None:
        return looked_up
    plain = Concat(F("verdict"), Value(f":{Proof.NOT_SAID.value}"), output_field=CharField())
    return Case(When(row_holds(slice) & ~said, then=plain), default=looked_up, output_field=CharField())


def _decided(slice: Slice) -> Expression | Combinable:
    """Tell whether the lead was decided when its verdict was due, or at its age if that is earlier.

    A correction takes the place of the tag it corrects, and a verdict undone a moment later is none.
    """
    by_then = in_force(slice).filter(effective_at__lte=OuterRef("verdict_due_at"))
    is_decided = _flag(Q(verdict__in=DECIDED))
    looked_up = Subquery(by_then.values(decided=is_decided)[:1])
    if slice.as_of is not None:
        return looked_up
    was_by_then = row_holds(slice) & Q(verdict_at__lte=F("verdict_due_at"))
    return Case(
        When(verdict_at__isnull=True, then=NO),
        When(was_by_then, then=is_decided),
        default=looked_up,
        output_field=IntegerField(),
    )


def _step(slice: Slice) -> Case:
    """Tell whether a lead is open, and if so whether somebody has promised to do something next."""
    steps = NextStep.objects.filter(lead=OuterRef("pk"))
    if slice.as_of is None:
        steps = steps.filter(done_at__isnull=True, dropped_at__isnull=True)
    else:
        steps = steps.filter(created_at__lte=slice.as_of)
        steps = steps.exclude(Q(done_at__lte=slice.as_of) | Q(dropped_at__lte=slice.as_of))
    return Case(
        When(~Q(outcome_then=Outcome.OPEN), then=Value(Step.CLOSED.value)),
        When(Exists(steps), then=Value(Step.PLANNED.value)),
        default=Value(Step.NONE.value),
        output_field=CharField(),
    )
