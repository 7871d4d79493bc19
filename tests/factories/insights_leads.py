"""Facts about leads, written row by row, so that what counts them is tested apart from what writes them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.models import User
from funnels.rules.criteria import Result
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict, verdict
from leads.models import (
    Assessment,
    Campaign,
    Contact,
    Lead,
    LeadLink,
    OwnerChange,
    Sale,
    Segment,
    Source,
    Touch,
    Transition,
    TransitionReason,
)
from leads.queries.derived import place
from leads.rules.facts import (
    AssessmentKind,
    Channel,
    LinkKind,
    SaleKind,
    TouchActor,
    TouchChannel,
    TouchResult,
    TransitionKind,
)
from tests.factories.funnels import Rules

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
CORRECTABLE_FOR = timedelta(hours=24)
REPEATED = ("verdict", "verdict_at", "fail_mask", "assessed_mask")


class Facts:
    """Writes facts for one funnel. Verdicts are repeated on the Lead row at once, `settle` repeats the rest too."""

    def __init__(self, rules: Rules, zone: str = "Europe/Moscow") -> None:
        self.rules = rules
        self.zone = ZoneInfo(zone)

    def source(self, code: str) -> Source:
        return Source.objects.get_or_create(code=code, defaults={"name": code.title(), "created_at": EPOCH})[0]

    def campaign(self, source: str, code: str) -> Campaign:
        known = {"source": self.source(source), "code": code}
        return Campaign.objects.get_or_create(**known, defaults={"name": code.title(), "created_at": EPOCH})[0]

    def segment(self, code: str) -> Segment:
        return Segment.objects.get_or_create(code=code, defaults={"name": code.title(), "created_at": EPOCH})[0]

    def lead(
        self,
        received_at: datetime,
        *,
        source: str = "google",
        campaign: str | None = None,
        segment: str | None = None,
        owner: User | None = None,
        is_test: bool = False,
        recorded_at: datetime | None = None,
        due_after: timedelta = timedelta(days=3),
        pk: int | None = None,
    ) -> Lead:
        """Write that a lead came."""
        recorded_at = recorded_at or received_at
        lead = Lead.objects.create(
            pk=pk,
            funnel=self.rules.funnel,
            source=self.source(source),
            campaign=self.campaign(source, campaign) if campaign else None,
            segment=self.segment(segment) if segment else None,
            contact=Contact.objects.create(created_at=recorded_at),
            channel=Channel.API,
            received_at=received_at,
            recorded_at=recorded_at,
            cohort_day=received_at.astimezone(self.zone).date(),
            is_test=is_test,
            first_touch_due_at=received_at + timedelta(hours=1),
            verdict_due_at=received_at + due_after,
            stage=self.rules.stages["new"],
            stage_since_at=received_at,
            outcome=Outcome.OPEN,
        )
        self.hand(lead, owner, at=recorded_at)
        self.move(lead, TransitionKind.ARRIVE, "new", at=received_at, recorded_at=recorded_at)
        return lead

    def move(
        self,
        lead: Lead,
        kind: TransitionKind,
        to: str,
        *,
        at: datetime,
        recorded_at: datetime | None = None,
        reasons: Iterable[str] = (),
    ) -> Transition:
        """Write that a lead moved; none counts from before the one it follows."""
        recorded_at = recorded_at or at
        before = list(lead.transitions.order_by("effective_at", "recorded_at", "id"))
        here, stage = before[-1].to_stage if before else None, self.rules.stages[to]
        is_machine = kind is TransitionKind.ARRIVE
        effective = at if is_machine else max(at, recorded_at - CORRECTABLE_FOR)
        move = Transition.objects.create(
            lead=lead,
            kind=kind,
            channel=Channel.PAGE,
            from_stage=here,
            to_stage=stage,
            from_milestone=here.milestone if here else "",
            to_milestone=stage.milestone,
            occurred_at=at,
            recorded_at=recorded_at,
            effective_at=max([effective, *(move.effective_at for move in before)]),
        )
        for code in reasons:
            TransitionReason.objects.create(transition=move, loss_reason=self.rules.reasons[code])
        return move

    def sale(self, lead: Lead, amount: int, *, at: datetime) -> Sale:
        """Write that a lead paid for the first time."""
        return Sale.objects.create(
            lead=lead,
            contact=lead.contact,
            kind=SaleKind.FIRST,
            amount=amount,
            currency="RUB",
            occurred_at=at,
            recorded_at=at,
        )

    def hand(self, lead: Lead, owner: User | None, *, at: datetime) -> OwnerChange:
        """Write that somebody answers for a lead from now on."""
        return OwnerChange.objects.create(lead=lead, owner=owner, occurred_at=at, recorded_at=at)

    def link(self, lead: Lead, master: Lead, kind: LinkKind, *, at: datetime) -> LeadLink:
        """Write that a lead was tied to an earlier one, or untied."""
        return LeadLink.objects.create(lead=lead, master=master, kind=kind, occurred_at=at, recorded_at=at)

    def touch(self, lead: Lead, *, at: datetime, recorded_at: datetime | None = None) -> Touch:
        """Write that a person called."""
        return Touch.objects.create(
            lead=lead,
            actor=TouchActor.HUMAN,
            channel=TouchChannel.CALL,
            result=TouchResult.NO_ANSWER,
            occurred_at=at,
            recorded_at=recorded_at or at,
        )

    def judge(
        self,
        lead: Lead,
        *,
        at: datetime,
        failed: Iterable[str] = (),
        met: Iterable[str] = (),
        kind: AssessmentKind = AssessmentKind.ASSESS,
        recorded_at: datetime | None = None,
        supersedes: Assessment | None = None,
        pk: int | None = None,
    ) -> Assessment:
        """Write that a lead was judged; `at` is when it happened, as told."""
        recorded_at = recorded_at or at
        results = {self.rules.bit(code): Result.FAILED for code in failed}
        results |= {self.rules.bit(code): Result.MET for code in met}
        judgement = verdict(results=results, blocking=[self.rules.bit(code) for code in self.rules.versions])
        act = Assessment.objects.create(
            pk=pk,
            lead=lead,
            kind=kind,
            channel=Channel.PAGE,
            definition=self.rules.definition,
            supersedes=supersedes,
            verdict=judgement.verdict,
            fail_mask=judgement.fail_mask,
            assessed_mask=judgement.assessed_mask,
            occurred_at=at,
            recorded_at=recorded_at,
            effective_at=supersedes.effective_at if supersedes else max(at, recorded_at - CORRECTABLE_FOR),
        )
        self._repeat_verdict(lead)
        lead.save(update_fields=REPEATED)
        return act

    def target(self, lead: Lead, *, at: datetime) -> Assessment:
        """Write that everything was asked and met."""
        return self.judge(lead, at=at, met=self.rules.versions)

    def settle(self) -> None:
        """Repeat the facts on every Lead row, as they stand with nothing left out."""
        told = ("assessments", "links__master", "owner_changes__owner", "touches", "transitions")
        for lead in Lead.objects.filter(funnel=self.rules.funnel).prefetch_related(*told):
            self._repeat_verdict(lead)
            ties = sorted(
                (tie for tie in lead.links.all() if tie.kind != LinkKind.REPEAT),
                key=lambda tie: (tie.recorded_at, tie.pk),
            )
            lead.duplicate_of = ties[-1].master if ties and ties[-1].kind != LinkKind.UNMERGE else None
            hands = sorted(lead.owner_changes.all(), key=lambda change: (change.recorded_at, change.pk))
            lead.owner = hands[-1].owner if hands else None
            for name, value in place(lead.transitions.all()).items():
                setattr(lead, name, value)
            lead.first_touch_at = min((touch.occurred_at for touch in lead.touches.all()), default=None)
            lead.save()

    @staticmethod
    def _repeat_verdict(lead: Lead) -> None:
        acts = [act for act in lead.assessments.all() if act.kind != AssessmentKind.AUDIT]
        last = max(acts, key=lambda act: (act.effective_at, act.recorded_at, act.pk), default=None)
        lead.verdict = last.verdict if last else Verdict.UNDECIDED
        lead.verdict_at = last.effective_at if last else None
        lead.fail_mask = last.fail_mask if last else 0
        lead.assessed_mask = last.assessed_mask if last else 0
