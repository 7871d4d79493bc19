"""The API, assembled from the apps; everything under `/api/v1/`."""

from django.urls import include, path

from insights.api.metrics import MetricEndpoint

app_name = "api"

urlpatterns = [
    path("", include("crm.api.urls")),
    path("", include("leads.api.urls")),
    path("", include("funnels.api.urls")),
    path("metrics/<slug:code>", MetricEndpoint.as_view(), name="metric"),
]
