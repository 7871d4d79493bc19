"""The life of each lead, drawn from a seeded generator; nothing here touches the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from funnels.rules.criteria import Result
from leads.demo.story import (
    LEADS,
    PRICES,
    ROBOT_SHARE,
    ROBOT_SOURCES,
    ROBOT_WEEKS_AGO,
    SOURCES,
    UNKNOWN_SOURCE_SHARE,
    WEEKS,
    WORSE_FOR_WEEKS,
    SourceStory,
)
from leads.rules.facts import AssessmentKind, Evidence, TouchResult, TransitionKind

SEED = 20260301
WEEKDAY_FACTOR = (1.2, 1.15, 1.1, 1.1, 1.05, 0.75, 0.65)
CRITERIA = ("contact_valid", "new_customer", "product_fit", "need", "eligible", "budget")
STEP_CHANCE = (0.62, 0.58, 0.74)  # qualified → offer → contract → won


@dataclass(frozen=True, slots=True)
class TouchEvent:
    at: datetime
    result: TouchResult


@dataclass(frozen=True, slots=True)
class AssessmentEvent:
    at: datetime
    kind: AssessmentKind
    results: dict[str, Result]
    budget: int | None = None
    evidence: Evidence = Evidence.CALL


@dataclass(frozen=True, slots=True)
class MoveEvent:
    at: datetime
    kind: TransitionKind
    to: int  # index of the stage in the funnel
    because: str = ""  # the failed criterion behind a loss, if any
    amount: int | None = None


@dataclass(slots=True)
class History:
    """One lead's life so far."""

    number: int
    received_at: datetime
    source: SourceStory | None
    campaign: str
    same_person_as: int | None = None
    is_test: bool = False
    touches: list[TouchEvent] = field(default_factory=list)
    assessments: list[AssessmentEvent] = field(default_factory=list)
    moves: list[MoveEvent] = field(default_factory=list)


def histories(*, now: datetime, zone: str, stages: int, leads: int = LEADS) -> list[History]:
    """Draw every lead's history up to `now`, in the order of arrival; `stages` counts the funnel's stages."""
    result: list[History] = []
    for received_at, random in _arrivals(now=now, zone=ZoneInfo(zone), leads=leads):
        result.append(_life(len(result), received_at, random, result, now, ZoneInfo(zone), stages))
    return result


def _arrivals(*, now: datetime, zone: ZoneInfo, leads: int) -> Iterator[tuple[datetime, Random]]:
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    days = WEEKS * 7
    for index in range((today - first).days + 1):
        random = Random(SEED * 1000 + index)
        day = first + timedelta(days=index)
        growth = 0.9 + 0.2 * index / days
        count = round(leads / days * WEEKDAY_FACTOR[day.weekday()] * growth * random.uniform(0.85, 1.15))
        for minute in sorted(int(random.triangular(0, 1439, 800)) for _ in range(count)):
            moment = datetime.combine(day, time(minute // 60, minute % 60, random.randrange(60)), zone)
            if moment < now:
                yield moment, random


def _life(
    number: int,
    received_at: datetime,
    random: Random,
    before: Sequence[History],
    now: datetime,
    zone: ZoneInfo,
    stages: int,
) -> History:
    weeks_ago = (_monday(now, zone) - _monday(received_at, zone)).days // 7
    source = _source(random, weeks_ago)
    lead = History(
        number=number,
        received_at=received_at,
        source=source,
        campaign=random.choice(source.campaigns) if source and random.random() < 0.9 else "",
        is_test=random.random() < 0.003,
    )
    lead.same_person_as = _earlier_request(random, before)
    if lead.is_test or _is_duplicate(lead, before):
        return lead
    failed = _failed(random, source, weeks_ago)
    _contact(lead, random, zone, dead="contact_valid" in failed)
    _judge(lead, random, zone, failed)
    _move(lead, random, zone, stages)
    _forget_the_future(lead, now)
    return lead


def _monday(moment: datetime, zone: ZoneInfo) -> date:
    """Find the first day of a moment's week: on the board weeks begin on Mondays."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _source(random: Random, weeks_ago: int) -> SourceStory | None:
    if random.random() < UNKNOWN_SOURCE_SHARE:
        return None
    grown = 1 - weeks_ago / WEEKS
    weights = [story.weight * (1 + (story.grows_to - 1) * grown) for story in SOURCES]
    return random.choices(SOURCES, weights)[0]


def _earlier_request(random: Random, before: Sequence[History]) -> int | None:
    """Choose whose second request this is, if it is one: sometimes days later, sometimes months."""
    if len(before) < 300 or random.random() > 0.05:
        return None
    back = random.randrange(1, 150) if random.random() < 0.7 else random.randrange(1200, 3000)
    earlier = len(before) - back
    if earlier < 0 or before[earlier].is_test or before[earlier].same_person_as is not None:
        return None
    return earlier


def _is_duplicate(lead: History, before: Sequence[History]) -> bool:
    if lead.same_person_as is None:
        return False
    return lead.received_at - before[lead.same_person_as].received_at <= timedelta(days=30)


def _failed(random: Random, source: SourceStory | None, weeks_ago: int) -> set[str]:
    if source is None:
        return {code for code in CRITERIA if random.random() < 0.06}
    chances = dict(source.fails)
    if weeks_ago < WORSE_FOR_WEEKS:
        chances.update(source.worse)
    if weeks_ago == ROBOT_WEEKS_AGO and source.code in ROBOT_SOURCES:
        chances["contact_valid"] = ROBOT_SHARE
    return {code for code in CRITERIA if random.random() < chances[code]}


def _office(moment: datetime, random: Random, zone: ZoneInfo) -> datetime:
    """Shift a moment into working hours: people call and judge between nine and seven, Monday to Saturday."""
    local = moment.astimezone(zone)
    if local.hour >= 19:
        local = datetime.combine(local.date() + timedelta(days=1), time(9, 0), zone)
    elif local.hour < 9:
        local = datetime.combine(local.date(), time(9, 0), zone)
    else:
        return local
    if local.weekday() == 6:
        local += timedelta(days=1)
    return local + timedelta(minutes=random.randrange(1, 120))


def _contact(lead: History, random: Random, zone: ZoneInfo, *, dead: bool) -> None:
    if random.random() < 0.03:
        return  # nobody ever called
    at = _office(lead.received_at + timedelta(minutes=random.lognormvariate(3.2, 1.2)), random, zone)
    for _attempt in range(random.randrange(3, 8)):
        if dead:
            lead.touches.append(TouchEvent(at, TouchResult.NUMBER_DOES_NOT_EXIST))
            return
        if random.random() < 0.62:
            lead.touches.append(TouchEvent(at, TouchResult.REACHED))
            return
        lead.touches.append(
            TouchEvent(at, random.choice((TouchResult.NO_ANSWER, TouchResult.NO_ANSWER, TouchResult.BUSY)))
        )
        at = _office(at + timedelta(hours=random.choice((3, 20, 26, 48))), random, zone)


def _judge(lead: History, random: Random, zone: ZoneInfo, failed: set[str]) -> None:
    if not lead.touches or random.random() < 0.03:
        return
    last = lead.touches[-1]
    if last.result is TouchResult.NUMBER_DOES_NOT_EXIST:
        _assess(lead, random, zone, failed, evidence=Evidence.NUMBER_DOES_NOT_EXIST)
    elif last.result is TouchResult.REACHED:
        _assess(lead, random, zone, failed, evidence=Evidence.CALL)
        _think_again(lead, random, zone, failed)
    elif _tried_enough(lead, zone):
        _assess(lead, random, zone, {"contact_valid"}, evidence=Evidence.ATTEMPTS)


def _tried_enough(lead: History, zone: ZoneInfo) -> bool:
    """Tell whether nobody answered five attempts on three days: only then may a salesperson say "unreachable"."""
    return len(lead.touches) >= 5 and len({touch.at.astimezone(zone).date() for touch in lead.touches}) >= 3


def _assess(lead: History, random: Random, zone: ZoneInfo, failed: set[str], *, evidence: Evidence) -> None:
    lag = random.expovariate(1 / 0.9) if failed else random.expovariate(1 / 1.9)
    at = _office(lead.touches[-1].at + timedelta(days=lag), random, zone)
    poor = "budget" in failed
    budget = random.choice((15_000, 20_000, 25_000) if poor else range(40_000, 160_000, 5_000))
    answers = _answers(random, failed)
    lead.assessments.append(AssessmentEvent(at, AssessmentKind.ASSESS, answers, budget, evidence))


def _think_again(lead: History, random: Random, zone: ZoneInfo, failed: set[str]) -> None:
    """Correct a wrong tag now and then, or hear that the client has changed their mind."""
    at = lead.assessments[-1].at
    if failed and random.random() < 0.03:
        later = _office(at + timedelta(days=random.uniform(2, 9)), random, zone)
        lead.assessments.append(AssessmentEvent(later, AssessmentKind.CORRECT, _answers(random, set()), 60_000))
    elif not failed and random.random() < 0.02:
        later = _office(at + timedelta(days=random.uniform(3, 15)), random, zone)
        lead.assessments.append(AssessmentEvent(later, AssessmentKind.CHANGE, _answers(random, {"budget"}), 20_000))


def _answers(random: Random, failed: set[str]) -> dict[str, Result]:
    """Answer as a salesperson does: a dead phone ends the questions, a refusal shortens them."""
    if "contact_valid" in failed:
        return {"contact_valid": Result.FAILED}
    answers = {}
    for code in CRITERIA:
        if code in failed:
            answers[code] = Result.FAILED
        elif not failed or random.random() < 0.82:
            answers[code] = Result.MET
    if not failed and random.random() < 0.03:
        answers["budget"] = Result.UNKNOWN
    return answers


def _move(lead: History, random: Random, zone: ZoneInfo, stages: int) -> None:
    reached = next((touch for touch in lead.touches if touch.result is TouchResult.REACHED), None)
    if reached is not None:
        lead.moves.append(MoveEvent(reached.at, TransitionKind.ADVANCE, 1))
    if not lead.assessments:
        return
    verdict = lead.assessments[-1]
    bad = [code for code, result in verdict.results.items() if result is Result.FAILED]
    if bad:
        if random.random() < 0.85:
            at = _office(verdict.at + timedelta(hours=random.uniform(0.1, 30)), random, zone)
            lead.moves.append(MoveEvent(at, TransitionKind.LOSE, 1 if reached else 0, because=random.choice(bad)))
        return
    if Result.UNKNOWN not in verdict.results.values():
        _sell(lead, verdict.at, random, zone, stages)


def _sell(lead: History, at: datetime, random: Random, zone: ZoneInfo, stages: int) -> None:
    factor = lead.source.win_factor if lead.source else 0.8
    lead.moves.append(MoveEvent(at, TransitionKind.ADVANCE, 2))
    for stage, chance in zip(range(3, stages), STEP_CHANCE, strict=False):
        at = _office(at + timedelta(days=random.expovariate(1 / 4)), random, zone)
        if random.random() < chance * (0.85 + 0.15 * factor):
            won = stage == stages - 1
            kind = TransitionKind.WIN if won else TransitionKind.ADVANCE
            amount = round(random.choice(PRICES) * random.uniform(0.9, 1.1), -2) if won else None
            lead.moves.append(MoveEvent(at, kind, stage, amount=int(amount) if amount else None))
        elif random.random() < 0.8:
            at = _office(at + timedelta(days=random.expovariate(1 / 5)), random, zone)
            lead.moves.append(MoveEvent(at, TransitionKind.LOSE, stage - 1))
            if random.random() < 0.04:
                lead.moves.append(
                    MoveEvent(_office(at + timedelta(days=9), random, zone), TransitionKind.REOPEN, stage - 1)
                )
            return
        else:
            return


def _forget_the_future(lead: History, now: datetime) -> None:
    lead.touches = [event for event in lead.touches if event.at < now]
    lead.assessments = [event for event in lead.assessments if event.at < now]
    lead.moves = [event for event in lead.moves if event.at < now]
