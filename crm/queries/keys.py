"""Keys, as they are looked up and listed."""

from datetime import datetime

from django.db.models import QuerySet

from crm.models import ApiKey
from crm.queries.agreements import Memory
from crm.rules.tokens import is_token, token_id_of


def key_of(*, token: str, at: datetime, memory: Memory) -> ApiKey | None:
    """Find the key in force that a token opens, by what is agreed on now: so a revoked one fails at once."""
    token_id = token_id_of(token=token)
    key = memory.once(_key_named, token_id=token_id) if token_id else None
    if key is None or not is_token(token=token, digest=key.digest) or not key.is_in_force(at=at):
        return None
    return key


def _key_named(*, token_id: str) -> ApiKey | None:
    return ApiKey.objects.filter(token_id=token_id).first()


def keys() -> QuerySet[ApiKey]:
    """List every key, the newest first."""
    return ApiKey.objects.select_related("created_by", "revoked_by", "replaces")
