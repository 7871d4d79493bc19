"""Every address of Razbor."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from config import docs, health
from insights import urls as insights_urls
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
    path("kanban/", include(leads_urls.kanban_urls)),
    path("rules/", include("funnels.urls")),
    path("rules/", include(leads_urls.retiring_urls)),
    path("import/", include(leads_urls.import_urls)),
    path("queue/", include(leads_urls.queue_urls)),
    path("settings/keys/", include(leads_urls.key_urls)),
    path("settings/assignment/", include(leads_urls.assignment_urls)),
    path("settings/forms/", include(leads_urls.form_settings_urls)),
    path("settings/", include(leads_urls.dictionary_urls)),
    path("start/", include(leads_urls.first_run_urls)),
    path("forms/", include(leads_urls.public_form_urls)),
    path("", include(leads_urls.hook_urls)),
    path("day/", include(insights_urls.day_urls)),
    path("", include("insights.urls")),
]

handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.failed"
