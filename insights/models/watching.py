"""The database notes by itself of which days the leads have changed.

Whoever writes a lead or a fact about it, an operation, a migration or somebody at the database's own prompt, changes a
number of the board; a trigger misses none of them, in the very transaction, and costs less than a row written by us.
SQLite loses it when a migration makes such a table anew: the migration ends with `watch`, and a test misses it
elsewhere.
"""

from collections.abc import Iterator
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from insights.models.kept import ChangedDay, FilledDay
from leads.models import Assessment, Lead, NextStep, Touch, Transition
from leads.rules.facts import TransitionKind

LEADS, CHANGED, FILLED = (kind._meta.db_table for kind in (Lead, ChangedDay, FilledDay))
FACTS: Final[tuple[tuple[type[Model], str], ...]] = (
    (Touch, ""),
    (NextStep, ""),
    (Assessment, ""),
    (Transition, f"kind <> '{TransitionKind.ARRIVE.value}'"),  # it comes with its lead, which is noted
)
"""What is written beside a lead without always changing its row, and which of it."""
ACTS: Final = {"insert": ("NEW",), "update": ("NEW", "OLD"), "delete": ("OLD",)}
TABLES: Final = {"NEW": "after_it", "OLD": "before_it"}


def watch(*, connection: BaseDatabaseWrapper) -> None:
    """Put the triggers up, and trust nothing that was kept before: nobody knows what has changed meanwhile."""
    with connection.cursor() as cursor:
        for statement in _postgresql() if connection.vendor == "postgresql" else _sqlite():
            cursor.execute(statement)
        cursor.execute(f"DELETE FROM {FILLED}")  # noqa: S608


def _postgresql() -> Iterator[str]:
    for table, which in _watched():
        for act, rows in ACTS.items():
            name = _name(table, act)
            notes = " ".join(f"INSERT INTO {CHANGED} (funnel_id, day) {_days(table, which, row)};" for row in rows)
            given = " ".join(f"{row} TABLE AS {TABLES[row]}" for row in rows)
            yield (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {notes} RETURN NULL; END $$"
            )
            yield (
                f"CREATE OR REPLACE TRIGGER {name} AFTER {act.upper()} ON {table} REFERENCING {given} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )


def _days(table: str, which: str, row: str) -> str:
    if table == LEADS:
        return f"SELECT DISTINCT funnel_id, cohort_day FROM {TABLES[row]}"  # noqa: S608
    condition = f" WHERE fact.{which}" if which else ""
    return (
        f"SELECT DISTINCT lead.funnel_id, lead.cohort_day FROM {TABLES[row]} fact "  # noqa: S608
        f"JOIN {LEADS} lead ON lead.id = fact.lead_id{condition}"
    )


def _sqlite() -> Iterator[str]:
    for table, which in _watched():
        for act, rows in ACTS.items():
            notes = " ".join(_note(table, which, row) for row in rows)
            yield f"CREATE TRIGGER IF NOT EXISTS {_name(table, act)} AFTER {act.upper()} ON {table} BEGIN {notes} END"


def _note(table: str, which: str, row: str) -> str:
    into = f"INSERT INTO {CHANGED} (funnel_id, day)"
    if table == LEADS:
        return f"{into} VALUES ({row}.funnel_id, {row}.cohort_day);"
    condition = f" AND {row}.{which}" if which else ""
    return f"{into} SELECT funnel_id, cohort_day FROM {LEADS} WHERE id = {row}.lead_id{condition};"  # noqa: S608


def _watched() -> Iterator[tuple[str, str]]:
    yield LEADS, ""
    for model, which in FACTS:
        yield model._meta.db_table, which


def _name(table: str, act: str) -> str:
    return f"insights_{table.removeprefix('leads_')}_{act}"
