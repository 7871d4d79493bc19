"""UTM marks wherever they travel: in the address of a page, in a query, in a cookie."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

NAMES = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
LONGEST = 500
LONGEST_URL = 8_192
COOKIE_SEPARATOR = "|||"
TILDA_COOKIE = "TILDAUTM"


def from_mapping(told: Mapping[str, object]) -> dict[str, str]:
    """Pick the marks out of named values, whatever the letters' case: `utm_source`, `UTM_SOURCE`, `utmSource`."""
    found: dict[str, str] = {}
    for name, value in told.items():
        mark = _mark(name)
        if mark and isinstance(value, str | int) and not isinstance(value, bool):
            text = _tidy(str(value))
            if text:
                found.setdefault(mark, text)
    return {name: found[name] for name in NAMES if name in found}


def from_url(url: str) -> dict[str, str]:
    """Read the marks of a page's address, also behind its `#`."""
    try:
        parts = urlsplit(url[:LONGEST_URL])
    except ValueError:
        return {}
    told = dict(parse_qsl(parts.fragment.rpartition("?")[2]))
    told.update(parse_qsl(parts.query))
    return from_mapping(told)


def from_cookie(text: str, name: str = TILDA_COOKIE) -> dict[str, str]:
    """Read the marks of a cookie such as `TILDAUTM=utm_source=…|||utm_medium=…`, plain or percent-encoded."""
    for part in text.split(";"):
        key, _equals, value = part.strip().partition("=")
        if key == name:
            pairs = (pair.partition("=") for pair in unquote(value).split(COOKIE_SEPARATOR))
            return from_mapping({key.strip(): unquote(told) for key, _equals, told in pairs})
    return {}


def _mark(name: str) -> str:
    plain = name.replace("_", "").replace("-", "").lower()
    return next((mark for mark in NAMES if mark.replace("_", "") == plain), "")


def _tidy(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
