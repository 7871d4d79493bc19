"""Take a request in: keep it raw, know the person, tell repeats from news, put it at the start of its funnel."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import IntegrityError, transaction
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
from leads.models import ImportBatch, Lead, LeadLink, OwnerChange, Source, Submission, Transition
from leads.operations import contacts, dictionaries, events, owners, states
from leads.operations.assessments import judge_by_rules
from leads.operations.desk import Desk
from leads.operations.states import Held
from leads.queries.consistency import ties_of
from leads.queries.duplicates import find
from leads.rules.facts import (
    Channel,
    LinkKind,
    SubmissionState,
    TransitionKind,
)
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


def receive(
    *,
    row: IntakeRow,
    funnel: Funnel,
    by: User | None,
    at: datetime,
    channel: Channel,
    batch: ImportBatch | None = None,
    row_number: int | None = None,
    default_received_at: datetime | None = None,
    raw: Mapping[str, object] | None = None,
    desk: Desk | None = None,
) -> Received:
    """Take one request in as a lead.

    The raw request is kept whatever comes of it. A request whose external id its source has sent before is recognised
    and changes nothing. One from a known person within the window is a duplicate of the lead that is counted, and
    after the window a repeat; a technical test is neither. What rules of the definition can decide is judged at once,
    except for files, whose tags are the judgement.
    """
    submission = Submission(
        channel=channel,
        payload=dict(raw) if raw else _as_told(row),
        received_at=at,
        import_batch=batch,
        row_number=row_number,
    )
    desk = desk or Desk()
    arrival = _Arrival(submission, row, funnel, by, at, default_received_at, desk)
    try:
        with transaction.atomic():
            return arrival.recognise() or arrival.take_in()
    except IntegrityError:
        # Somebody brought the same external id a moment ago; whatever else it may be is not ours to hide.
        desk.clear()
        with transaction.atomic():
            recognised = arrival.recognise()
            if recognised is None:
                raise
            return recognised
    except DomainError as refusal:
        desk.clear()
        submission.state = SubmissionState.FAILED
        submission.error_code, submission.error_detail = refusal.code, str(refusal)
        submission.save(force_insert=True)
        raise


def deadlines(*, organisation: OrganisationSettings, received_at: datetime) -> tuple[datetime, datetime]:
    """Count business time from the arrival: when the first touch is due, and when the verdict."""
    zone, hours, holidays = organisation.time_zone, organisation.business_hours, holidays_of(organisation)
    first_touch = due(received_at, organisation.first_touch_sla_minutes, zone, hours, holidays)
    return first_touch, due(received_at, organisation.verdict_sla_minutes, zone, hours, holidays)


@dataclass(slots=True)
class _Arrival:
    submission: Submission
    row: IntakeRow
    funnel: Funnel
    by: User | None
    at: datetime
    default_received_at: datetime | None
    desk: Desk

    def recognise(self) -> Received | None:
        """Find the lead that its source has already sent under this external id."""
        if not self.row.external_id:
            return None
        if len(self.row.external_id) > LONGEST_EXTERNAL_ID:
            raise ExternalIdIsTooLong
        sent = Lead.objects.filter(source=self._source(), external_id=self.row.external_id)
        return self._answer(sent.get(), "existing") if sent.exists() else None  # most are new: ask no more than that

    def take_in(self) -> Received:
        """Write everything an arrival writes."""
        _refuse_nobody(self.row)
        row, at, source = self.row, self.at, self._source()
        received_at = told_at(told=row.received_at or self.default_received_at, at=at, field="received_at")
        organisation = self.desk.once(settings_history).at(received_at)
        owner = _owner(row.owner)
        person = Person.of(row, region=organisation.default_region)
        claimed = contacts.claim(points=person.points, name=row.name, company=row.company, at=at)
        lead = Lead.objects.create(
            **self._told(source, person),
            **_times(received_at, organisation),
            recorded_at=at,
            contact=claimed.contact,
            owner=owner,
            stage=self.desk.once(first_stage, funnel=self.funnel),
        )
        held = self.desk.newborn(lead)
        self._put_at_the_start(held)
        outcome: Outcome = "created"
        if claimed.known and not row.is_test:
            outcome = self._tie(held, claimed.known, window_days=organisation.duplicate_window_days)
        changes = {"outcome": outcome, "channel": self.submission.channel, "source": source.code}
        audit.record(action="lead.receive", obj=lead, by=self.by, at=at, changes=changes)
        events.tell_received(lead=lead, outcome=outcome, at=at)
        if self.submission.channel != Channel.IMPORT:
            judge_by_rules(held=held, facts=person.facts | _fields(row), at=at)
        return self._answer(lead, outcome)

    def _source(self) -> Source:
        return self.desk.once(dictionaries.resolve_source, name=self.row.source, at=self.at)

    def _told(self, source: Source, person: Person) -> dict[str, Any]:
        """Collect what the lead repeats of the request as it was told."""
        row, at = self.row, self.at
        return {
            "funnel": self.funnel,
            "source": source,
            "campaign": self.desk.once(dictionaries.resolve_campaign, source=source, name=row.campaign, at=at),
            "segment": self.desk.once(dictionaries.resolve_segment, name=row.segment, at=at),
            "external_id": row.external_id or None,
            "channel": self.submission.channel,
            "import_batch": self.submission.import_batch,
            "is_test": row.is_test,
            "message": row.message,
            "utm": dict(row.utm),
            "attributes": {**row.attributes, **person.as_told},
        }

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

    def _tie(self, held: Held, known: Collection[int], *, window_days: int) -> Outcome:
        """Tie a lead to the earlier request it repeats, if there is one."""
        lead = held.lead
        match = find(lead=lead, contacts=known, window_days=window_days)
        if match is None:
            return "created"
        master = states.lock(lead=match.master)
        if match.kind == LinkKind.DUPLICATE and master.duplicate_of is not None:
            master = master.duplicate_of  # merged by a person while we were looking
        link = LeadLink(lead=lead, master=master, kind=match.kind, occurred_at=lead.received_at, recorded_at=self.at)
        held.write(link)
        states.rewrite(lead=lead, values=ties_of([lead.pk])[lead.pk])
        return "duplicate" if match.kind == LinkKind.DUPLICATE else "repeat"

    def _answer(self, lead: Lead, outcome: Outcome) -> Received:
        is_new = outcome != "existing"
        self.submission.state = SubmissionState.ACCEPTED if is_new else SubmissionState.RECOGNISED
        self.submission.lead = lead
        self.submission.save(force_insert=True)
        return Received(lead=lead, outcome=outcome, submission=self.submission)


def _refuse_nobody(row: IntakeRow) -> None:
    own_id = row.external_id if row.has_own_id else ""
    if not any(told.strip() for told in (own_id, row.name, row.company, row.phone, row.email, row.message)):
        raise NothingToKnowBy


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


def _owner(told: str) -> User | None:
    return owners.named(email=told) if told.strip() else None


def _as_told(row: IntakeRow) -> dict[str, object]:
    """Write down a request that came through a form of ours, where nothing rawer exists."""
    told = row.raw or {key: value for key, value in asdict(row).items() if value}
    return dict(json.loads(json.dumps(told, default=str)))
