"""Random companies: leads, verdicts, corrections, audits, duplicates, touches, moves and new owners in any order."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from crm.models import User
from insights.rules.slice import NOBODY, Slice
from leads.models import Lead
from leads.rules.facts import AssessmentKind, LinkKind, TransitionKind
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.insights_leads import Facts

CRITERIA = ("contact_valid", "need", "budget")
START = datetime(2026, 8, 28, 20, tzinfo=UTC)
NOW = START + timedelta(days=60)
SOURCES, CAMPAIGNS, SEGMENTS = ("google", "vk"), (None, "spring"), (None, "b2b")

STAGES, REASONS = ("new", "contacted", "qualified", "offer", "contract"), ("price", "competitor", "early", "other")
TICK = timedelta(microseconds=1)

# Few distinct hours, so that events often coincide to the second and limits of age are hit exactly.
hours = st.integers(0, 12).map(lambda step: timedelta(hours=step * 12))
answers = st.fixed_dictionaries({code: st.sampled_from(["met", "failed", "unknown"]) for code in CRITERIA})


@dataclass(frozen=True)
class Verdict:
    """One act of judging: when it happened and how much later it was written down."""

    kind: AssessmentKind
    happened: timedelta
    delay: timedelta
    answers: dict[str, str]


@dataclass(frozen=True)
class Step:
    """One move, if it may be made then: how long after the one before, and how much later it was written down."""

    kind: TransitionKind
    stage: str
    later: timedelta
    delay: timedelta
    reasons: frozenset[str]


@dataclass(frozen=True)
class Story:
    """Everything that happened to one lead."""

    came: timedelta
    source: str
    campaign: str | None
    segment: str | None
    owners: tuple[int, ...]
    is_test: bool
    due: timedelta
    verdicts: tuple[Verdict, ...]
    touches: tuple[timedelta, ...]
    ties: tuple[LinkKind, ...]
    moves: tuple[Step, ...] = ()


verdicts = st.builds(
    Verdict, kind=st.sampled_from(AssessmentKind), happened=hours, delay=hours | st.just(timedelta(0)), answers=answers
)
steps = st.builds(
    Step,
    kind=st.sampled_from([kind for kind in TransitionKind if kind is not TransitionKind.ARRIVE]),
    stage=st.sampled_from(STAGES),
    later=hours,
    delay=hours | st.just(timedelta(0)),
    reasons=st.frozensets(st.sampled_from(REASONS), min_size=1, max_size=3),
)
stories = st.builds(
    Story,
    came=st.integers(0, 400).map(lambda hour: timedelta(hours=hour)),
    source=st.sampled_from(SOURCES),
    campaign=st.sampled_from(CAMPAIGNS),
    segment=st.sampled_from(SEGMENTS),
    owners=st.lists(st.integers(0, 2), max_size=3).map(tuple),
    is_test=st.integers(0, 9).map(lambda chance: chance == 0),
    due=hours,
    verdicts=st.lists(verdicts, max_size=4).map(tuple),
    touches=st.lists(hours, max_size=2).map(tuple),
    ties=st.lists(st.sampled_from(LinkKind), max_size=3).map(tuple),
    moves=st.lists(steps, max_size=6).map(tuple),
)
worlds = st.lists(stories, max_size=7)
instants = st.none() | st.integers(0, 60).map(lambda half_days: START + timedelta(hours=12 * half_days))
days = st.integers(0, 25).map(lambda shift: date(2026, 8, 28) + timedelta(days=shift))
chosen_owners = st.lists(st.integers(0, 2), max_size=2, unique=True)


@st.composite
def slices(draw: st.DrawFn) -> tuple[Slice, list[int]]:
    """Draw a question; owners are drawn as numbers of people, since people have no keys yet."""
    bounds = draw(st.just((None, None)) | st.tuples(days, days).map(sorted))
    some = st.booleans()
    asked = Slice(
        funnel="sales",
        from_on=bounds[0],
        to_on=bounds[1],
        age=draw(st.none() | st.integers(1, 6)),
        as_of=draw(instants),
        sources=("vk",) if draw(some) and draw(some) else (),
        campaigns=draw(st.sampled_from([(), (), ("google/spring", NOBODY)])),
        segments=draw(st.sampled_from([(), (), (NOBODY,), ("b2b",)])),
    )
    return asked, draw(st.just([]) | chosen_owners)


class World:
    """A company in which stories are told as facts."""

    def __init__(self) -> None:
        self.rules: Rules = make_rules(criteria=CRITERIA)
        self.facts = Facts(self.rules)
        self.people: list[User] = [UserFactory() for _ in range(2)]
        for source, campaign in itertools.product(SOURCES, CAMPAIGNS[1:]):
            self.facts.campaign(source, campaign or "")
        self.facts.segment("b2b")
        self.leads: list[Lead] = []

    def owner(self, number: int) -> User | None:
        """Find a person by number; the last number is nobody."""
        return self.people[number] if number < len(self.people) else None

    def asked(self, drawn: tuple[Slice, list[int]]) -> Slice:
        """Put people's keys into a drawn question."""
        asked, numbers = drawn
        keys = [str(person.pk) if (person := self.owner(number)) else NOBODY for number in numbers]
        return Slice(**{**_fields(asked), "owners": tuple(keys)})

    def tell(self, stories: list[Story]) -> None:
        """Write down what happened to each lead."""
        for story in stories:
            self._tell(story)
        self.facts.settle()

    def _tell(self, story: Story) -> None:
        came_at = START + story.came
        first = story.owners[0] if story.owners else 2
        lead = self.facts.lead(
            came_at,
            source=story.source,
            campaign=story.campaign,
            segment=story.segment,
            owner=self.owner(first),
            is_test=story.is_test,
            due_after=story.due,
        )
        for step, number in enumerate(story.owners[1:], start=1):
            self.facts.hand(lead, self.owner(number), at=came_at + step * timedelta(days=1))
        for happened in story.touches:
            self.facts.touch(lead, at=came_at + happened)
        acts = []
        for verdict in story.verdicts:
            is_correction = verdict.kind is AssessmentKind.CORRECT
            if is_correction and not acts:
                continue
            act = self.facts.judge(
                lead,
                at=came_at + verdict.happened,
                recorded_at=came_at + verdict.happened + verdict.delay,
                failed=[code for code, answer in verdict.answers.items() if answer == "failed"],
                met=[code for code, answer in verdict.answers.items() if answer == "met"],
                kind=verdict.kind,
                supersedes=acts[-1] if is_correction else None,
            )
            acts.append(act)
        self._walk(lead, story.moves)
        if self.leads:
            for step, kind in enumerate(story.ties):
                self.facts.link(lead, self.leads[0], kind, at=came_at + step * timedelta(days=2))
        self.leads.append(lead)

    def _walk(self, lead: Lead, moves: tuple[Step, ...]) -> None:
        """Move a lead as the rules allow: a closed one may only be opened again, an open one anything else."""
        here, before, is_closed = "new", "new", False
        happened = written = lead.received_at
        for step in moves:
            if (step.kind is TransitionKind.REOPEN) is not is_closed:
                continue
            if step.kind is TransitionKind.ADVANCE and step.stage == here:
                continue
            to = {
                TransitionKind.ADVANCE: step.stage,
                TransitionKind.WIN: "won",
                TransitionKind.LOSE: here,
                TransitionKind.REOPEN: before,
            }[step.kind]
            happened += step.later
            written = max(happened + step.delay, written + TICK)
            reasons = sorted(step.reasons) if step.kind is TransitionKind.LOSE else ()
            self.facts.move(lead, step.kind, to, at=happened, recorded_at=written, reasons=reasons)
            is_closed = step.kind in (TransitionKind.WIN, TransitionKind.LOSE)
            here, before = to, here


def _fields(asked: Slice) -> dict[str, object]:
    return {name: getattr(asked, name) for name in Slice.__dataclass_fields__}
