"""Tokens of keys: `rz_<8 characters to know it by>_<secret>`."""

import hashlib
import re
import secrets
from dataclasses import dataclass

PREFIX = "rz_"
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that reads like something else
TOKEN = re.compile(r"^rz_([a-z0-9]{8})_([A-Za-z0-9_-]{43})$")
SECRET_BYTES = 32
WITHIN_A_TEXT = re.compile(r"rz_([a-z0-9]{8})_[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the part of it that may be shown."""

    token_id: str
    text: str


def new_token() -> Token:
    """Draw a token by lot: 256 bits, so its digest needs neither salt nor a slow hash."""
    token_id = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return Token(token_id, f"rz_{token_id}_{secrets.token_urlsafe(SECRET_BYTES)}")


def token_id_of(*, token: str) -> str | None:
    """Read the part by which a token is looked up; None when this is no token of ours."""
    found = TOKEN.match(token)
    return found[1] if found else None


def digest_of(*, token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(*, token: str, digest: str) -> bool:
    """Compare a token with a stored digest in constant time."""
    return secrets.compare_digest(digest_of(token=token), digest)


def masked(*, text: str) -> str:
    """Leave of every token in a text the part that may be shown: for log lines, where addresses are written."""
    return WITHIN_A_TEXT.sub(r"rz_\1_…", text) if PREFIX in text else text  # most texts have none, and many are asked
