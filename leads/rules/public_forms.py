"""What a public form may ask, when a request through one is suspected, and which sites may show it."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from django.core.signing import BadSignature, Signer
from django.utils.encoding import iri_to_uri
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError

MINIMUM_TIME = timedelta(seconds=2)  # nobody types a phone number faster; a browser that fills it in needs about that
LONGEST_TIME = timedelta(days=2)  # a page left open for longer is more often a script with a stored form
HANDED_BACK, WITHOUT_CONSENT = "form_refused", "consent_required"  # why an attempt was handed back to its visitor
KEY_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
KEY_LENGTH = 16
# A scheme, a host that may begin with a wildcard, perhaps a port; nothing that could end a directive of the policy.
SITE = re.compile(r"^https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$")


class FormField(StrEnum):
    """What may be asked of a visitor, in the order in which it is."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    COMPANY = "company"
    MESSAGE = "message"


class Suspicion(StrEnum):
    """Why a request may come from a program."""

    TRAP = "trap"
    TOO_FAST = "too_fast"
    NO_STAMP = "no_stamp"
    STALE = "stale"


FORM_FIELD_LABELS = {
    FormField.NAME: _("Name"),
    FormField.PHONE: _("Phone"),
    FormField.EMAIL: _("E-mail"),
    FormField.COMPANY: _("Company"),
    FormField.MESSAGE: _("Message"),
}
SUSPICION_LABELS = {
    Suspicion.TRAP: _("a field that people do not see was filled in"),
    Suspicion.TOO_FAST: _("it was filled in faster than anybody types"),
    Suspicion.NO_STAMP: _("it was not sent from the form's own page or script"),
    Suspicion.STALE: _("it was sent days after the form was opened"),
}


class NotASite(DomainError):
    """A site that no page could be on."""

    def __init__(self, *, site: str) -> None:
        message = format_lazy(_("“{site}” is not the address of a site: write https://example.com."), site=site)
        super().__init__("not_a_site", message, "allowed_sites")


class NotASafePage(DomainError):
    """Sending visitors to a page without TLS, or to no page at all."""

    def __init__(self) -> None:
        message = _("This is not the address of a page: write https://example.com/thanks.")
        super().__init__("thanks_page_not_safe", message, "thanks_url")


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a form was opened, and a number of that one opening."""

    at: datetime
    number: str


def new_key() -> str:
    """Draw a form's public key by lot: it opens nothing, but forms shall not be found by counting."""
    return "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))


def new_stamp(*, form_key: str, at: datetime) -> str:
    """Sign the time at which a form is opened."""
    return _signer(form_key).sign_object({"at": at.timestamp(), "number": secrets.token_hex(8)})


def read_stamp(*, form_key: str, text: str) -> Stamp | None:
    """Read a stamp; None when it is none of this form's."""
    try:
        told = _signer(form_key).unsign_object(text)
    except (BadSignature, ValueError):
        return None
    return Stamp(datetime.fromtimestamp(told["at"], tz=UTC), told["number"])


def suspicion_of(*, trap: str, stamp: Stamp | None, at: datetime) -> Suspicion | None:
    """Tell why a request may come from a program; None when it looks like a person's."""
    if trap:
        return Suspicion.TRAP
    if stamp is None:
        return Suspicion.NO_STAMP
    if at - stamp.at < MINIMUM_TIME:
        return Suspicion.TOO_FAST
    return Suspicion.STALE if at - stamp.at > LONGEST_TIME else None


def read_sites(*, told: Sequence[str]) -> list[str]:
    """Read the sites that may show a form: `example.com` is meant as https, a path is left out, each is once."""
    sites: dict[str, None] = {}
    for line in told:
        text = line.strip().lower()
        if not text:
            continue
        try:
            parts = urlsplit(text if "://" in text else f"https://{text}")
        except ValueError:
            raise NotASite(site=line.strip()) from None
        site = f"{parts.scheme}://{_host(parts.netloc)}"
        if not SITE.match(site):
            raise NotASite(site=line.strip())
        sites[site] = None
    return list(sites)


def read_page(*, told: str) -> str:
    """Read the address of a page to go to, in ASCII; it must be safe to send a visitor there."""
    text = told.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise NotASafePage from None
    host = _host(parts.netloc.lower())
    if parts.scheme.lower() != "https" or not SITE.match(f"https://{host}") or "*" in host:
        raise NotASafePage
    return iri_to_uri(urlunsplit(("https", host, *parts[2:])))


def _host(host: str) -> str:
    """Write a host as browsers compare it: Cyrillic domains in their ASCII form."""
    try:
        return host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return host


def _signer(form_key: str) -> Signer:
    return Signer(salt=f"leads.public_form.{form_key}")
