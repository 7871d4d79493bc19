"""Codes of the second step of signing in: which of an authenticator's is right now, and how recovery codes look."""

import hashlib
import secrets
from datetime import datetime

import pyotp

from crm.rules.roles import Role

STEP_SECONDS = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 10
ISSUER = "Razbor"
LEADERS = (Role.ADMIN, Role.HEAD)  # who may be made to sign in in two steps
# Without the letters and digits that are taken for one another on paper.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
# Ten of 31 signs are 49 bits: drawn at random, so one round of SHA-256 is enough, as with the keys of programs.
RECOVERY_LENGTH = 10


def is_demanded(*, role: str, is_required: bool) -> bool:
    """Tell whether a role has to sign in in two steps, as the organisation has agreed."""
    return is_required and Role(role) in LEADERS


def new_secret() -> str:
    """Draw a key for an authenticator, in base32 as authenticators take it."""
    return pyotp.random_base32()


def provisioning_uri(*, secret: str, email: str) -> str:
    """Write the address an authenticator reads from the picture."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(*, secret: str, code: str, at: datetime) -> int | None:
    """Tell of which time step a code is, at most one step away from now; None when of none."""
    code = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = int(at.timestamp()) // STEP_SECONDS
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        # Bytes, because comparing texts refuses whatever is not ASCII.
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def new_recovery_code() -> str:
    """Draw a code that replaces the authenticator once."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH))
    half = RECOVERY_LENGTH // 2
    return f"{signs[:half]}-{signs[half:]}"


def recovery_digest(code: str) -> str:
    """Hash a recovery code whatever the letters' case, spaces and hyphens."""
    bare = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(bare.encode()).hexdigest()
