"""What every expected refusal derives from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class DomainError(Exception):
    """A refusal the person can understand and act upon.

    Pages turn it into a form error, the API into a problem document, a file row into a row error.
    """

    def __init__(self, code: str, message: str | _StrPromise, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)
