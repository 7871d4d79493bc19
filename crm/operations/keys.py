"""Keys of integrations: made, replaced with an overlap, taken back. The token is told once and stored nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import ApiKey, User
from crm.operations import agreements
from crm.operations.rights import require_administrator
from crm.rules.errors import DomainError
from crm.rules.scopes import read_scopes
from crm.rules.tokens import digest_of, new_token

LONGEST_NAME = 100
OVERLAP = timedelta(days=7)
USE_IS_WRITTEN_EVERY = timedelta(minutes=1)


class KeyNeedsAName(DomainError):
    """A key nobody could tell from the others."""

    def __init__(self) -> None:
        super().__init__("name_required", _("Name the integration this key is for, in at most 100 letters."), "name")


class KeyExpiresInThePast(DomainError):
    """A key that would never have been in force."""

    def __init__(self) -> None:
        super().__init__("expires_in_the_past", _("This time has passed: choose one to come."), "expires_at")


class KeyIsNotInForce(DomainError):
    """Replacing a key that opens nothing any more."""

    def __init__(self) -> None:
        super().__init__("key_not_in_force", _("This key is revoked or has expired: make a new one."))


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key, and the token to be copied now."""

    key: ApiKey
    token: str


@transaction.atomic
def issue(
    *,
    name: str,
    scopes: Iterable[str],
    by: User | None,
    at: datetime,
    sources: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> Issued:
    """Make a key for an integration; `sources` are codes of the only sources it may push to and read."""
    require_administrator(by=by)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise KeyNeedsAName
    if expires_at is not None and expires_at <= at:
        raise KeyExpiresInThePast
    return _issue(
        ApiKey(
            name=name,
            scopes=list(read_scopes(told=scopes)),
            sources=sorted(set(sources)),
            expires_at=expires_at,
            created_by=by,
            created_at=at,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def rotate(*, key: ApiKey, by: User | None, at: datetime, overlap: timedelta = OVERLAP) -> Issued:
    """Make a key that may do the same; the old one stays in force for the overlap, so that nothing stops meanwhile."""
    require_administrator(by=by)
    old = ApiKey.objects.select_for_update().get(pk=key.pk)
    if not old.is_in_force(at=at):
        raise KeyIsNotInForce
    fresh = ApiKey(
        name=old.name,
        scopes=old.scopes,
        sources=old.sources,
        expires_at=old.expires_at,
        replaces=old,
        created_by=by,
        created_at=at,
    )
    issued = _issue(fresh, by=by, at=at)
    ends_at = at + overlap
    old.expires_at = min(old.expires_at, ends_at) if old.expires_at else ends_at
    old.save(update_fields=["expires_at"])
    return issued


@transaction.atomic
def revoke(*, key: ApiKey, by: User | None, at: datetime) -> ApiKey:
    """Take a key back: the next request with it is refused."""
    require_administrator(by=by)
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by = at, by
        key.save(update_fields=["revoked_at", "revoked_by"])
        agreements.record(action="key.revoke", obj=key, by=by, at=at, changes={"token_id": key.token_id})
    return key


@transaction.atomic
def follow_source(*, old: str, new: str) -> int:
    """Let keys bound to a source go on under the one it was joined to; returns how many did."""
    # Keys are few, and SQLite cannot look into a list.
    bound = [key for key in ApiKey.objects.select_for_update() if old in key.sources]
    for key in bound:
        key.sources = sorted({new if code == old else code for code in key.sources})
        key.save(update_fields=["sources"])
    return len(bound)


def note_use(*, key: ApiKey, at: datetime) -> None:
    """Remember that a key is in use, without a write for every request."""
    if key.last_used_at is not None and at - key.last_used_at < USE_IS_WRITTEN_EVERY:
        return
    unwritten = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - USE_IS_WRITTEN_EVERY)
    ApiKey.objects.filter(unwritten, pk=key.pk).update(last_used_at=at)
    key.last_used_at = at  # the key may be remembered


def _issue(key: ApiKey, *, by: User | None, at: datetime) -> Issued:
    token = new_token()
    key.token_id, key.digest = token.token_id, digest_of(token=token.text)
    key.save(force_insert=True)
    changes = {"token_id": key.token_id, "scopes": key.scopes, "sources": key.sources}
    agreements.record(action="key.issue", obj=key, by=by, at=at, changes=changes)
    return Issued(key, token.text)
