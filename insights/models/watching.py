"""The database notes by itself of which days the leads have changed.

Whoever writes a lead, an operation, a migration or somebody at the database's own prompt, changes a number of the
board; a trigger misses none of them, in the very transaction, and costs less than a row written by us. SQLite loses it
when a migration makes the table of leads anew: such a migration ends with `watch`, and a test misses it elsewhere.
"""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

from insights.models.kept import ChangedDay, FilledDay
from leads.models import Lead

NAME = "insights_lead"
LEADS, CHANGED, FILLED = (kind._meta.db_table for kind in (Lead, ChangedDay, FilledDay))

POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO {CHANGED} (funnel_id, day) SELECT DISTINCT funnel_id, cohort_day FROM after_it;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO {CHANGED} (funnel_id, day) SELECT DISTINCT funnel_id, cohort_day FROM before_it;
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608  names of our own tables
POSTGRESQL = {
    "insert": "REFERENCING NEW TABLE AS after_it",
    "update": "REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it",
    "delete": "REFERENCING OLD TABLE AS before_it",
}
SQLITE = {"insert": ("NEW",), "update": ("NEW", "OLD"), "delete": ("OLD",)}


def watch(*, connection: BaseDatabaseWrapper) -> None:
    """Put the triggers up, and trust nothing that was kept before: nobody knows what has changed meanwhile."""
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor):
            cursor.execute(statement)
        cursor.execute(f"DELETE FROM {FILLED}")  # noqa: S608


def _statements(vendor: str) -> list[str]:
    if vendor == "postgresql":
        made = [
            f"CREATE OR REPLACE TRIGGER {_name(act)} AFTER {act.upper()} ON {LEADS} {tables} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {NAME}_changed()"
            for act, tables in POSTGRESQL.items()
        ]
        return [POSTGRESQL_FUNCTION, *made]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {_name(act)} AFTER {act.upper()} ON {LEADS} BEGIN {_notes(rows)} END"
        for act, rows in SQLITE.items()
    ]


def _notes(rows: Iterable[str]) -> str:
    columns = "(funnel_id, day) VALUES ({row}.funnel_id, {row}.cohort_day)"
    return " ".join(f"INSERT INTO {CHANGED} {columns.format(row=row)};" for row in rows)


def _name(act: str) -> str:
    return f"{NAME}_{act}"
