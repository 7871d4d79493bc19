"""Every address of Razbor."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from config import docs, health
from leads import urls as leads_urls

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path(
        "api/v1/openapi.json",
        SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="openapi",
    ),
    path("api/docs/", docs.api_docs, name="api_docs"),
    path("api/v1/", include("config.api")),
    path("", include("crm.urls")),
    path("leads/", include("leads.urls")),
    path("settings/keys/", include(leads_urls.key_urls)),
    path("settings/forms/", include(leads_urls.form_settings_urls)),
    path("forms/", include(leads_urls.public_form_urls)),
    path("", include(leads_urls.hook_urls)),
    path("", include("insights.urls")),
]

handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.failed"
