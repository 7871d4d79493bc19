"""One request on its way in: what it says in our words, and everything that is written when it becomes a lead."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from crm.models import OrganisationSettings, User
from crm.operations import audit
from crm.queries.organisation import holidays_of, settings_history
from crm.rules.calendar import civil_day, due
from crm.rules.errors import DomainError
from funnels.models import Funnel
from funnels.queries import first_stage
from leads.intake.person import Person
from leads.intake.row import IntakeRow
from leads.models import Campaign, ImportBatch, Lead, LeadLink, OwnerChange, Segment, Source, Submission, Transition
from leads.operations import assignment, dictionaries, events, owners, states
from leads.operations.assessments import judge_by_rules
from leads.operations.contacts import Claimed
from leads.operations.desk import Desk
from leads.operations.states import Held
from leads.queries.consistency import ties_of
from leads.queries.duplicates import find
from leads.rules.facts import Channel, LinkKind, SubmissionState, TransitionKind
from leads.rules.times import told_at

Outcome = Literal["created", "duplicate", "repeat", "existing"]

LONGEST_EXTERNAL_ID = 200


class ExternalIdIsTooLong(DomainError):
    """An external id that could not be found again."""

    def __init__(self) -> None:
        super().__init__("external_id_too_long", _("An external id has at most 200 characters."), "external_id")


class NothingToKnowBy(DomainError):
    """A request of nobody: an empty row of a spreadsheet, an empty form."""

    def __init__(self) -> None:
        message = _(
            "Nothing tells who this is: give an external id, a name, a company, a phone, an e-mail or a message."
        )
        super().__init__("nothing_to_know_by", message)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a request."""

    lead: Lead
    outcome: Outcome
    submission: Submission


@dataclass(eq=False)
class Arrival:
    """A request, by which door it comes, and the desk at which it is taken in."""

    row: IntakeRow
    funnel: Funnel
    by: User | None
    at: datetime
    channel: Channel
    batch: ImportBatch | None = None
    row_number: int | None = None
    default_received_at: datetime | None = None
    raw: Mapping[str, object] | None = None
    desk: Desk = field(default_factory=lambda: Desk(gathers=True))

    @cached_property
    def submission(self) -> Submission:
        """The raw request, kept whatever comes of it."""
        return Submission(
            channel=self.channel,
            payload=dict(self.raw) if self.raw else _as_told(self.row),
            received_at=self.at,
            import_batch=self.batch,
            row_number=self.row_number,
        )

    @cached_property
    def received_at(self) -> datetime:
        """When it came, as its sender tells, within reason."""
        return told_at(told=self.row.received_at or self.default_received_at, at=self.at, field="received_at")

    @cached_property
    def organisation(self) -> OrganisationSettings:
        """What the company had agreed on then."""
        return self.desk.once(settings_history).at(self.received_at)

    @cached_property
    def person(self) -> Person:
        """Who is behind it."""
        return Person.of(self.row, region=self.organisation.default_region)

    @property
    def source_known(self) -> Source | None:
        """The source it names, if that name has come before."""
        return self._source_meant(self.row.source)

    @property
    def visits_known(self) -> bool:
        """Whether the sources of other visits it tells of have come before, or it tells of none."""
        told = (self.row.first_source, self.row.last_source)
        return all(self._source_meant(name) is not None for name in told if name.strip())

    def campaign_known(self, source: Source) -> Campaign | None:
        """The campaign it names, if that has come before."""
        return self.desk.once(dictionaries.campaign_meant, source=source, name=self.row.campaign)

    @property
    def segment_known(self) -> Segment | None:
        """The segment it names, if that has come before."""
        return self.desk.once(dictionaries.segment_meant, name=self.row.segment)

    @cached_property
    def owner(self) -> User | None:
        """The person it is meant for, when it names one; raises UnknownOwner."""
        email = self.row.owner.strip()
        if not email:
            return None
        if self.channel == Channel.IMPORT:  # a file names the same few people thousands of times
            return self.desk.once(owners.named, email=email)
        return owners.named(email=email)

    def source(self) -> Source:
        """Find the source, or make it."""
        return self._source_named(self.row.source)

    def check_external_id(self) -> None:
        """Refuse an external id that could not be found again."""
        if len(self.row.external_id) > LONGEST_EXTERNAL_ID:
            raise ExternalIdIsTooLong

    def check(self) -> None:
        """Refuse what can be no lead: of nobody, from the future, under an id that could not be found again."""
        self.check_external_id()
        _ = self.received_at
        own_id = self.row.external_id if self.row.has_own_id else ""
        told = (own_id, self.row.name, self.row.company, self.row.phone, self.row.email, self.row.message)
        if not any(text.strip() for text in told):
            raise NothingToKnowBy

    def take_in(self, claimed: Claimed) -> Received:
        """Add everything an arrival writes to the rows of the desk."""
        row, at, source = self.row, self.at, self.source()
        lead = self.desk.rows.name(
            Lead(
                **self._told(source),
                **_times(self.received_at, self.organisation),
                recorded_at=at,
                contact=claimed.contact,
                owner=self.owner,
                stage=self.desk.once(first_stage, funnel=self.funnel),
                stage_since_at=self.received_at,
            )
        )
        held = self.desk.newborn(lead)
        self._put_at_the_start(held)
        outcome: Outcome = "created"
        if claimed.known and not row.is_test:
            outcome = self._tie(held, claimed.known)
        assignment.hand_out(held=held, desk=self.desk, at=at)
        changes = {"outcome": outcome, "channel": self.channel, "source": source.code}
        audit.record(action="lead.receive", obj=lead, by=self.by, at=at, changes=changes, rows=held.rows)
        events.tell_received(lead=lead, outcome=outcome, at=at, rows=held.rows)
        if self.channel != Channel.IMPORT:
            judge_by_rules(held=held, facts=self.person.facts | _fields(row), at=at, desk=self.desk)
        return self.answer(lead, outcome)

    def answer(self, lead: Lead, outcome: Outcome) -> Received:
        """Keep the raw request beside its lead."""
        is_new = outcome != "existing"
        self.submission.state = SubmissionState.ACCEPTED if is_new else SubmissionState.RECOGNISED
        self.submission.lead = lead
        return Received(lead=lead, outcome=outcome, submission=self.desk.rows.name(self.submission))

    def _told(self, source: Source) -> dict[str, Any]:
        """Collect what the lead repeats of the request as it was told; names joined to others meanwhile take none."""
        row, at = self.row, self.at
        campaign = self.campaign_known(source) or dictionaries.resolve_campaign(source=source, name=row.campaign, at=at)
        segment = self.segment_known or dictionaries.resolve_segment(name=row.segment, at=at)
        first, last = (self._visited_by(name) for name in (row.first_source, row.last_source))
        for named in (source, first, last, campaign, segment):
            if named is not None:
                self.desk.rows.rely_on(named, unless="merged_into")
        return {
            "funnel": self.funnel,
            "source": source,
            "first_source": first,
            "last_source": last,
            "campaign": campaign,
            "segment": segment,
            "external_id": row.external_id or None,
            "channel": self.channel,
            "import_batch": self.batch,
            "is_test": row.is_test,
            "message": row.message,
            "utm": dict(row.utm),
            "attributes": {**row.attributes, **self.person.as_told},
        }

    def _source_meant(self, name: str) -> Source | None:
        return self.desk.once(dictionaries.source_meant, name=name)

    def _source_named(self, name: str) -> Source:
        return self._source_meant(name) or dictionaries.resolve_source(name=name, at=self.at)

    def _visited_by(self, name: str) -> Source | None:
        """Find the source of another visit, or make it; most requests tell of none."""
        return self._source_named(name) if name.strip() else None

    def _put_at_the_start(self, held: Held) -> None:
        lead = held.lead
        start = Transition(
            lead=lead,
            kind=TransitionKind.ARRIVE,
            channel=lead.channel,
            to_stage=lead.stage,
            to_milestone=lead.stage.milestone,
            by=self.by,
            occurred_at=lead.received_at,
            recorded_at=self.at,
            effective_at=lead.received_at,
        )
        held.write(start)
        if lead.owner is not None:
            held.write(
                OwnerChange(lead=lead, owner=lead.owner, by=self.by, occurred_at=lead.received_at, recorded_at=self.at)
            )

    def _tie(self, held: Held, known: Collection[int]) -> Outcome:
        """Tie a lead to the earlier request it repeats, if there is one."""
        lead = held.lead
        match = find(lead=lead, contacts=known, window_days=self.organisation.duplicate_window_days)
        if match is None:
            return "created"
        master = states.lock(lead=match.master)
        if match.kind == LinkKind.DUPLICATE and master.duplicate_of is not None:
            master = master.duplicate_of  # merged by a person while we were looking
        link = LeadLink(lead=lead, master=master, kind=match.kind, occurred_at=lead.received_at, recorded_at=self.at)
        held.write(link)
        held.rows.write()  # what ties a lead is read from the facts of several
        states.rewrite(lead=lead, values=ties_of([lead.pk])[lead.pk])
        return "duplicate" if match.kind == LinkKind.DUPLICATE else "repeat"


def deadlines(*, organisation: OrganisationSettings, received_at: datetime) -> tuple[datetime, datetime]:
    """Count business time from the arrival: when the first touch is due, and when the verdict."""
    zone, hours, holidays = organisation.time_zone, organisation.business_hours, holidays_of(organisation)
    first_touch = due(received_at, organisation.first_touch_sla_minutes, zone, hours, holidays)
    return first_touch, due(received_at, organisation.verdict_sla_minutes, zone, hours, holidays)


def _fields(row: IntakeRow) -> dict[str, object]:
    """Name what rules may ask of a request by its fields; attributes of the form come by their own names."""
    own = {name: getattr(row, name) for name in ("source", "campaign", "segment", "company", "message")}
    return {**row.utm, **own, **row.attributes}


def _times(received_at: datetime, organisation: OrganisationSettings) -> dict[str, Any]:
    first_touch_due_at, verdict_due_at = deadlines(organisation=organisation, received_at=received_at)
    return {
        "received_at": received_at,
        "cohort_day": civil_day(received_at, organisation.time_zone),
        "first_touch_due_at": first_touch_due_at,
        "verdict_due_at": verdict_due_at,
    }


def _as_told(row: IntakeRow) -> dict[str, object]:
    """Write down a request that came through a form of ours, where nothing rawer exists."""
    told = row.raw or {key: value for key, value in asdict(row).items() if value}
    return dict(json.loads(json.dumps(told, default=str)))
