"""New rows of several kinds, gathered and written together."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Model

from crm.operations.rows.ids import next_id
from crm.operations.rows.statement import (
    Change,
    Conditions,
    Kind,
    write_by_one_statement,
    write_kind_by_kind,
)

M = TypeVar("M", bound=Model)

DEADLOCK = "40P01"  # PostgreSQL's SQLSTATE


class Rows:
    """Rows that wait to be written. A row is added after those it refers to.

    Nobody sees them before `write`, also not this process: what is asked of the database meanwhile does not know them.
    """

    def __init__(self) -> None:
        self._waiting: dict[Kind, list[Model]] = {}
        self._waits: set[Model] = set()
        self._afterwards: dict[Callable[..., None], dict[str, Any]] = {}
        self._relied: dict[tuple[Kind, str], set[Any]] = {}
        self._change: Change | None = None

    def name(self, row: M) -> M:
        """Add a row that others refer to: it has its id at once."""
        row.pk = next_id(type(row))
        self._waits.add(row)
        return self.add(row)

    def add(self, row: M) -> M:
        """Add a row; it is not told its id."""
        row._state.adding = False
        row._state.db = connection.alias
        self._waiting.setdefault(type(row), []).append(row)
        return row

    def change(self, row: Model, names: Iterable[str]) -> None:
        """Have one row changed with all others written, if it still has the version before this one."""
        told = dict.fromkeys((*(self._change.names if self._change else ()), *names))
        if self._change is not None and self._change.row is not row:
            raise ValueError("One row is changed with the others, not two.")
        self._change = Change(row, tuple(told))

    def after_writing(self, act: Callable[..., None], **told: Any) -> None:
        """Have something done once when the rows are written, however many ask for it."""
        self._afterwards[act] = told

    def rely_on(self, row: Model, *, unless: str) -> None:
        """Write only as long as a column of a row elsewhere is empty; when it no longer is, nothing is written.

        The row is held from that moment on: whoever wants to fill the column waits until these are committed.
        """
        self._relied.setdefault((type(row), unless), set()).add(row.pk)

    def is_waiting(self, row: Model) -> bool:
        """Tell whether a row with an id is still to be written: until then it is changed in place."""
        return row in self._waits

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """Take back what was added inside when something is refused there."""
        before = {kind: len(rows) for kind, rows in self._waiting.items()}
        try:
            yield
        except BaseException:
            for kind, rows in self._waiting.items():
                self._waits.difference_update(row for row in rows[before.get(kind, 0) :] if row.pk is not None)
                del rows[before.get(kind, 0) :]
            raise

    def clear(self) -> None:
        """Forget what waits; ids that were drawn are left out, as by a transaction that is rolled back."""
        self._waiting.clear()
        self._waits.clear()
        self._afterwards.clear()
        self._relied.clear()
        self._change = None

    def write(self) -> None:
        """Write everything; raises an IntegrityError when somebody was faster, and then nothing is written."""
        waiting = {kind: rows for kind, rows in self._waiting.items() if rows}
        afterwards, conditions = dict(self._afterwards), Conditions(self._change, dict(self._relied))
        self.clear()
        if not waiting:
            return
        if connection.vendor == "postgresql":
            write_by_one_statement(waiting, conditions)
        else:
            write_kind_by_kind(waiting, conditions)
        for act, told in afterwards.items():
            act(**told)


@contextmanager
def by_one_statement() -> Iterator[None]:
    """Hold work together whose rows are all written at its end: one statement needs no transaction, several do.

    Two that write the same in another order wait for each other; the one PostgreSQL gives up was overtaken, and is told
    so by an IntegrityError as if it had come a moment later.
    """
    is_alone = connection.vendor == "postgresql" and not connection.in_atomic_block
    try:
        with nullcontext() if is_alone else transaction.atomic():
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == DEADLOCK:
            raise IntegrityError("overtaken crosswise") from error
        raise
