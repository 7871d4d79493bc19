"""The company around the lead: people, settings, what was done, what is still to be done."""

from crm.models.audit_event import AuditEvent
from crm.models.outbox import OutboxMessage
from crm.models.settings import OrganisationSettings
from crm.models.user import Team, User

__all__ = ["AuditEvent", "OrganisationSettings", "OutboxMessage", "Team", "User"]
