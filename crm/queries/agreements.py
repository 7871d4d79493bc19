"""What a process remembers of settings, rules, names and keys, as long as none of them changes."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection

from crm.models import Agreements

P = ParamSpec("P")
T = TypeVar("T")

MOST_REMEMBERED = 20_000


class Memory:
    """Answers read under one state of the agreements. Whoever is given one changes nothing of it."""

    def __init__(self, stamp: UUID | str | None) -> None:
        self.stamp = stamp
        self._read: dict[Hashable, Any] = {}

    def once(self, read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Read something, or remember what was read.

        Inside a transaction nothing is remembered that was not known before: it may be taken back. Nor is None:
        what was not found may be made in a moment.
        """
        key = (read, args, tuple(kwargs.items()))
        if key in self._read:
            known: T = self._read[key]
            return known
        answer = read(*args, **kwargs)
        if answer is not None and not connection.in_atomic_block and len(self._read) < MOST_REMEMBERED:
            self._read[key] = answer
        return answer


_last = Memory(None)
_at_hand: ContextVar[list[Memory] | None] = ContextVar("at_hand", default=None)


def memory() -> Memory:
    """Return what is remembered under the agreements now in force; asked for each piece of work anew."""
    global _last
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT stamp FROM {Agreements._meta.db_table}")  # noqa: S608
        found = cursor.fetchone()
    if found is None:
        return Memory(None)  # nothing was ever agreed on, or nobody said so
    if _last.stamp != found[0]:
        _last = Memory(found[0])
    return _last


@contextmanager
def asked_once() -> Iterator[None]:
    """Ask but once which agreements are in force while this lasts: what answers one request is of one state."""
    token = _at_hand.set([])
    try:
        yield
    finally:
        _at_hand.reset(token)


def remembered() -> Memory:
    """Return what is remembered within `asked_once`, the same until it is changed right here; outside nothing is."""
    at_hand = _at_hand.get()
    if at_hand is None:
        return Memory(None)
    if not at_hand:
        at_hand.append(memory())
    return at_hand[0]


def ask_anew() -> None:
    """Have `remembered` ask again: what is agreed on was changed right here."""
    if at_hand := _at_hand.get():
        at_hand.clear()
