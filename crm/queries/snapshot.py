"""Numbers that stand side by side are of one moment."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
T = TypeVar("T")

_read_here: ContextVar[dict[Hashable, Any] | None] = ContextVar("read_here", default=None)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let all that is asked inside see the database as it is at one moment, whoever writes meanwhile.

    Nothing can be written inside. SQLite has no such reading beside writers; there what is asked once inside stays.
    """
    token = _read_here.set({})
    try:
        if connection.vendor != "postgresql" or connection.in_atomic_block:
            yield
            return
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        _read_here.reset(token)


@contextmanager
def planned_for_its_values() -> Iterator[None]:
    """Have PostgreSQL plan each statement inside for the very values it is asked with.

    Statements that come again are prepared, and from the tenth time on planned for no value in particular. For counting
    the leads of some days that plan may read every fact there is: minutes instead of half a second. So may a plan that
    takes a look into the middle of a table for four times as dear as the next page, as it was on disks that turn.
    """
    if connection.vendor != "postgresql":
        yield
        return
    if is_one_snapshot() and connection.in_atomic_block:
        once(_plan, mode="force_custom_plan", look="1.1")  # to the end of the snapshot
        yield
        return
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _plan(mode="force_custom_plan", look="1.1")
        yield
        _plan(mode="DEFAULT", look="DEFAULT")


def _plan(*, mode: str, look: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}; SET LOCAL random_page_cost = {look}")


def is_one_snapshot() -> bool:
    """Tell whether what is asked now is of one moment."""
    return _read_here.get() is not None


def once(read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Read something but once within a snapshot, for it cannot have changed; outside of one, each time."""
    known = _read_here.get()
    if known is None:
        return read(*args, **kwargs)
    key = (read, args, tuple(kwargs.items()))
    if key not in known:
        known[key] = read(*args, **kwargs)
    answer: T = known[key]
    return answer
