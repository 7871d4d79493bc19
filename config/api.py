"""The API, assembled from the apps; everything under `/api/v1/`."""

from django.urls import path

from insights.api.metrics import MetricView

app_name = "api"

urlpatterns = [
    path("metrics/<slug:code>", MetricView.as_view(), name="metric"),
]
