"""Sign what is sent to other systems, as Standard Webhooks says. Secrets are derived, so no dump holds one."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook


def secret_of(*, key: str, endpoint: str, generation: int) -> str:
    """Derive the secret an endpoint verifies by: from the installation's key, so a new key makes new secrets."""
    digest = hmac.new(key.encode(), f"webhook|{endpoint}|{generation}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


def signed_headers(*, message_id: str, body: str, secrets: Iterable[str], at: datetime) -> Mapping[str, str]:
    """Make the headers by which a receiver verifies a message; while secrets overlap it is signed by each."""
    signatures = (Webhook(secret).sign(message_id, at.astimezone(UTC), body) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
