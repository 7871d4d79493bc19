"""The API, assembled from the apps; everything under `/api/v1/`."""

from django.urls import include, path

from insights.api.metrics import MetricView

app_name = "api"

urlpatterns = [
    path("", include("leads.api.urls")),
    path("", include("funnels.api.urls")),
    path("metrics/<slug:code>", MetricView.as_view(), name="metric"),
]
