"""What a hook brings and what a profile makes of it: the words every profile speaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from leads.intake.row import IntakeRow

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Names of headers that are kept with the body, for the proofs of origin rest on them.
KEPT_HEADERS = ("x-hub-signature-256",)
# An id derived from what was sent. Somebody may send the very same words again next month, so such an id is good for
# telling a repeated delivery and not for ever: the operation that receives the row adds the day.
DIGEST = "digest:"


class HookRefused(DomainError):
    """A payload no lead can be made of. Says what a person can do about it."""

    def __init__(self, code: str, message: str | _StrPromise) -> None:
        super().__init__(code, message)


class ProofIsWrong(HookRefused):
    """A payload whose signature or secret is not the one agreed on."""

    def __init__(self, what: str) -> None:
        message = format_lazy(
            _(
                "The proof of origin ({what}) does not fit the secret kept here: correct the secret and process this "
                "again, or somebody else has sent it."
            ),
            what=what,
        )
        super().__init__("wrong_proof", message)


class NobodyAsks(HookRefused):
    """A payload in which nobody and nothing is found."""

    def __init__(self, names: Collection[str]) -> None:
        message = format_lazy(
            _(
                "No name, phone, e-mail, company or message was found. Fields that came: {names}. "
                "Say in the field map which of them is which, then process this again."
            ),
            names=", ".join(list(names)[:30]) or "—",
        )
        super().__init__("nobody_asks", message)


class SourceIsNotOfThisKey(HookRefused):
    """A payload that names a source its key is not for."""

    def __init__(self, source: str) -> None:
        message = format_lazy(
            _("The key is not for the source “{source}”: use another key, or take the source out of the field map."),
            source=source or "—",
        )
        super().__init__("source_not_of_key", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A request as it came. Headers are named in small letters; of the query each name keeps its first value."""

    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What an administrator has said of a profile: the map (our field → path), the secrets, the company's zone."""

    field_map: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    zone: dt.tzinfo = dt.UTC

    def secret(self, name: str) -> bytes:
        """Return a secret as bytes, empty when none is kept."""
        return self.secrets.get(name, "").encode()


@dataclass(frozen=True, slots=True)
class Handshake:
    """A question about the address itself, and the text its sender waits for."""

    answer: str


@dataclass(frozen=True, slots=True)
class TestPayload:
    """The sender tries the connection; no lead is meant."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Only ids came: what they stand for has to be fetched and sent to the same address."""

    ids: tuple[str, ...]
    where: str | _StrPromise


@dataclass(frozen=True, slots=True)
class Deal:
    """One request, and how its deal ended at the sender's, if it has."""

    row: IntakeRow
    is_lost: bool = False
    won_amount: Decimal | None = None


Translated = tuple[Deal, ...] | Handshake | TestPayload | Pending


def sourced(*, row: IntakeRow, bound: Collection[str], default: str) -> IntakeRow:
    """Settle the source of a row: the payload's own word, else the one of the key, else UTM, else the profile's.

    A key bound to one source needs no word; one bound to several takes only those.
    """
    told = row.source
    if not told and len(bound) == 1:
        return replace(row, source=next(iter(bound)))
    return replace(row, source=told or row.utm.get("utm_source", "") or default)


def with_campaign(*, row: IntakeRow) -> IntakeRow:
    """Give a row that names no campaign the one of its UTM."""
    return row if row.campaign else replace(row, campaign=row.utm.get("utm_campaign", ""))
