"""The company around the lead: people, settings, what was done, what is still to be done."""

from crm.models.api_key import ApiKey
from crm.models.audit_event import AuditEvent
from crm.models.idempotent_answer import IdempotentAnswer
from crm.models.outbox import OutboxMessage
from crm.models.settings import OrganisationSettings
from crm.models.user import Team, User

Actor = User | ApiKey

__all__ = [
    "Actor",
    "ApiKey",
    "AuditEvent",
    "IdempotentAnswer",
    "OrganisationSettings",
    "OutboxMessage",
    "Team",
    "User",
]
