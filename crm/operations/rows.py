"""New rows of several kinds, gathered and written together: by one statement on PostgreSQL, kind by kind elsewhere."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import BinaryField, Model

M = TypeVar("M", bound=Model)
Kind = type[Model]

DRAWN_AT_ONCE = 100
DEADLOCK = "40P01"  # PostgreSQL's SQLSTATE


class Rows:
    """Rows that wait to be written. A row is added after those it refers to.

    Nobody sees them before `write`, also not this process: what is asked of the database meanwhile does not know them.
    """

    def __init__(self) -> None:
        self._waiting: dict[Kind, list[Model]] = {}
        self._waits: set[Model] = set()
        self._afterwards: dict[Callable[..., None], dict[str, Any]] = {}

    def name(self, row: M) -> M:
        """Add a row that others refer to: it has its id at once."""
        row.pk = _next_id(type(row))
        self._waits.add(row)
        return self.add(row)

    def add(self, row: M) -> M:
        """Add a row; it is not told its id."""
        row._state.adding = False
        row._state.db = connection.alias
        self._waiting.setdefault(type(row), []).append(row)
        return row

    def after_writing(self, act: Callable[..., None], **told: Any) -> None:
        """Have something done once when the rows are written, however many ask for it."""
        self._afterwards[act] = told

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

    def write(self) -> None:
        """Write everything; raises an IntegrityError when somebody was faster, and then nothing is written."""
        waiting = {kind: rows for kind, rows in self._waiting.items() if rows}
        afterwards = dict(self._afterwards)
        self.clear()
        if not waiting:
            return
        if connection.vendor == "postgresql":
            _write_by_one_statement(waiting)
        else:
            _write_kind_by_kind(waiting)
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


def _next_id(kind: Kind) -> int:
    """Draw an id as the database itself would."""
    if connection.vendor != "postgresql":
        return _next_of_sqlite(kind)
    with _drawing:
        drawn = _drawn.setdefault(kind, deque())
        if not drawn:
            drawn.extend(_draw(kind))
        return drawn.popleft()


# Ids of PostgreSQL's sequences, which no rollback takes back: a process draws many at once and need not ask each time.
# They grow within one piece of work; of two processes they do not tell who was first.
_drawn: dict[Kind, deque[int]] = {}
_drawing = threading.Lock()
os.register_at_fork(after_in_child=_drawn.clear)  # two processes must not use the same


def _draw(kind: Kind) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{kind._meta.db_table}"', _pk_column(kind), DRAWN_AT_ONCE],
        )
        return [number for (number,) in cursor.fetchall()]


def _next_of_sqlite(kind: Kind) -> int:
    table = kind._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = %s", [table])
        if cursor.rowcount == 0:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 1)", [table])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        return int(cursor.fetchone()[0])


def _write_by_one_statement(waiting: Mapping[Kind, Sequence[Model]]) -> None:
    """Send each kind's rows as one JSON text and let the database type them by its own table."""
    # Rows of one kind either all have ids or none has: which, the first one tells.
    inserts = [_insert(kind, rows[0].pk is not None) for kind, rows in waiting.items()]
    *others, last = inserts
    words = ", ".join(f"written_{number} AS ({insert})" for number, insert in enumerate(others))
    told = [_as_json(kind, rows) for kind, rows in waiting.items()]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {words} {last}" if words else last, told)


@cache
def _insert(kind: Kind, has_ids: bool) -> str:
    table = connection.ops.quote_name(kind._meta.db_table)
    unnamed = set() if has_ids else {_pk_column(kind)}
    columns = ", ".join(connection.ops.quote_name(column) for column in _told(kind) if column not in unnamed)
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608  the names are the models' own


def _as_json(kind: Kind, rows: Sequence[Model]) -> str:
    told = _told(kind)
    return msgspec.json.encode(
        [{column: value(row) for column, value in told.items()} for row in rows], enc_hook=_plain
    ).decode()


@cache
def _told(kind: Kind) -> dict[str, Callable[[Model], object]]:
    """Tell for each column how its value is read off a row."""
    return {
        str(field.column): _hexadecimal(field.attname) if isinstance(field, BinaryField) else attrgetter(field.attname)
        for field in kind._meta.concrete_fields
    }


def _hexadecimal(name: str) -> Callable[[Model], object]:
    """Read bytes as PostgreSQL takes them in a text."""

    def read(row: Model) -> str | None:
        value = getattr(row, name)
        return None if value is None else f"\\x{bytes(value).hex()}"

    return read


def _plain(value: Any) -> str:
    return str(value)  # a translated text


def _pk_column(kind: Kind) -> str:
    return str(kind._meta.pk.column)


def _write_kind_by_kind(waiting: Mapping[Kind, Sequence[Model]]) -> None:
    for kind, rows in waiting.items():
        kind._default_manager.bulk_create(rows)
