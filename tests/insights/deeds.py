"""What else is done with the leads of a random company: touches of every kind, moves, promises, proofs."""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from crm.models import User
from funnels.rules.criteria import EvidenceRule, Result
from funnels.rules.moves import Milestone
from leads.models import Assessment, AssessmentAnswer, Lead, NextStep, Touch, Transition
from leads.queries.derived import first_touch, place
from leads.rules.facts import Channel, Evidence, TouchActor, TouchChannel, TouchResult, TransitionKind
from tests.insights.worlds import World

# Minutes to and beyond the marks, then days; some touches happened before the lead came in.
when = st.sampled_from([-30, 0, 4, 5, 6, 59, 60, 61, 700, 1440, 2880, 4320, 7200]).map(lambda m: timedelta(minutes=m))
delays = st.sampled_from([0, 0, 1, 30, 72]).map(lambda hours: timedelta(hours=hours))


@dataclass(frozen=True)
class Deed:
    """One touch, move, promise or proof; `lead` is the number of the lead, wherever it wraps around to."""

    lead: int
    kind: str
    happened: timedelta
    delay: timedelta
    actor: TouchActor
    channel: TouchChannel
    is_inbound: bool
    result: TouchResult
    move: TransitionKind
    evidence: Evidence


deeds = st.lists(
    st.builds(
        Deed,
        lead=st.integers(0, 6),
        kind=st.sampled_from(["touch", "touch", "touch", "five calls", "move", "promise", "kept promise", "proof"]),
        happened=when,
        delay=delays,
        actor=st.sampled_from(TouchActor),
        channel=st.sampled_from(TouchChannel),
        is_inbound=st.booleans(),
        result=st.sampled_from(TouchResult),
        move=st.sampled_from([TransitionKind.WIN, TransitionKind.LOSE, TransitionKind.REOPEN]),
        evidence=st.sampled_from([Evidence.NONE, Evidence.ATTEMPTS, Evidence.BOUNCED, Evidence.IMPORTED]),
    ),
    max_size=12,
)


def do(world: World, done: list[Deed]) -> None:
    """Write the deeds down, and repeat them on the Lead rows as the operations do."""
    version = world.rules.versions["contact_valid"]
    version.evidence = EvidenceRule.UNREACHABLE
    version.save()
    for deed in done:
        if world.leads:
            _do(world, Lead.objects.get(pk=world.leads[deed.lead % len(world.leads)].pk), deed)
    for lead in Lead.objects.all():
        moved = place(lead.transitions.all()) if lead.transitions.exists() else {}
        values = {**first_touch(lead.touches.all()), **{k: v for k, v in moved.items() if k.startswith("outcome")}}
        Lead.objects.filter(pk=lead.pk).update(**values)


def _do(world: World, lead: Lead, deed: Deed) -> None:
    happened_at = lead.received_at + deed.happened
    recorded_at = max(lead.recorded_at, happened_at + deed.delay)
    match deed.kind:
        case "touch":
            Touch.objects.create(
                lead=lead,
                actor=deed.actor,
                channel=deed.channel,
                is_inbound=deed.is_inbound,
                result=deed.result,
                occurred_at=happened_at,
                recorded_at=recorded_at,
            )
        case "five calls":
            for day in range(5):
                world.facts.touch(
                    lead, at=happened_at + timedelta(days=day), recorded_at=recorded_at + timedelta(days=day)
                )
        case "move":
            stage = world.rules.stages["new"]
            Transition.objects.create(
                lead=lead,
                kind=deed.move,
                channel=Channel.PAGE,
                from_stage=stage,
                to_stage=stage,
                to_milestone=Milestone.NEW,
                occurred_at=happened_at,
                recorded_at=recorded_at,
                effective_at=happened_at,
            )
        case "promise" | "kept promise":
            _promise(lead, world.people[0], deed)
        case _:
            _prove(lead, deed)


def _promise(lead: Lead, by: User, deed: Deed) -> None:
    made_at = lead.recorded_at + deed.delay
    if lead.next_steps.filter(done_at__isnull=True).exists():
        return
    done_at = made_at + timedelta(days=2) if deed.kind == "kept promise" else None
    NextStep.objects.create(
        lead=lead, what="Call", due_at=made_at, for_person=by, created_at=made_at, done_at=done_at, done_by=None
    )


def _prove(lead: Lead, deed: Deed) -> None:
    act = Assessment.objects.filter(lead=lead, verdict="NON_TARGET").first()
    version = lead.funnel.criteria.get(code="contact_valid").versions.get()
    if act is not None:
        AssessmentAnswer.objects.get_or_create(
            assessment=act,
            criterion_version=version,
            defaults={"result": Result.FAILED, "evidence": deed.evidence},
        )
