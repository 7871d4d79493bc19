"""What programs send of leads, and what they are told."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from crm.api.bodies import NO_NUL, Long, Name, Shape, Short, Told
from crm.api.errors import Problem
from funnels.rules.criteria import Result
from leads.rules.facts import AssessmentKind, Evidence, SaleKind, TouchActor, TouchChannel, TouchResult

Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset")]
Words = Annotated[dict[Name, Short], Meta(max_length=100)]
Money = Annotated[
    Decimal,
    Meta(
        description="in the organisation's currency", extra_json_schema={"pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"}
    ),
]


class LeadIn(Shape):
    """A request as its sender knows it. Names not known yet become new sources, campaigns and segments."""

    external_id: Short | None = None
    source: Short | None = None
    first_source: Short | None = None
    last_source: Short | None = None
    campaign: Short | None = None
    segment: Short | None = None
    funnel: Short | None = None
    name: Short | None = None
    company: Short | None = None
    phone: Short | None = None
    email: Short | None = None
    message: Long | None = None
    owner: Short | None = None
    received_at: Moment | None = None
    utm: Words = field(default_factory=dict)
    attributes: Words = field(default_factory=dict)
    is_test: bool = False


class BatchItem(LeadIn):
    """One of many; by its own key, or by its external id, it is not taken in twice."""

    idempotency_key: Annotated[str, Meta(min_length=1, max_length=255, pattern=NO_NUL)] | None = None


class BatchIn(Shape):
    """What a batch looks like; its items are read one by one, so that a broken one harms only itself."""

    leads: Annotated[list[BatchItem], Meta(min_length=1, max_length=500)]


class LeadPatch(Shape):
    """What may be put right of a lead; what is not named stays. An empty phone or e-mail is no way to remove one."""

    name: Short | UnsetType = UNSET
    company: Short | UnsetType = UNSET
    phone: Name | UnsetType = UNSET
    email: Name | UnsetType = UNSET
    segment: Short | UnsetType | None = UNSET
    owner: Short | UnsetType | None = UNSET


class AnswerIn(Shape):
    """An answer with what it rests on. Without a result the value has to decide."""

    result: Result | None = None
    value: Short = ""
    evidence: Evidence = Evidence.NONE
    evidence_ref: Short = ""


class AssessmentIn(Shape):
    """One act of judging: answers by the criterion's code. The verdict follows from them."""

    answers: Annotated[dict[Name, Result | AnswerIn], Meta(min_length=1, max_length=100)]
    kind: Literal["assess", "change", "correct"] = "assess"
    occurred_at: Moment | None = None
    note: Long = ""
    request_id: UUID | None = None


class TransitionIn(Shape):
    """A move to a stage, or an outcome. A loss needs reasons of the stage where the lead is."""

    to: Short | None = None
    outcome: Literal["lost", "won", "reopened"] | None = None
    reasons: Annotated[list[Name], Meta(max_length=50)] = field(default_factory=list)
    amount: Money | None = None
    occurred_at: Moment | None = None
    note: Long = ""


class TouchIn(Shape):
    """One attempt to reach the person, or one of theirs to reach us."""

    channel: TouchChannel
    result: TouchResult
    direction: Literal["out", "in"] = "out"
    actor: TouchActor = TouchActor.HUMAN
    occurred_at: Moment | None = None
    request_id: UUID | None = None
    duration_seconds: Annotated[int, Meta(ge=0, le=86_400)] | None = None
    telephony_code: Annotated[str, Meta(max_length=32, pattern=r"^[^\x00]*$")] = ""
    note: Long = ""


class SaleIn(Shape):
    """Money received; a refund is negative. Without a kind it is the first or a repeated sale of the contact."""

    amount: Money
    kind: SaleKind | None = None
    variable_cost: Money | None = None
    occurred_at: Moment | None = None


class Receipt(Told):
    """What became of a request: `repeat` is a known person's, tied to the lead named beside it."""

    id: str
    outcome: Literal["created", "existing", "repeat"]
    source: str
    external_id: str | None
    received_at: datetime
    duplicate_of: str | None
    repeat_of: str | None
    url: str


class BatchResult(Told):
    index: int
    status: int
    outcome: str
    id: str | None = None
    problem: Problem | None = None


class BatchReceipt(Told):
    """What became of each, in the order they came."""

    created: int
    repeat: int
    existing: int
    failed: int
    results: list[BatchResult]


class ContactOut(Told):
    name: str
    company: str
    phones: list[str]
    emails: list[str]


class OwnerOut(Told):
    id: int
    name: str


class LeadOut(Told):
    """A lead as it stands. `contact`, `message`, `utm` and `attributes` are null for whoever may not see contacts."""

    id: str
    version: int
    url: str
    funnel: str
    source: str
    first_source: str | None
    last_source: str | None
    campaign: str | None
    segment: str | None
    external_id: str | None
    received_at: datetime
    recorded_at: datetime
    is_test: bool
    duplicate_of: str | None
    repeat_of: str | None
    owner: OwnerOut | None
    stage: str
    milestone: str
    outcome: str
    outcome_at: datetime | None
    verdict: str
    verdict_at: datetime | None
    failed: list[str]
    asked: list[str]
    first_touch_at: datetime | None
    first_touch_due_at: datetime
    verdict_due_at: datetime
    contact: ContactOut | None
    message: str | None
    utm: dict[str, str] | None
    attributes: dict[str, str] | None


class LeadPage(Told):
    """Some leads, the newest first; `next` goes into `cursor` for the ones after them."""

    items: list[LeadOut]
    next: str | None
    count: int | None


class AssessmentOut(Told):
    """An act of judging, and what the lead is after it."""

    id: str
    lead: str
    kind: AssessmentKind
    verdict: str
    effective_at: datetime
    lead_verdict: str
    failed: list[str]


class TransitionOut(Told):
    id: int
    lead: str
    kind: str
    from_stage: str | None
    to_stage: str
    outcome: str
    effective_at: datetime
    reasons: list[str]


class TouchOut(Told):
    id: int
    lead: str
    result: str
    channel: str
    occurred_at: datetime


class SaleOut(Told):
    id: int
    lead: str
    kind: SaleKind
    amount: str
    currency: str
    occurred_at: datetime


class Named(Shape):
    """A new entry of a dictionary, by its name."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*\S[^\x00]*$")]


class CampaignIn(Named):
    source: Name


class SourceOut(Told):
    code: str
    name: str
    is_confirmed: bool
    aliases: list[str]


class CampaignOut(Told):
    code: str
    name: str
    source: str


class SegmentOut(Told):
    code: str
    name: str
    is_confirmed: bool


class Sources(Told):
    items: list[SourceOut]


class Campaigns(Told):
    items: list[CampaignOut]


class Segments(Told):
    items: list[SegmentOut]
