"""The rules of reasons and of evidence hold at every door: they live in one operation, and no door walks past it.

A door is a function that does at its place what a person or a program would do there. What came of it is read from the
facts, not from what the door answered.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEvent, User
from funnels.models import LossReason
from funnels.operations.dictionaries import create_reason
from funnels.rules.definitions import Side
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, AssessmentAnswer, Lead, Touch, Transition
from leads.operations import moves
from leads.rules.facts import AssessmentKind, Evidence, TransitionKind
from tests.factories.funnels import Rules
from tests.leads.spreadsheet import import_rows, line
from tests.leads_api.conftest import ProgramClient
from tests.leads_pages.conftest import TakeIn
from tests.leads_pages.test_judging import said

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
FETCH = {"X-Requested-With": "fetch"}
SCRIPTED = {"Accept": "application/json"}


class World:
    """A manager, their lead in the middle of the funnel, and how each door is reached."""

    def __init__(self, *, rules: Rules, lead: Lead, manager: User, browser: Client) -> None:
        self.rules, self.lead, self.manager, self.browser = rules, lead, manager, browser

    def post(self, name: str, headers: dict[str, str] | None = None, /, **told: Any) -> Any:
        return self.browser.post(reverse(name, args=[self.lead.code]), told, headers=headers or {})

    def tell(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"authorization": f"Bearer {ProgramClient().token}", "idempotency-key": str(uuid4())}
        url = f"/api/v1/leads/{self.lead.code}/{path}"
        return Client().post(url, body, content_type="application/json", headers=headers)

    def bulk(self, act: str, **told: Any) -> Any:
        asked = {"act": act, "lead": [self.lead.code], "codes": self.lead.code, "step": "do", "query": ""}
        return self.browser.post(reverse("leads:bulk"), asked | {"request_id": str(uuid4())} | told)


@pytest.fixture
def world(rules: Rules, take_in: TakeIn, manager: User, now: datetime, client_of: Callable[[User], Client]) -> World:
    lead = take_in(owner=manager, external_id="at-the-doors", ago=timedelta(days=9))
    moves.advance(lead=lead, to="qualified", by=manager, at=now - timedelta(days=8))
    return World(rules=rules, lead=Lead.objects.get(pk=lead.pk), manager=manager, browser=client_of(manager))


def card(world: World, reasons: Sequence[str], note: str) -> None:
    world.post("leads:lose", reasons=reasons, note=note)


def queue(world: World, reasons: Sequence[str], note: str) -> None:
    world.post("queue:lose", request_id=str(uuid4()), reasons=reasons, note=note)


def queue_by_script(world: World, reasons: Sequence[str], note: str) -> None:
    world.post("queue:lose", SCRIPTED, request_id=str(uuid4()), reasons=reasons, note=note)


def kanban(world: World, reasons: Sequence[str], note: str) -> None:
    world.post("kanban:lose", version=world.lead.version, reasons=reasons, note=note)


def kanban_by_drag(world: World, reasons: Sequence[str], note: str) -> None:
    world.post("kanban:lose", FETCH, version=world.lead.version, reasons=reasons, note=note)


def bulk(world: World, reasons: Sequence[str], note: str) -> None:
    world.bulk("lose", reasons=reasons, note=note)


def bulk_by_stage(world: World, reasons: Sequence[str], note: str) -> None:
    """As the page sends them: each reason with the stage under which it was ticked."""
    world.bulk("lose", reasons=[f"{world.lead.stage_id}:{code}" for code in reasons], note=note)


def api(world: World, reasons: Sequence[str], note: str) -> None:
    world.tell("transitions", {"outcome": "lost", "reasons": list(reasons), "note": note})


def imported(world: World, reasons: Sequence[str], note: str) -> None:
    """A file knows nothing of the lead of the others: it brings its own, at the same stage."""
    row = line(
        external_id="by-file",
        source="google",
        stage="qualified",
        lost_at="20.03.2026 10:00",
        lost_reason="|".join(reasons),
        lost_note=note,
    )
    import_rows(world.rules, row)
    found = Lead.objects.filter(external_id="by-file").first()
    if found is not None:
        world.lead = found


# Which module each door goes through to the one operation.
DOORS = {
    card: "leads/views/acts.py",
    queue: "leads/operations/tagging.py",
    queue_by_script: "leads/operations/tagging.py",
    kanban: "leads/views/kanban.py",
    kanban_by_drag: "leads/views/kanban.py",
    bulk: "leads/operations/bulk.py",
    bulk_by_stage: "leads/operations/bulk.py",
    api: "leads/api/facts.py",
    imported: "leads/operations/imports/apply.py",
}
doors = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


def archive_a_reason(world: World) -> None:
    stage, at = world.rules.stages["qualified"], timezone.now()
    gone = create_reason(
        funnel=world.rules.funnel,
        code="gone",
        name="Gone",
        side=Side.CLIENT,
        stages=[stage],
        position=9,
        by=None,
        at=at,
    )
    LossReason.objects.filter(pk=gone.pk).update(archived_at=at)


def losses() -> list[Transition]:
    return list(Transition.objects.filter(kind=TransitionKind.LOSE))


def test_no_module_loses_leads_that_is_no_door_here() -> None:
    """Whoever builds another way to lose a lead has to add it above."""
    apps = ("crm", "funnels", "leads", "insights", "reviews", "config")
    calling = {
        str(path.relative_to(ROOT))
        for app in apps
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\bmoves\.lose\b|\bmoves import .*\blose\b", path.read_text())
    }
    assert calling == set(DOORS.values())


def test_nothing_but_that_operation_writes_a_loss() -> None:
    """What comes in and what is made up for a demonstration begins with a move of its own, and no other is written."""
    writing = {
        str(path.relative_to(ROOT))
        for app in ("crm", "funnels", "leads", "insights", "reviews", "config")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"(?<!class )\bTransition(\.objects\.(bulk_)?create)?\(", path.read_text())
    }
    assert writing == {"leads/operations/moves.py", "leads/operations/arrivals/arrival.py", "leads/demo/facts.py"}


WRONG: dict[str, tuple[Sequence[str], str]] = {
    "none": ((), "Nobody says why"),
    "of another stage": (("early",), ""),
    "without its note": (("other",), ""),
    "unknown": (("unheard-of",), ""),
    "out of use": (("gone",), ""),
    "one of two of another stage": (("price", "early"), ""),
}
# Many leads are at many stages: of each, those of the reasons hold that its own stage offers.
TRIED = [(door, wrong) for door in DOORS for wrong in WRONG if (door, wrong) != (bulk, "one of two of another stage")]


@pytest.mark.parametrize(("door", "wrong"), TRIED, ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_a_lead_is_not_lost_without_a_reason_of_its_stage(door: Callable[..., None], wrong: str, world: World) -> None:
    archive_a_reason(world)
    door(world, *WRONG[wrong])
    assert losses() == []
    assert not Lead.objects.filter(outcome=Outcome.LOST).exists()
    assert not AuditEvent.objects.filter(action="lead.lose").exists()


@doors
@pytest.mark.parametrize(
    ("reasons", "note"), [(("price",), ""), (("price", "competitor"), "Too much"), (("other",), "They moved away")]
)
def test_a_lead_is_lost_the_same_at_every_door(
    door: Callable[..., None], reasons: Sequence[str], note: str, world: World
) -> None:
    door(world, reasons, note)
    (loss,) = losses()
    assert {reason.code for reason in loss.reasons.all()} == set(reasons)
    assert (loss.note, loss.to_stage.code, loss.from_stage and loss.from_stage.code) == (note, "qualified", "qualified")
    lost = Lead.objects.get(pk=world.lead.pk)
    assert (lost.outcome, lost.stage.code) == (Outcome.LOST, "qualified")


def test_many_are_lost_for_those_reasons_that_their_own_stage_offers(world: World) -> None:
    bulk(world, ("price", "early"), "")
    (loss,) = losses()
    assert [reason.code for reason in loss.reasons.all()] == ["price"]


@doors
def test_opening_it_again_leaves_the_reason_told(door: Callable[..., None], world: World, now: datetime) -> None:
    door(world, ("price",), "")
    moves.reopen(lead=world.lead, by=world.manager, at=now)
    (loss,) = losses()
    assert [reason.code for reason in loss.reasons.all()] == ["price"]
    assert Lead.objects.get(pk=world.lead.pk).outcome == Outcome.OPEN


def judge_on_card(world: World) -> None:
    world.post("leads:judge", request_id=str(uuid4()), kind="assess", **said(contact_valid="failed"))


def judge_in_queue(world: World) -> None:
    world.post("queue:judge", request_id=str(uuid4()), kind="assess", seen="", **said(contact_valid="failed"))


def judge_in_bulk(world: World) -> None:
    world.bulk("judge", kind="assess", **{"answer-contact_valid": "failed"})


def judge_by_api(world: World) -> None:
    world.tell("assessments", {"answers": {"contact_valid": "failed"}})


judging = pytest.mark.parametrize(
    "door", [judge_on_card, judge_in_queue, judge_in_bulk, judge_by_api], ids=lambda door: door.__name__
)


@judging
def test_nobody_is_called_unreachable_without_evidence(door: Callable[[World], None], world: World) -> None:
    door(world)
    assert not Assessment.objects.exists()
    assert Lead.objects.get(pk=world.lead.pk).verdict == Verdict.UNDECIDED


@judging
def test_enough_attempts_are_evidence_at_every_door(door: Callable[[World], None], world: World, now: datetime) -> None:
    for number in range(6):
        tried = now - timedelta(days=7 - number)
        Touch.objects.create(
            lead=world.lead, actor="human", channel="call", result="no_answer", occurred_at=tried, recorded_at=tried
        )
    door(world)
    assert Lead.objects.get(pk=world.lead.pk).verdict == Verdict.NON_TARGET


@pytest.mark.parametrize("way", ["card", "api"])
def test_no_other_door_passes_for_a_file(way: str, world: World) -> None:
    """Of a file nothing more than its tag can be asked; whoever may be asked cannot say that it is one."""
    if way == "card":
        told = said(contact_valid="failed") | {"evidence-contact_valid": "imported"}
        world.post("leads:judge", request_id=str(uuid4()), kind="import", **told)
        world.post("leads:judge", request_id=str(uuid4()), kind="assess", **told)
    else:
        answers = {"contact_valid": {"result": "failed", "evidence": "imported"}}
        for kind in ("import", "assess"):
            world.tell("assessments", {"kind": kind, "answers": answers})
    assert not Assessment.objects.exists()
    assert Lead.objects.get(pk=world.lead.pk).verdict == Verdict.UNDECIDED


def test_a_tag_of_a_file_is_told_apart_from_evidence(world: World) -> None:
    import_rows(world.rules, line(external_id="by-file", source="google", tag="dead"))
    answer = AssessmentAnswer.objects.get(assessment__lead__external_id="by-file", result="failed")
    assert (answer.evidence, answer.assessment.kind) == (Evidence.IMPORTED, AssessmentKind.IMPORT)
