"""Addresses of events and webhooks under `/api/v1/`."""

from django.urls import path

from crm.api import webhooks
from crm.api.events import EventsEndpoint

urlpatterns = [
    path("events", EventsEndpoint.as_view(), name="events"),
    path("webhooks", webhooks.WebhooksEndpoint.as_view(), name="webhooks"),
    path("webhooks/<str:code>", webhooks.WebhookView.as_view(), name="webhook"),
    path("webhooks/<str:code>/deliveries", webhooks.DeliveriesEndpoint.as_view(), name="webhook_deliveries"),
    path("webhooks/<str:code>/rotate-secret", webhooks.RotateSecretEndpoint.as_view(), name="webhook_rotate"),
    path("webhooks/<str:code>/test", webhooks.TryWebhookEndpoint.as_view(), name="webhook_test"),
    path("webhooks/<str:code>/replay", webhooks.ReplayWebhookEndpoint.as_view(), name="webhook_replay"),
    path("webhooks/deliveries/<str:code>/redeliver", webhooks.RedeliverEndpoint.as_view(), name="webhook_redeliver"),
]
