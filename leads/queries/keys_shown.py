"""Keys of integrations as their page tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from crm.models import ApiKey
from crm.queries.keys import keys
from crm.rules.scopes import SCOPE_LABELS, Scope
from leads.models import Source

State = Literal["in_force", "replaced", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key with everything about it that may be told."""

    pk: int
    name: str
    token_id: str
    scopes: Sequence[Any]
    sources: Sequence[str]
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    state: State

    @property
    def is_in_force(self) -> bool:
        """Tell whether it opens anything; a replaced one does until it expires."""
        return self.state in ("in_force", "replaced")


def keys_shown(*, at: datetime) -> list[KeyShown]:
    """List every key, the newest first."""
    rows = list(keys().prefetch_related("replaced_by"))
    codes = {code for key in rows for code in key.sources}
    names = dict(Source.objects.filter(code__in=codes).values_list("code", "name"))
    return [key_shown(key=key, names=names, at=at) for key in rows]


def key_shown(*, key: ApiKey, names: dict[str, str], at: datetime) -> KeyShown:
    """Tell of one key; `names` are of its sources, by code."""
    return KeyShown(
        pk=key.pk,
        name=key.name,
        token_id=key.token_id,
        scopes=[SCOPE_LABELS[Scope(scope)] for scope in key.scopes],
        sources=[names.get(code, code) for code in key.sources],
        created_at=key.created_at,
        created_by=key.created_by.name if key.created_by else "",
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        state=_state(key, at=at),
    )


def _state(key: ApiKey, *, at: datetime) -> State:
    if key.revoked_at is not None:
        return "revoked"
    if not key.is_in_force(at=at):
        return "expired"
    return "replaced" if key.replaced_by.all() else "in_force"
