"""A week of leads small enough to count on fingers: cohort 2026-W36 in Moscow, five criteria, three sources."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from funnels.rules.moves import Milestone
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead
from leads.rules.facts import AssessmentKind, LinkKind, TransitionKind
from tests.factories.funnels import Rules, make_rules
from tests.factories.insights_leads import Facts

MOSCOW = ZoneInfo("Europe/Moscow")
CRITERIA = ("contact", "segment", "geo", "budget", "need")
SOURCES = {"D": "direct", "S": "seo", "P": "partners"}


@dataclass(frozen=True)
class Act:
    """A verdict: the day it happened, what failed (C1…C5), on which day it was recorded, which criteria were asked."""

    day: int
    failed: str = ""
    recorded: int | None = None
    asked: str = "12345"
    kind: AssessmentKind = AssessmentKind.ASSESS


CORRECT, CHANGE = AssessmentKind.CORRECT, AssessmentKind.CHANGE
# lead, source, created (local), minutes to the first attempt, verdicts
ROWS: tuple[tuple[str, str, str, int | None, tuple[Act, ...]], ...] = (
    ("L01", "D", "2026-08-31 00:30", 4, (Act(1, "1", asked="1"),)),
    ("L02", "D", "2026-08-31 10:00", 12, (Act(2, "24"),)),
    ("L03", "D", "2026-08-31 11:00", 55, (Act(2, "2"),)),
    ("L04", "D", "2026-09-01 09:00", 240, (Act(9, "4"),)),
    ("L05", "D", "2026-09-01 12:00", 3, (Act(3),)),
    ("L06", "D", "2026-09-02 10:00", 7, (Act(5),)),
    ("L07", "D", "2026-09-02 19:00", 1500, (Act(12),)),
    ("L08", "D", "2026-09-03 18:00", 90, ()),
    ("L09", "D", "2026-09-02 15:00", 20, (Act(4, "2"), Act(4, recorded=16, kind=CORRECT))),
    ("L10", "D", "2026-09-04 12:00", 30, (Act(6, "1", asked="1"),)),
    ("L11", "S", "2026-08-31 14:00", 2, (Act(1),)),
    ("L12", "S", "2026-09-01 10:00", 10, (Act(2),)),
    ("L13", "S", "2026-09-02 10:00", 65, (Act(3, "5"),)),
    ("L14", "S", "2026-09-03 10:00", 45, (Act(1, "3", recorded=12, asked="13"),)),
    ("L15", "S", "2026-09-04 10:00", 600, (Act(6), Act(18, "4", kind=CHANGE))),
    ("L16", "S", "2026-09-06 20:00", None, ()),
    ("L17", "P", "2026-08-31 10:00", 5, (Act(1),)),
    ("L18", "P", "2026-09-01 10:00", 15, (Act(1),)),
    ("L19", "P", "2026-09-02 10:00", 60, (Act(2),)),
    ("L20", "P", "2026-09-03 10:00", 180, (Act(5, "35"),)),
    ("L21", "P", "2026-09-04 10:00", 8, (Act(4),)),
    ("L22", "P", "2026-09-05 10:00", 25, (Act(20),)),
    ("L23", "D", "2026-09-02 09:00", None, ()),
    ("L24", "D", "2026-09-03 09:00", None, ()),
    ("L25", "D", "2026-09-07 00:10", 6, (Act(1),)),
)
# lead, the day of each milestone after the verdict; a lead is qualified when it was judged target for the first time
MILESTONES: dict[str, tuple[tuple[str, int], ...]] = {
    "L06": (("OFFER", 8), ("WON", 20)),
    "L11": (("WON", 15),),
    "L12": (("OFFER", 6), ("LOST", 25)),
    "L17": (("WON", 10),),
    "L18": (("OFFER", 5),),
    "L19": (("OFFER", 12), ("WON", 26)),
}
AMOUNTS = {"L06": 150_000, "L11": 200_000, "L17": 500_000, "L19": 480_000}
WAY = (Milestone.NEW, Milestone.QUALIFIED, Milestone.OFFER, Milestone.WON)
DUPLICATES = {"L23": "L05"}
TESTS = {"L24"}


def make_golden() -> tuple[Rules, dict[str, Lead]]:
    """Write the golden week."""
    rules = make_rules(code="golden", criteria=CRITERIA, milestones=WAY)
    facts = Facts(rules)
    leads: dict[str, Lead] = {}
    qualified: set[str] = set()
    for name, source, created, first_attempt, acts in ROWS:
        came_at = datetime.fromisoformat(created).replace(tzinfo=MOSCOW).astimezone(UTC)
        lead = leads[name] = facts.lead(came_at, source=SOURCES[source], is_test=name in TESTS)
        if first_attempt is not None:
            facts.touch(lead, at=came_at + timedelta(minutes=first_attempt))
        last: Assessment | None = None
        for act in acts:
            last = facts.judge(
                lead,
                at=came_at + timedelta(days=act.day),
                recorded_at=came_at + timedelta(days=act.day if act.recorded is None else act.recorded),
                failed=_codes(act.failed),
                met=_codes("".join(number for number in act.asked if number not in act.failed)),
                kind=act.kind,
                supersedes=last if act.kind is CORRECT else None,
            )
            if last.verdict == Verdict.TARGET and name not in qualified:
                qualified.add(name)
                facts.move(lead, TransitionKind.ADVANCE, "qualified", at=last.recorded_at)
        _sell(facts, name, lead)
    for name, master in DUPLICATES.items():
        facts.link(leads[name], leads[master], LinkKind.DUPLICATE, at=leads[name].recorded_at)
    facts.settle()
    return rules, leads


def _sell(facts: Facts, name: str, lead: Lead) -> None:
    for milestone, day in MILESTONES.get(name, ()):
        at = lead.received_at + timedelta(days=day)
        if milestone == "LOST":
            facts.move(lead, TransitionKind.LOSE, "offer", at=at, reasons=["price"])
        elif milestone == "WON":
            facts.move(lead, TransitionKind.WIN, "won", at=at)
            facts.sale(lead, AMOUNTS[name], at=at)
        else:
            facts.move(lead, TransitionKind.ADVANCE, milestone.lower(), at=at)


def _codes(numbers: str) -> list[str]:
    return [CRITERIA[int(number) - 1] for number in numbers]
