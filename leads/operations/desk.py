"""What one piece of work needs again and again, read once."""

from collections.abc import Callable, Hashable
from typing import Any, ParamSpec, TypeVar

from leads.models import Lead
from leads.operations.states import Held, lock

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """The agreements and names at hand while a request, or a few hundred of them, is taken in.

    Each operation sets up a desk of its own unless it is given one. A desk serves inside one transaction and is
    cleared whenever something is rolled back, for it may hold what was made there.
    """

    def __init__(self) -> None:
        self._read: dict[Hashable, Any] = {}
        self._newborn: Held | None = None

    def once(self, read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Read something, or remember what was read."""
        key = (read, args, tuple(kwargs.items()))
        if key not in self._read:
            self._read[key] = read(*args, **kwargs)
        answer: T = self._read[key]
        return answer

    def clear(self) -> None:
        """Forget everything."""
        self._read.clear()
        self._newborn = None

    def newborn(self, lead: Lead) -> Held:
        """Hold a lead made in this very transaction: nobody else sees it, and it has no facts but those to come."""
        self._newborn = Held(lead, is_new=True)
        return self._newborn

    def hold(self, lead: Lead) -> Held:
        """Hold a lead until the transaction ends: the one just made as it is, any other as it is read under lock."""
        if self._newborn is not None and self._newborn.lead.pk == lead.pk:
            return self._newborn
        return Held(lock(lead=lead))
