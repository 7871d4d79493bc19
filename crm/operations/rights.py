"""Whether whoever acts may: asked by the operation itself, whichever page, program or command calls it."""

from crm.models import User
from crm.rules.permissions import NotAllowed, Permission, is_granted


def require(*, by: User | None, permission: Permission) -> None:
    """Refuse whoever does not have a permission; None is the system itself."""
    if by is not None and not is_granted(by.role, permission):
        raise NotAllowed


def require_administrator(*, by: User | None) -> None:
    """Refuse whoever may not administer; None is the system itself."""
    require(by=by, permission=Permission.ADMINISTER)
