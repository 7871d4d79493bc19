"""Addresses of leads and their dictionaries under `/api/v1/`."""

from django.urls import path

from leads.api.batch import BatchEndpoint
from leads.api.dictionaries import CampaignsEndpoint, SegmentsEndpoint, SourcesEndpoint
from leads.api.facts import AssessmentsEndpoint, SalesEndpoint, TouchesEndpoint, TransitionsEndpoint
from leads.api.leads import LeadByExternalIdEndpoint, LeadEndpoint, LeadsEndpoint

urlpatterns = [
    path("leads", LeadsEndpoint.as_view(), name="leads"),
    path("leads/batch", BatchEndpoint.as_view(), name="leads_batch"),
    path(
        "leads/by-external/<str:source>/<path:external_id>",
        LeadByExternalIdEndpoint.as_view(),
        name="lead_by_external_id",
    ),
    path("leads/<str:code>", LeadEndpoint.as_view(), name="lead"),
    path("leads/<str:code>/assessments", AssessmentsEndpoint.as_view(), name="assessments"),
    path("leads/<str:code>/transitions", TransitionsEndpoint.as_view(), name="transitions"),
    path("leads/<str:code>/touches", TouchesEndpoint.as_view(), name="touches"),
    path("leads/<str:code>/sales", SalesEndpoint.as_view(), name="sales"),
    path("sources", SourcesEndpoint.as_view(), name="sources"),
    path("campaigns", CampaignsEndpoint.as_view(), name="campaigns"),
    path("segments", SegmentsEndpoint.as_view(), name="segments"),
]
