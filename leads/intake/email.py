"""E-mail addresses as people and spreadsheets write them."""

import re

MAXIMUM_LENGTH = 254
LONGEST_LOCAL_PART = 64
SEPARATORS = re.compile(r"[\s,;|]+")
LOCAL_PART = re.compile(r"^[^\s@<>()\[\]\\,;:\"]+$")
LABEL = re.compile(r"^(?!-)[\w-]{1,63}(?<!-)$")


def normalise(text: str) -> str:
    """Write an address in lower case with its domain in letters, or give an empty text when it is not one.

    Of several addresses in one cell the first good one is taken. An international domain is kept in letters, so
    "пример.рф" and its xn-- form are one address.
    """
    for part in SEPARATORS.split(text):
        address = _one(part.strip("<>()'\"\u00a0\u200b\ufeff").removeprefix("mailto:"))
        if address:
            return address
    return ""


def _one(text: str) -> str:
    local, at, domain = text.lower().rpartition("@")
    if not at or len(text) > MAXIMUM_LENGTH or len(local) > LONGEST_LOCAL_PART or not LOCAL_PART.match(local):
        return ""
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return ""
    domain = _in_letters(domain.rstrip("."))
    labels = domain.split(".")
    if len(labels) < 2 or not all(LABEL.match(label) for label in labels) or labels[-1].isdigit():
        return ""
    return f"{local}@{domain}"


def _in_letters(domain: str) -> str:
    try:
        return domain.encode("idna").decode("idna").lower()
    except UnicodeError:
        return ""
