"""Sources, campaigns and segments by their codes: what integrations send and may be sent back."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.described import described
from crm.api.endpoints import Endpoint
from crm.models import ApiKey
from crm.rules.permissions import Permission
from leads.api.doors import SourceIsNotYours
from leads.api.shapes import (
    CampaignIn,
    CampaignOut,
    Campaigns,
    Named,
    SegmentOut,
    Segments,
    SourceOut,
    Sources,
)
from leads.models import Campaign, Segment, Source
from leads.operations import dictionaries


class DictionaryEndpoint(Endpoint):
    """A list of names; whoever may push leads may add to it."""

    needs: ClassVar[Mapping[str, Permission]] = {"POST": Permission.CREATE_LEAD}

    @property
    def sources(self) -> QuerySet[Source]:
        """The sources in use that the actor is concerned with."""
        known = Source.objects.filter(archived_at__isnull=True).prefetch_related("aliases")
        if isinstance(self.actor, ApiKey) and self.actor.sources:
            return known.filter(code__in=self.actor.sources)
        return known


class SourcesEndpoint(DictionaryEndpoint):
    """Where leads come from."""

    @described("list_sources", tag="dictionaries", answers={200: Sources})
    def get(self, request: Request) -> Response:
        """List the sources in use."""
        return Response(Sources(items=[_source(source) for source in self.sources.order_by("name")]))

    @described("add_source", tag="dictionaries", body=Named, answers={201: SourceOut}, is_write=True)
    def post(self, request: Request) -> Response:
        """Name a source; a new one waits for a person to confirm it, one that is known is told."""
        told = self.body(Named)
        if isinstance(self.actor, ApiKey) and self.actor.sources:
            raise SourceIsNotYours(sources=self.actor.sources)
        source = dictionaries.resolve_source(name=told.name, at=timezone.now())
        return Response(_source(source), status=HTTPStatus.CREATED)


class CampaignsEndpoint(DictionaryEndpoint):
    """What brings leads within a source."""

    @described("list_campaigns", tag="dictionaries", answers={200: Campaigns})
    def get(self, request: Request) -> Response:
        """List the campaigns in use."""
        campaigns = Campaign.objects.filter(archived_at__isnull=True, source__in=self.sources)
        return Response(Campaigns(items=[_campaign(campaign) for campaign in campaigns.select_related("source")]))

    @described("add_campaign", tag="dictionaries", body=CampaignIn, answers={201: CampaignOut}, is_write=True)
    def post(self, request: Request) -> Response:
        """Name a campaign of a source."""
        told, now = self.body(CampaignIn), timezone.now()
        source = self.sources.filter(Q(code=told.source) | Q(merged__code=told.source)).first()
        if source is None and isinstance(self.actor, ApiKey) and self.actor.sources:
            raise SourceIsNotYours(sources=self.actor.sources)
        source = source or dictionaries.resolve_source(name=told.source, at=now)
        campaign = dictionaries.resolve_campaign(source=source, name=told.name, at=now)
        return Response(_campaign(campaign) if campaign else None, status=HTTPStatus.CREATED)


class SegmentsEndpoint(DictionaryEndpoint):
    """Whom we sell to."""

    @described("list_segments", tag="dictionaries", answers={200: Segments})
    def get(self, request: Request) -> Response:
        """List the segments in use."""
        segments = Segment.objects.filter(archived_at__isnull=True)
        return Response(Segments(items=[_segment(segment) for segment in segments]))

    @described("add_segment", tag="dictionaries", body=Named, answers={201: SegmentOut}, is_write=True)
    def post(self, request: Request) -> Response:
        """Name a segment; a new one waits for a person to confirm it."""
        segment = dictionaries.resolve_segment(name=self.body(Named).name, at=timezone.now())
        return Response(_segment(segment) if segment else None, status=HTTPStatus.CREATED)


def _source(source: Source) -> SourceOut:
    return SourceOut(
        code=source.code,
        name=source.name,
        is_confirmed=source.is_confirmed,
        aliases=[alias.name for alias in source.aliases.all()],
    )


def _campaign(campaign: Campaign) -> CampaignOut:
    return CampaignOut(code=campaign.code, name=campaign.name, source=campaign.source.code)


def _segment(segment: Segment) -> SegmentOut:
    return SegmentOut(code=segment.code, name=segment.name, is_confirmed=segment.is_confirmed)
