"""Readings of the past, answered from what was counted before: as of an instant that has passed nothing changes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar, get_type_hints

import msgspec

from crm.models import Agreements
from crm.queries.snapshot import once
from insights.models import KeptAnswer
from insights.queries.basis import WAY_OF_COUNTING
from insights.rules.slice import Slice
from leads.models import ImportBatch

P = ParamSpec("P")
T = TypeVar("T")

_gathered: ContextVar[dict[str, str] | None] = ContextVar("gathered", default=None)


def answer(read: Callable[P, T], /, *args: P.args, **question: P.kwargs) -> T:
    """Answer as `read` does, from what is kept of the past if it is; within one snapshot but once.

    The question is a slice and what else the reading is asked. Its answer must be counts: values that can be written
    and read back by the type it promises, without words in anybody's language.
    """
    reading: Callable[..., T] = _answer
    return once(reading, read, *args, **question)


@contextmanager
def gathered() -> Iterator[dict[str, str]]:
    """Gather the answers that were not kept yet, by key, for whoever keeps them."""
    found: dict[str, str] = {}
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)


def key_of(name: str, *, slice: Slice, **more: object) -> str:
    """Digest a question. How leads are counted, what is agreed on and which imports were undone are a part of it."""
    told = [
        WAY_OF_COUNTING,
        name,
        slice.to_query(),
        sorted((name, str(value)) for name, value in more.items()),
        *once(_rewritten),
    ]
    return sha256(json.dumps(told).encode()).hexdigest()


def _answer(read: Callable[..., T], /, **question: Any) -> T:
    slice: Slice = question["slice"]
    if slice.as_of is None:
        return read(**question)
    asked = {name: value for name, value in question.items() if name not in ("slice", "at")}
    key = key_of(f"{read.__module__}.{read.__qualname__}", slice=slice, **asked)
    kept = KeptAnswer.objects.filter(key=key).values_list("answer", flat=True).first()
    if kept is not None:
        try:
            known: T = msgspec.json.decode(kept, type=_promised(read))
        except msgspec.DecodeError:
            pass  # kept by a version of this program whose answers had another shape
        else:
            return known
    found = read(**question)
    waiting = _gathered.get()
    if waiting is not None:
        waiting[key] = msgspec.json.encode(found).decode()
    return found


@lru_cache(maxsize=64)
def _promised(read: Callable[..., object]) -> Any:
    return get_type_hints(read)["return"]


def _rewritten() -> tuple[str, int]:
    agreed = Agreements.objects.values_list("stamp", flat=True).first()
    return str(agreed), ImportBatch.objects.filter(undone_at__isnull=False).count()
