"""Make leads of one submission: read it as its sender means it, and take in all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import ApiKey
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from funnels.models import Funnel
from funnels.queries import funnel_named
from funnels.rules.moves import Outcome
from leads.intake.hook import DIGEST, Deal, Handshake, Hook, Pending, Setup, SourceIsNotOfThisKey
from leads.intake.hook import TestPayload as Trial
from leads.intake.payload import BodyIsBroken
from leads.intake.profiles import PROFILES, translate
from leads.intake.row import IntakeRow
from leads.models import Lead, Source, Submission
from leads.operations import arrivals, dictionaries, moves
from leads.queries.submissions import hook_profile_of, with_replaced
from leads.rules.facts import Channel, SubmissionState

MUST_BE_FETCHED = "must_be_fetched"
MOST_WAITING = 200


class BodyIsTooLarge(DomainError):
    """More than one request may bring."""

    def __init__(self) -> None:
        super().__init__(
            "body_too_large",
            _("More than 1 MB was sent: only its beginning is kept. Let the sender send less at once."),
        )


class LossWithoutReason(DomainError):
    """A deal lost at the sender's; why, its hook does not say."""

    def __init__(self, lead: Lead) -> None:
        message = format_lazy(
            _(
                "The sender says that this lead is lost, and not why. Say the reason on the card of {lead}, then "
                "process this again."
            ),
            lead=lead.code,
        )
        super().__init__("lost_needs_reason", message)


def settings_of(*, key: ApiKey, profile: str, at: datetime) -> tuple[Setup, Funnel | None]:
    """Read what was said of an address: how its payload is read, and the funnel of its leads."""
    said = hook_profile_of(key=key, profile=profile)
    zone = ZoneInfo(settings_at(at).time_zone)
    if said is None:
        return Setup(zone=zone), None
    return Setup(field_map=said.field_map, secrets=said.secrets, zone=zone), said.funnel


@dataclass(frozen=True, slots=True)
class Work:
    """One submission being processed."""

    kept: Submission
    at: datetime

    def do(self) -> DomainError | None:
        """Take everything in; return what has to be said of it although it is in."""
        kept, key = self.kept, self.kept.api_key
        if kept.payload.get("is_too_much"):
            raise BodyIsTooLarge
        if key is None or kept.profile not in PROFILES or kept.payload.get("is_cut"):
            raise BodyIsBroken("…")
        setup, funnel = settings_of(key=key, profile=kept.profile, at=self.at)
        told = translate(profile=PROFILES[kept.profile], hook=_hook(kept), setup=setup, bound=key.sources)
        if isinstance(told, Handshake | Trial):
            kept.state = SubmissionState.TEST
            return None
        if isinstance(told, Pending):
            self._wait_for(told)
            return None
        return self._take_in(told, key, funnel or funnel_named(code=""))

    def _take_in(self, deals: Sequence[Deal], key: ApiKey, funnel: Funnel) -> DomainError | None:
        refusal, outcomes, arrived = None, set(), set()
        for number, deal in enumerate(deals):
            row = self._named(deal.row)
            _check_source(row, key, at=self.at)
            received = arrivals.receive(
                row=row,
                funnel=funnel,
                by=None,
                at=self.at,
                channel=Channel.HOOK,
                default_received_at=self.kept.received_at,
                raw={"part_of": self.kept.public_id.hex, "number": number},
            )
            self._adopt(received.submission, number)
            outcomes.add(received.outcome)
            arrived.add(row.external_id)
            refusal = self._end(received.lead, deal) or refusal
        is_known = outcomes <= {"existing"}
        self.kept.state = SubmissionState.RECOGNISED if is_known else SubmissionState.ACCEPTED
        _settle_waiting(self.kept, arrived)
        return refusal

    def _adopt(self, made: Submission, number: int) -> None:
        """Let the first lead be this submission's own; each further one keeps its part of it."""
        if number == 0:
            self.kept.lead = made.lead
            made.delete()
            return
        made.profile, made.api_key = self.kept.profile, self.kept.api_key
        made.save(update_fields=["profile", "api_key"])

    def _named(self, row: IntakeRow) -> IntakeRow:
        """Say which request this is: of one that this sender has brought before, the source is known.

        A derived id is given its day: the same words on another day are another request, a late delivery is not.
        """
        if not row.external_id.startswith(DIGEST):
            known = self._brought([row.external_id]).select_related("source").first()
            return replace(row, source=known.source.code) if known else row
        day = self.kept.received_at.date()
        yesterday, today = (f"{row.external_id}@{one:%Y%m%d}" for one in (day - timedelta(days=1), day))
        is_late = Lead.objects.filter(external_id=yesterday, source__code=row.source).exists()
        return replace(row, external_id=yesterday if is_late else today)

    def _end(self, lead: Lead, deal: Deal) -> DomainError | None:
        """Win the lead of a deal won at the sender's; of a lost one the reason has to be said by a person."""
        if lead.outcome != Outcome.OPEN:
            return None
        if deal.is_lost:
            return LossWithoutReason(lead)
        if deal.won_amount is not None:
            moves.win(lead=lead, by=None, at=self.at, amount=deal.won_amount or None, channel=Channel.HOOK)
        return None

    def _wait_for(self, told: Pending) -> None:
        known = self._brought(told.ids)
        self.kept.payload = {**self.kept.payload, "fetch": list(told.ids)}
        if known.values("external_id").distinct().count() == len(set(told.ids)):
            self.kept.lead, self.kept.state = known.first(), SubmissionState.RECOGNISED
            return
        self.kept.state = SubmissionState.PENDING
        self.kept.error_code = MUST_BE_FETCHED
        self.kept.error_detail = f"{told.where} ({', '.join(told.ids)})"

    def _brought(self, external_ids: Sequence[str]) -> QuerySet[Lead]:
        """Find what this sender has brought, whatever the source; by way of the index, which begins with it."""
        return Lead.objects.filter(
            source__in=list(Source.objects.values_list("pk", flat=True)),
            external_id__in=external_ids,
            submissions__profile=self.kept.profile,
            submissions__api_key__in=with_replaced(key=self.kept.api_key),
        )


def _check_source(row: IntakeRow, key: ApiKey, *, at: datetime) -> None:
    if key.sources and dictionaries.resolve_source(name=row.source, at=at).code not in key.sources:
        raise SourceIsNotOfThisKey(row.source)


def _hook(kept: Submission) -> Hook:
    told: Mapping[str, Mapping[str, str]] = kept.payload
    return Hook(
        method=str(kept.payload.get("method", "POST")),
        query=told.get("query", {}),
        headers=told.get("headers", {}),
        body=bytes(kept.body or b""),
        content_type=kept.content_type,
    )


def _settle_waiting(kept: Submission, arrived: set[str]) -> None:
    """Close the notices whose leads have now come whole."""
    waiting = Submission.objects.filter(
        channel=Channel.HOOK, state=SubmissionState.PENDING, profile=kept.profile, error_code=MUST_BE_FETCHED
    )
    for notice in waiting.exclude(pk=kept.pk).defer("body").order_by("-id")[:MOST_WAITING]:
        if arrived >= set(notice.payload.get("fetch", ("",))):
            notice.state, notice.lead = SubmissionState.RECOGNISED, kept.lead
            notice.error_code = notice.error_detail = ""
            notice.save(update_fields=["state", "lead", "error_code", "error_detail"])
