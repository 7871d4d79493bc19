"""Leads: pushed, read, put right."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import ClassVar

from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from msgspec import UNSET
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.described import IDEMPOTENCY, described, query
from crm.api.endpoints import KEY_HEADER, Endpoint
from crm.api.errors import MEDIA_TYPE, document
from crm.models import Actor, User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from leads.api import doors, shown
from leads.api.shapes import LeadIn, LeadOut, LeadPage, LeadPatch, Receipt
from leads.models import Lead, Source
from leads.models.lead import LeadQuerySet
from leads.operations import details, owners
from leads.operations.details import Amendment
from leads.operations.states import LeadHasChanged
from leads.queries.inbox import Place, holders, page
from leads.queries.listing import FILTERS, listed

PAGE, LONGEST_PAGE = 50, 200
PAGING = frozenset({"limit", "cursor", "count"})
LONGEST_VERSION = 10  # digits
NO_VERSION = -1  # a tag of another form names no version there is
EXAMPLE = {
    "external_id": "order-1042",
    "source": "site",
    "campaign": "spring",
    "name": "Anna Ivanova",
    "phone": "+7 900 000-00-01",
    "utm": {"utm_source": "yandex", "utm_medium": "cpc"},
}
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="the ETag of the lead as you have read it"
)
FILTER_WORDS = {
    "funnel": "code of a funnel",
    "source": "code of a source",
    "campaign": "code of a campaign",
    "segment": "code of a segment",
    "stage": "code of a stage",
    "outcome": "open, won or lost",
    "verdict": "target, non_target or undecided",
    "failed": "code of a criterion the non-target lead failed",
    "owner": "id of the person who answers for the lead",
    "from": "first day of arrival, in the organisation's time zone",
    "to": "last day of arrival",
}


class PreconditionRequired(exceptions.APIException):
    """A change that does not say of which version it is."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "precondition_required"


class LeadsEndpoint(Endpoint):
    """All leads one may read; and the door by which they come."""

    needs: ClassVar[Mapping[str, Permission]] = {"GET": Permission.READ_LEADS, "POST": Permission.CREATE_LEAD}
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"GET": frozenset(FILTERS) | PAGING}

    @described(
        "list_leads",
        tag="leads",
        answers={200: LeadPage},
        parameters=[
            *(query(name, words) for name, words in FILTER_WORDS.items()),
            query("limit", "how many, 50 unless said", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE}),
            query("cursor", "where to go on: `next` of the page before"),
            query("count", "“exact” counts all of them", {"type": "string", "enum": ["exact"]}),
        ],
    )
    def get(self, request: Request) -> Response:
        """List leads, the newest first."""
        asked = request.query_params.dict()
        leads = listed(actor=self.actor, by={name: asked[name] for name in asked if name in FILTERS})
        cursor = asked.get("cursor")
        found = page(
            leads=shown.read(leads=leads, actor=self.actor),
            older_than=Place.parse(cursor) if cursor else None,
            size=_limit(asked.get("limit")),
        )
        answer = LeadPage(
            items=shown.leads_out(leads=found.leads, actor=self.actor),
            next=str(found.older) if found.older else None,
            count=leads.count() if _wants_count(asked.get("count")) else None,
        )
        return Response(answer)

    @described(
        "push_lead",
        tag="leads",
        body=LeadIn,
        example=EXAMPLE,
        answers={201: Receipt, 200: Receipt},
        parameters=[IDEMPOTENCY],
        is_write=True,
    )
    def post(self, request: Request) -> Response:
        """Take a lead in: 201 when it is new or a repeat, 200 when its source has sent it before."""
        now = timezone.now()
        with doors.refusals_kept(body=self.raw, actor=self.actor, at=now):
            told = self.body(LeadIn)
            key = request.headers.get(KEY_HEADER)
            doors.require_a_name(actor=self.actor, external_id=told.external_id, key=key)
            push = doors.Push(told, self.actor, now, self.raw)
            return self.answer_once(push.take_in, draft=partial(push.draft, self.memory))


class LeadEndpoint(Endpoint):
    """One lead."""

    needs: ClassVar[Mapping[str, Permission]] = {"GET": Permission.READ_LEADS, "PATCH": Permission.EDIT_LEAD}

    @described("read_lead", tag="leads", answers={200: LeadOut})
    def get(self, request: Request, code: str) -> Response:
        """Tell a lead as it stands; its ETag is what a change must name."""
        return self._told(doors.lead_or_404(code=code, actor=self.actor))

    @described(
        "amend_lead",
        tag="leads",
        body=LeadPatch,
        answers={200: LeadOut},
        parameters=[IF_MATCH],
        refusals=(HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED),
        is_write=True,
    )
    def patch(self, request: Request, code: str) -> Response:
        """Put details right, if nobody has changed the lead since it was read."""
        lead = doors.lead_or_404(code=code, actor=self.actor, permission=Permission.EDIT_LEAD)
        told, expected = self.body(LeadPatch), _version(request.headers.get("If-Match"))
        try:
            changed = details.amend(
                lead=lead, to=_amendment(told, self.actor), by=self.person, at=timezone.now(), expected_version=expected
            )
        except LeadHasChanged as refusal:
            return self._refused(lead, refusal)
        return self._told(changed)

    def _told(self, lead: Lead) -> Response:
        (out,) = shown.leads_out(leads=self._as_read(lead), actor=self.actor)
        return Response(out, headers={"ETag": f'"{out.version}"'})

    def _refused(self, lead: Lead, refusal: LeadHasChanged) -> Response:
        status = HTTPStatus.PRECONDITION_FAILED
        (current,) = shown.leads_out(leads=self._as_read(lead), actor=self.actor)
        body = document(status=status, code=refusal.code, detail=str(refusal)) | {"current": current}
        return Response(body, status=status, headers={"ETag": f'"{current.version}"'}, content_type=MEDIA_TYPE)

    def _as_read(self, lead: Lead) -> list[Lead]:
        return list(shown.read(leads=LeadQuerySet(Lead).filter(pk=lead.pk), actor=self.actor))


class LeadByExternalIdEndpoint(LeadEndpoint):
    """One lead by the id its source knows it by."""

    needs: ClassVar[Mapping[str, Permission]] = {"GET": Permission.READ_LEADS}
    http_method_names = ["get", "head", "options"]

    @described("read_lead_by_external_id", tag="leads", answers={200: LeadOut})
    def get(self, request: Request, source: str, external_id: str) -> Response:  # type: ignore[override]
        """Tell a lead as it stands."""
        sources = Source.objects.filter(code=source).values_list(Coalesce("merged_into", "pk"))
        leads = LeadQuerySet(Lead).visible_to(self.actor)
        found = leads.filter(source__in=sources, external_id=external_id).first()
        if found is None:
            raise Http404
        return self._told(found)


def _amendment(told: LeadPatch, actor: Actor) -> Amendment:
    values = {name: getattr(told, name) for name in LeadPatch.__struct_fields__ if getattr(told, name) is not UNSET}
    clears = frozenset(name for name, value in values.items() if value is None)
    if (owner := values.get("owner")) is not None:
        values["owner"] = _owner(owner, actor)
    return Amendment(**{name: value for name, value in values.items() if value is not None}, clears=clears)


def _owner(email: str, actor: Actor) -> User:
    """Find who is to have the lead: of those to whom this person may hand it on a page too."""
    return owners.named(email=email, among=holders(actor=actor) if isinstance(actor, User) else None)


def _version(tag: str | None) -> int:
    """Read the version an `If-Match` names: a strong tag, as the ETag was told."""
    if tag is None:
        raise PreconditionRequired(_("Say in If-Match which version you have read: its ETag."))
    text = tag.strip().strip('"')
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_VERSION else NO_VERSION


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= LONGEST_PAGE:
        return int(text)
    message = _("A limit is a number from 1 to {most}.").format(most=LONGEST_PAGE)
    raise DomainError("limit_out_of_range", message, "limit")


def _wants_count(text: str | None) -> bool:
    if text in (None, "exact"):
        return text is not None
    raise DomainError("unknown_value", _("count is either left out or “exact”."), "count")
