"""What one piece of work needs again and again, read once; and what it writes, gathered."""

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from crm.operations.rows import Rows
from crm.queries.agreements import Memory
from leads.models import Lead
from leads.operations.states import Held, lock

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """The agreements and names at hand while a request, or a few hundred of them, is taken in.

    Each operation sets up a desk of its own unless it is given one. A desk serves one piece of work; one that goes on
    after something was rolled back is cleared, for it may hold what was made there. At a desk that gathers, new rows
    wait until whoever set it up has them written; at any other an operation writes its own at its end. One that
    watches gathers too, and locks no lead: when its rows are written, it is told that somebody was faster.
    """

    def __init__(self, *, memory: Memory | None = None, gathers: bool = False, watches: bool = False) -> None:
        self.rows = Rows()
        self._memory = memory
        self._gathers = gathers or watches
        self._watches = watches
        self._read: dict[Hashable, Any] = {}
        self._newborns: dict[int, Held] = {}

    def once(self, read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Read something, or remember what was read; not that nothing was found."""
        key = (read, args, tuple(kwargs.items()))
        if key not in self._read:
            answer = self._memory.once(read, *args, **kwargs) if self._memory else read(*args, **kwargs)
            if answer is None:
                return answer
            self._read[key] = answer
        known: T = self._read[key]
        return known

    def clear(self) -> None:
        """Forget everything, also what was not written yet."""
        self._read.clear()
        self._newborns.clear()
        self.rows.clear()

    def newborn(self, lead: Lead) -> Held:
        """Hold a lead made in this very work: nobody else sees it, and it has no facts but those to come."""
        self._newborns[lead.pk] = Held(lead, rows=self.rows, is_new=True)
        return self._newborns[lead.pk]

    def hold(self, lead: Lead) -> Held:
        """Hold a lead until the transaction ends: one just made as it is, any other as it is read under lock.

        A desk that watches takes it as it was read.
        """
        if self._watches:
            return Held(lead, rows=self.rows, is_watched=True)
        return self._newborns.get(lead.pk) or Held(lock(lead=lead), rows=self.rows)

    def work(self) -> AbstractContextManager[object]:
        """Keep together what an operation does: in a transaction, unless nothing is written before the end."""
        return nullcontext() if self._watches else transaction.atomic()

    def done(self) -> None:
        """End an operation: what it has added is written, unless it is gathered here."""
        if not self._gathers:
            self.rows.write()
