"""The code by which the person who installs Razbor proves to be that person."""

import base64
import hashlib
import hmac
import secrets

CODE_BYTES = 15  # 120 bits, 24 letters and digits


def setup_code(*, key: str) -> str:
    """Derive the code from the installation's secret key: every process knows it, and nothing stores it."""
    digest = hmac.new(key.encode(), b"the first administrator", hashlib.sha256).digest()
    text = base64.b32encode(digest[:CODE_BYTES]).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def is_setup_code(*, told: str, key: str) -> bool:
    """Compare what somebody types with the code, in constant time; spaces, dashes and case are overlooked."""
    return secrets.compare_digest(_bare(told).encode(), _bare(setup_code(key=key)).encode())


def _bare(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
