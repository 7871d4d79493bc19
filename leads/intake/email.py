"""E-mail addresses as people and spreadsheets write them."""

import re

MAXIMUM_LENGTH = 254
LONGEST_LOCAL_PART = 64
SEPARATORS = re.compile(r"[\s,;|/]+")
AROUND = "<>()'\"\u00a0\u200b\ufeff"
LOCAL_PART = re.compile(r"^[^\s@<>()\[\]\\,;:\"]+$")
LABEL = re.compile(r"^(?!-)[\w-]{1,63}(?<!-)$")


def normalise(text: str) -> str:
    """Write an address in one form, or give an empty text when it is not one. Of several the first good is taken."""
    addresses, _is_understood = read_all(text)
    return addresses[0] if addresses else ""


def read_all(text: str) -> tuple[list[str], bool]:
    """Write every address of a cell in one form, each once, and tell whether nothing with an “@” was left unread."""
    parts = [part.strip(AROUND).removeprefix("mailto:") for part in SEPARATORS.split(text)]
    read = [(part, _one(part)) for part in parts]
    addresses = list(dict.fromkeys(address for _part, address in read if address))
    return addresses, bool(addresses) and all(address or "@" not in part for part, address in read)


def _one(text: str) -> str:
    """Write an address in lower case with its domain in letters, so that “пример.рф” and its xn-- form are one."""
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
