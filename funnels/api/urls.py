"""Addresses of the rules under `/api/v1/`."""

from django.urls import path

from funnels.api.dictionaries import CriteriaEndpoint, FunnelsEndpoint, LossReasonsEndpoint

urlpatterns = [
    path("funnels", FunnelsEndpoint.as_view(), name="funnels"),
    path("criteria", CriteriaEndpoint.as_view(), name="criteria"),
    path("loss-reasons", LossReasonsEndpoint.as_view(), name="loss_reasons"),
]
