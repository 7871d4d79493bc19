"""Tokens of invitations: derived from the installation's secret key, so that nothing stores them."""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

DIGEST_BYTES = 24


def invitation_token(*, number: UUID, key: str) -> str:
    """Derive the token of an invitation: its number, and what only the holder of the key can know of it."""
    digest = hmac.new(key.encode(), b"an invitation" + number.bytes, hashlib.sha256).digest()[:DIGEST_BYTES]
    return f"{number.hex}-{base64.urlsafe_b64encode(digest).decode()}"


def number_of(*, token: str, key: str) -> UUID | None:
    """Read the number out of a token, compared in constant time; None when this is no token of ours."""
    try:
        number = UUID(hex=token.partition("-")[0])
    except ValueError:
        return None
    return number if secrets.compare_digest(token.encode(), invitation_token(number=number, key=key).encode()) else None
