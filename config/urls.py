"""Every address of Razbor."""

from django.urls import include, path

from config import health

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("config.api")),
    path("", include("crm.urls")),
    path("leads/", include("leads.urls")),
    path("", include("insights.urls")),
]

handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.failed"
