"""The five roles of a company."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    ADMIN = "admin"
    HEAD = "head"
    MANAGER = "manager"
    MARKETER = "marketer"
    EXECUTIVE = "executive"


IN_TEAMS = (Role.HEAD, Role.MANAGER)
"""Whose leads a team holds together: of a manager without one no head sees the leads."""

ROLE_LABELS = {
    Role.ADMIN: _("Administrator"),
    Role.HEAD: _("Head of sales"),
    Role.MANAGER: _("Sales manager"),
    Role.MARKETER: _("Marketer"),
    Role.EXECUTIVE: _("Executive"),
}
