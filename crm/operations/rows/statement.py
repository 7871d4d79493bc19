"""How gathered rows reach the database: all by one statement on PostgreSQL, kind by kind elsewhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from django.db import IntegrityError, connection
from django.db.models import BinaryField, Model

Kind = type[Model]
Told = Callable[[Model], object]
Waiting = Mapping[Kind, Sequence[Model]]


class Overtaken(IntegrityError):
    """What the rows were made by looking at was changed, or put out of use, by somebody else meanwhile."""


@dataclass(frozen=True, slots=True)
class Change:
    """New values of one row, made by looking at the version before the one it has now."""

    row: Model
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to be so, or nothing is written: one row unchanged, and columns of other rows still empty."""

    change: Change | None = None
    relied: Mapping[tuple[Kind, str], set[Any]] = field(default_factory=dict)

    @property
    def are_any(self) -> bool:
        """Whether anything has to be so."""
        return self.change is not None or bool(self.relied)


def write_by_one_statement(waiting: Waiting, conditions: Conditions) -> None:
    """Send each kind's rows as one JSON text and let the database type them by its own table.

    Whoever waits for a lock sees the newest version then: of the row to be changed, and of those that are relied on.
    """
    change, relied = conditions.change, conditions.relied
    # Rows of one kind either all have ids or none has: which, the first one tells.
    kinds = tuple((kind, rows[0].pk is not None) for kind, rows in waiting.items())
    counts = [len(pks) for pks in relied.values()]
    told: list[Any] = [list(pks) for pks in relied.values()]
    if change is not None:
        told += [_as_json([change.row], _told_of(type(change.row), ("pk", *change.names))), *counts]
    for kind, rows in waiting.items():
        told += [_as_json(rows, _told(kind)), *([] if change else counts)]
    with connection.cursor() as cursor:
        cursor.execute(_statement(kinds, change and (type(change.row), change.names), tuple(relied)), told)
        if conditions.are_any and cursor.rowcount == 0:
            raise Overtaken("overtaken by somebody else")


def write_kind_by_kind(waiting: Waiting, conditions: Conditions) -> None:
    """Write in a transaction that whoever gathered the rows has begun."""
    for (kind, column), pks in conditions.relied.items():
        if kind._default_manager.filter(pk__in=pks, **{f"{column}__isnull": True}).count() != len(pks):
            raise Overtaken("overtaken by somebody else")
    if change := conditions.change:
        values = {name: getattr(change.row, name) for name in change.names}
        read = type(change.row)._default_manager.filter(pk=change.row.pk, version=values["version"] - 1)
        if not read.update(**values):
            raise Overtaken("overtaken by somebody else")
    for kind, rows in waiting.items():
        kind._default_manager.bulk_create(rows)


@cache
def _statement(
    kinds: tuple[tuple[Kind, bool], ...],
    change: tuple[Kind, tuple[str, ...]] | None,
    relied: tuple[tuple[Kind, str], ...],
) -> str:
    words = [f"held_{number} AS MATERIALIZED ({_hold(*one)})" for number, one in enumerate(relied)]
    whole = " AND ".join(f"(SELECT count(*) FROM held_{number}) = %s" for number in range(len(relied)))  # noqa: S608  names of our own
    if change:
        words.append(f"changed AS ({_update(*change, whole)})")
        whole = "EXISTS (SELECT FROM changed)"
    guard = f" WHERE {whole}" if whole else ""
    *others, last = [_insert(kind, has_ids) + guard for kind, has_ids in kinds]
    words += [f"written_{number} AS ({insert})" for number, insert in enumerate(others)]
    return f"WITH {', '.join(words)} {last}" if words else last


def _insert(kind: Kind, has_ids: bool) -> str:
    table = _quoted(kind._meta.db_table)
    unnamed = set() if has_ids else {pk_column(kind)}
    columns = ", ".join(_quoted(column) for column in _told(kind) if column not in unnamed)
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"  # noqa: S608  the names are the models' own


def _update(kind: Kind, names: tuple[str, ...], whole: str) -> str:
    table, pk = _quoted(kind._meta.db_table), _quoted(pk_column(kind))
    values = ", ".join(f"{_quoted(column)} = new.{_quoted(column)}" for column in _told_of(kind, names))
    seen = f"old.{pk} = new.{pk} AND old.version = new.version - 1" + (f" AND {whole}" if whole else "")
    source = f"json_populate_recordset(NULL::{table}, %s) AS new"
    return f"UPDATE {table} AS old SET {values} FROM {source} WHERE {seen} RETURNING 1"  # noqa: S608  as above


def _hold(kind: Kind, column: str) -> str:
    table, pk = _quoted(kind._meta.db_table), _quoted(pk_column(kind))
    (empty,) = map(_quoted, _told_of(kind, (column,)))
    return f"SELECT {pk} FROM {table} WHERE {pk} = ANY(%s) AND {empty} IS NULL ORDER BY {pk} FOR KEY SHARE"  # noqa: S608  as above


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _as_json(rows: Sequence[Model], told: Mapping[str, Told]) -> str:
    return msgspec.json.encode(
        [{column: value(row) for column, value in told.items()} for row in rows], enc_hook=_plain
    ).decode()


@cache
def _told(kind: Kind) -> dict[str, Told]:
    """Tell for each column how its value is read off a row."""
    return _read_off(kind._meta.concrete_fields)


@cache
def _told_of(kind: Kind, names: tuple[str, ...]) -> dict[str, Told]:
    return _read_off(kind._meta.pk if name == "pk" else kind._meta.get_field(name) for name in names)


def _read_off(fields: Iterable[Any]) -> dict[str, Told]:
    return {
        str(field.column): _hexadecimal(field.attname) if isinstance(field, BinaryField) else attrgetter(field.attname)
        for field in fields
    }


def _hexadecimal(name: str) -> Callable[[Model], object]:
    """Read bytes as PostgreSQL takes them in a text."""

    def read(row: Model) -> str | None:
        value = getattr(row, name)
        return None if value is None else f"\\x{bytes(value).hex()}"

    return read


def _plain(value: Any) -> str:
    return str(value)  # a translated text


def pk_column(kind: Kind) -> str:
    """Name the column of a kind's ids."""
    return str(kind._meta.pk.column)
