"""Enums of the rules as choices of a form or a column."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

E = TypeVar("E", bound=StrEnum)


def choices(enum: type[E], labels: Mapping[E, _StrPromise]) -> list[tuple[str, _StrPromise]]:
    """List every member with its label; a member without a label is an error at import, not a blank line."""
    return [(member.value, labels[member]) for member in enum]
