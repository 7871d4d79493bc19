"""What a key may do: scopes as integrations name them, each a handful of the permissions people have."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission


class Scope(StrEnum):
    READ_LEADS = "leads:read"
    WRITE_LEADS = "leads:write"
    QUALIFY_LEADS = "leads:qualify"
    READ_METRICS = "metrics:read"
    WRITE_SPEND = "spend:write"
    READ_CONTACTS = "pii:read"


SCOPE_LABELS = {
    Scope.READ_LEADS: _("read leads"),
    Scope.WRITE_LEADS: _("push leads, edit and move them"),
    Scope.QUALIFY_LEADS: _("judge leads and say why they are lost"),
    Scope.READ_METRICS: _("read the numbers of the board"),
    Scope.WRITE_SPEND: _("push spend and plans"),
    Scope.READ_CONTACTS: _("see names, phones and e-mails"),
}

GRANTED: Mapping[Scope, frozenset[Permission]] = {
    Scope.READ_LEADS: frozenset({Permission.READ_LEADS}),
    Scope.WRITE_LEADS: frozenset({Permission.CREATE_LEAD, Permission.EDIT_LEAD}),
    Scope.QUALIFY_LEADS: frozenset({Permission.JUDGE_LEAD}),
    Scope.READ_METRICS: frozenset({Permission.VIEW_BOARD}),
    Scope.WRITE_SPEND: frozenset({Permission.IMPORT_MONEY}),
    Scope.READ_CONTACTS: frozenset({Permission.SEE_CONTACTS}),
}


class UnknownScope(DomainError):
    """A scope that does not exist, or none at all."""

    def __init__(self, *, given: str) -> None:
        message = format_lazy(
            _("“{given}” is not a scope. The scopes are: {known}."), given=given, known=", ".join(Scope)
        )
        super().__init__("unknown_scope", message, "scopes")


def scopes_granting(*, permission: Permission) -> list[Scope]:
    """List the scopes that carry a permission."""
    return [scope for scope, permissions in GRANTED.items() if permission in permissions]


def read_scopes(*, told: Iterable[str]) -> Sequence[Scope]:
    """Read scopes as told, in the order of the enum and each once."""
    given = {text.strip() for text in told if text.strip()}
    unknown = sorted(given - set(Scope))
    if unknown or not given:
        raise UnknownScope(given=", ".join(unknown))
    return [scope for scope in Scope if scope in given]
