"""What each role may do, as the table of grants says."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.rules.permissions import Permission, Reach, reach
from crm.rules.rights_in_words import PERMISSION_LABELS, REACH_LABELS
from crm.rules.roles import Role


@dataclass(frozen=True, slots=True)
class Right:
    """One right: what it is, and how far it goes for each role in turn; `is_none` marks who does not have it."""

    permission: Permission
    label: str
    reaches: Sequence[tuple[str, bool]]


def rights() -> list[Right]:
    """List every right with its reach for every role, in the order roles are declared."""
    return [
        Right(permission, str(PERMISSION_LABELS[permission]), [_told(role, permission) for role in Role])
        for permission in Permission
    ]


def _told(role: Role, permission: Permission) -> tuple[str, bool]:
    granted = reach(role, permission)
    return str(REACH_LABELS[granted]), granted is Reach.NONE
