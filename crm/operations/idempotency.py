"""Do a write once, however often it is asked for with the same key."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.models import IdempotentAnswer
from crm.operations.rows import Rows, by_one_statement
from crm.rules.errors import DomainError

KEPT_FOR = timedelta(days=7)
LONGEST_KEY = 255


class KeyIsTooLong(DomainError):
    """An idempotency key that could not be found again."""

    def __init__(self) -> None:
        super().__init__(
            "idempotency_key_too_long", _("An idempotency key has 1 to 255 characters."), "Idempotency-Key"
        )


class KeyMeantSomethingElse(DomainError):
    """One idempotency key for two different requests."""

    def __init__(self) -> None:
        message = _("This idempotency key came with another body before. Use a new key for a new request.")
        super().__init__("idempotency_key_reused", message, "Idempotency-Key")


@dataclass(frozen=True, slots=True)
class Asked:
    """A write as it is told from all others: who asks, for what, by which key."""

    caller: str
    method: str
    path: str
    key: str
    body: bytes

    @property
    def fingerprint(self) -> str:
        """Tell bodies apart by what they say, not by how they are spaced."""
        canonical = msgspec.json.encode(msgspec.json.decode(self.body), order="sorted") if self.body else b""
        return hashlib.sha256(canonical).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; `is_replay` when it was answered before."""

    status: int
    body: str
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer, and the rows that make it true as soon as they are written."""

    answer: Answer
    rows: Rows


def once(*, asked: Asked, at: datetime, act: Callable[[], Answer]) -> Answer:
    """Act and keep the answer in one transaction, or say again what was answered.

    Of requests that come at the same instant one acts; the others wait for it, are rolled back and say the same. What
    `act` refuses is not kept: the request may be mended and sent again with its key.
    """
    _check_key(asked)
    if said := _said_before(asked):
        return said
    try:
        with transaction.atomic():
            answer = act()
            answer_row(asked=asked, answer=answer, at=at).save(force_insert=True)
            return answer
    except (IntegrityError, DomainError):
        # A refusal too may only mean that the same request was first: a lead is judged already, by this very judgement.
        if said := _said_before(asked):
            return said
        raise


def first(*, asked: Asked | None, at: datetime, draft: Callable[[], Draft | None]) -> Answer | None:
    """Write a draft and its answer by one statement; None when there is none, or somebody was faster.

    None says nothing about the request yet: it is to be asked for with `once`, or done with care.
    """
    if asked is not None:
        _check_key(asked)
    try:
        with by_one_statement():
            drafted = draft()
            if drafted is None:
                return None
            if asked is not None:
                drafted.rows.add(answer_row(asked=asked, answer=drafted.answer, at=at))
            drafted.rows.write()
            return drafted.answer
    except (IntegrityError, DataError):
        return None


def answer_row(*, asked: Asked, answer: Answer, at: datetime) -> IdempotentAnswer:
    """Make the row by which the answer is said again."""
    return IdempotentAnswer(
        caller=asked.caller,
        method=asked.method,
        path=asked.path,
        key=asked.key,
        fingerprint=asked.fingerprint,
        status=answer.status,
        body=answer.body,
        created_at=at,
    )


def _check_key(asked: Asked) -> None:
    if not 0 < len(asked.key) <= LONGEST_KEY:
        raise KeyIsTooLong


def _said_before(asked: Asked) -> Answer | None:
    known = IdempotentAnswer.objects.filter(
        caller=asked.caller, key=asked.key, method=asked.method, path=asked.path
    ).first()
    if known is None:
        return None
    if known.fingerprint != asked.fingerprint:
        raise KeyMeantSomethingElse
    return Answer(known.status, known.body, is_replay=True)
