"""Ids drawn before their rows are written."""

import os
import threading
from collections import deque
from collections.abc import Sequence

from django.db import connection

from crm.operations.rows.statement import Kind, pk_column

DRAWN_AT_ONCE = 100


def next_id(kind: Kind) -> int:
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
            [f'"{kind._meta.db_table}"', pk_column(kind), DRAWN_AT_ONCE],
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
