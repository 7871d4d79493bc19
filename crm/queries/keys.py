"""Keys, as they are looked up and listed."""

from datetime import datetime

from django.db.models import QuerySet

from crm.models import ApiKey
from crm.rules.tokens import is_token, token_id_of


def key_of(*, token: str, at: datetime) -> ApiKey | None:
    """Find the key in force that a token opens; asked anew for each request, so that a revoked one fails at once."""
    token_id = token_id_of(token=token)
    key = ApiKey.objects.filter(token_id=token_id).first() if token_id else None
    if key is None or not is_token(token=token, digest=key.digest) or not key.is_in_force(at=at):
        return None
    return key


def keys() -> QuerySet[ApiKey]:
    """List every key, the newest first."""
    return ApiKey.objects.select_related("created_by", "revoked_by", "replaces")
