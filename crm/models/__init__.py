"""The company around the lead: people, settings, what was done, what is still to be done."""

from crm.models.agreements import Agreements
from crm.models.api_key import ApiKey
from crm.models.audit_event import AuditEvent
from crm.models.event import Event, EventHead
from crm.models.idempotent_answer import IdempotentAnswer
from crm.models.invitation import Invitation
from crm.models.outbox import OutboxMessage
from crm.models.second_factor import RecoveryCode, SecondFactor
from crm.models.settings import OrganisationSettings
from crm.models.user import Team, User
from crm.models.webhook import WebhookAttempt, WebhookDelivery, WebhookEndpoint

Actor = User | ApiKey

__all__ = [
    "Actor",
    "Agreements",
    "ApiKey",
    "AuditEvent",
    "Event",
    "EventHead",
    "IdempotentAnswer",
    "Invitation",
    "OrganisationSettings",
    "OutboxMessage",
    "RecoveryCode",
    "SecondFactor",
    "Team",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
