"""What must hold after every fault, asked of the tables themselves and compared with what the client was told."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from chaos.client import MADE_UP, Ledger
from chaos.servers import Servers

LONGEST_DRAIN = 30.0

WAITING = """
    SELECT (SELECT count(*) FROM crm_outboxmessage WHERE done_at IS NULL AND failed_at IS NULL)
         + (SELECT count(*) FROM crm_event WHERE number IS NULL)
"""

# Each must find nothing.
NOTHING = {
    "jobs given up": "SELECT count(*) FROM crm_outboxmessage WHERE failed_at IS NOT NULL",
    "submissions not taken in": "SELECT count(*) FROM leads_submission WHERE state IN ('pending', 'failed')",
    "leads without one audit row": """
        SELECT count(*) FROM (
            SELECT lead.id FROM leads_lead lead LEFT JOIN crm_auditevent audit
                ON audit.object_type = 'leads.lead' AND audit.object_id = lead.id::text
                AND audit.action = 'lead.receive'
            GROUP BY lead.id HAVING count(audit.id) <> 1) odd""",
    "leads without one event": """
        SELECT count(*) FROM (
            SELECT lead.id FROM leads_lead lead LEFT JOIN crm_event event
                ON event.lead = 'ld_' || replace(lead.public_id::text, '-', '') AND event.type = 'lead.received'
            GROUP BY lead.id HAVING count(event.id) <> 1) odd""",
    "gaps in the numbers of events": "SELECT coalesce(max(number), 0) - count(number) FROM crm_event",
}

# Rows more than there should be.
DOUBLES = {
    "leads of one request": """
        SELECT coalesce(sum(rows - 1), 0) FROM (
            SELECT count(*) AS rows FROM leads_lead WHERE attributes ? 'own' GROUP BY attributes ->> 'own') each_own""",
    "leads of one external id": """
        SELECT coalesce(sum(rows - 1), 0) FROM (
            SELECT count(*) AS rows FROM leads_lead WHERE external_id IS NOT NULL GROUP BY external_id) each_id""",
    "answers of one key": """
        SELECT coalesce(sum(rows - 1), 0) FROM (
            SELECT count(*) AS rows FROM crm_idempotentanswer GROUP BY caller, method, path, key) each_key""",
    "judgements of one lead": """
        SELECT coalesce(sum(rows - 1), 0) FROM (
            SELECT count(*) AS rows FROM leads_assessment GROUP BY lead_id) each_lead""",
}

# The board counted again from the facts alone: ties between requests, and the newest judgement of each lead.
RECOUNT = """
    WITH tie AS (
        SELECT DISTINCT ON (lead_id) lead_id, kind FROM leads_leadlink ORDER BY lead_id, recorded_at DESC, id DESC),
    said AS (
        SELECT DISTINCT ON (lead_id) lead_id, verdict FROM leads_assessment
        ORDER BY lead_id, effective_at DESC, recorded_at DESC, id DESC)
    SELECT source.code, count(*), count(*) FILTER (WHERE said.verdict = 'TARGET'),
        count(*) FILTER (WHERE said.verdict = 'NON_TARGET')
    FROM leads_lead lead JOIN leads_source source ON source.id = lead.source_id
    LEFT JOIN tie ON tie.lead_id = lead.id LEFT JOIN said ON said.lead_id = lead.id
    WHERE NOT lead.is_test AND tie.kind IS DISTINCT FROM 'duplicate' GROUP BY source.code
"""
RECOUNT_FAILED = """
    SELECT count(DISTINCT said.lead_id) FROM leads_assessment said JOIN leads_lead lead ON lead.id = said.lead_id
    WHERE said.fail_mask > 0 AND NOT lead.is_test AND NOT EXISTS (
        SELECT FROM leads_leadlink tie WHERE tie.lead_id = lead.id AND tie.kind = 'duplicate')
"""


@dataclass(slots=True)
class Found:
    """What was wrong after an experiment; nothing is what is wanted."""

    missing: int = 0
    duplicates: int = 0
    faults: list[str] = field(default_factory=list)
    drained_in: float = 0.0


def check(*, servers: Servers, ledger: Ledger, tokens: Sequence[str]) -> Found:
    """Wait until all work is done, then compare everything with everything."""
    found = Found()
    found.drained_in = _wait_for_the_outbox(servers, found)
    with ThreadPoolExecutor(3) as pool:
        facts = pool.submit(_facts_hold, servers)
        boards = pool.submit(_boards, servers)
        with servers.postgres.connect() as connection:
            _look(connection, ledger, found)
            found.faults += facts.result() + _compare(connection, boards.result())
    found.faults += _personal_data(servers, tokens)
    return found


def waiting(*, servers: Servers) -> int | None:
    """Count what waits to be done; None when the database does not say."""
    with suppress(psycopg.OperationalError), servers.postgres.connect() as connection:
        return _count(connection, WAITING)
    return None


def _wait_for_the_outbox(servers: Servers, found: Found) -> float:
    start = time.monotonic()
    while (left := waiting(servers=servers)) != 0:
        if time.monotonic() - start > LONGEST_DRAIN:
            found.faults.append(f"{left} still waiting after {LONGEST_DRAIN:.0f} s")
            break
        time.sleep(0.2)
    return time.monotonic() - start


def _look(connection: psycopg.Connection, ledger: Ledger, found: Found) -> None:
    kept = {f"ld_{row[0].hex}": row[1] for row in connection.execute("SELECT public_id, id FROM leads_lead")}
    by_id = {row[0] for row in connection.execute("SELECT external_id FROM leads_lead WHERE external_id IS NOT NULL")}
    judged = {row[0] for row in connection.execute("SELECT lead_id FROM leads_assessment")}
    found.missing += sum(lead not in kept for lead in ledger.leads.values())
    found.missing += len(ledger.hooks - by_id)
    found.missing += sum(kept.get(lead) not in judged for lead in ledger.judged)
    for what, sql in DOUBLES.items():
        if number := _count(connection, sql):
            found.duplicates += number
            found.faults.append(f"{number} too many {what}")
    found.faults += [f"{number} {what}" for what, sql in NOTHING.items() if (number := _count(connection, sql))]


def _facts_hold(servers: Servers) -> list[str]:
    try:
        servers.manage("check_facts")
    except RuntimeError as error:
        return [f"check_facts: {error}"]
    return []


def _boards(servers: Servers) -> dict[str, dict[str, object]]:
    asked = {"quality": ("quality", "--group-by", "source"), "criteria": ("criteria",)}
    return {name: json.loads(servers.manage("metrics", *words, "--json")) for name, words in asked.items()}


def _compare(connection: psycopg.Connection, boards: dict[str, dict[str, object]]) -> list[str]:
    counted = {row[0]: row[1:] for row in connection.execute(RECOUNT)}
    rows: list[dict[str, object]] = boards["quality"]["rows"]  # type: ignore[assignment]
    shown = {_code_of(row): (row["n"], row["target"], row["non_target"]) for row in rows}
    differing = sorted(code for code in shown.keys() | counted.keys() if shown.get(code) != counted.get(code))
    faults = [f"of {code} the board says {shown.get(code)}, the facts {counted.get(code)}" for code in differing]
    total: dict[str, int] = boards["quality"]["total"]  # type: ignore[assignment]
    summed = tuple(sum(column) for column in zip(*counted.values(), strict=True)) or (0, 0, 0)
    if (total["n"], total["target"], total["non_target"]) != summed:
        faults.append(f"the board's total is {total}, the facts' {summed}")
    criteria: list[dict[str, int]] = boards["criteria"]["rows"]  # type: ignore[assignment]
    failed, recounted = sum(row["failed"] for row in criteria), _count(connection, RECOUNT_FAILED)
    return faults if failed == recounted else [*faults, f"criteria say {failed} failed, the facts {recounted}"]


def _code_of(row: dict[str, object]) -> object:
    key: dict[str, object] = row["key"]  # type: ignore[assignment]
    return key["source"]


def _personal_data(servers: Servers, tokens: Sequence[str]) -> list[str]:
    faults = []
    for name, text in servers.texts():
        if told := MADE_UP.search(text):
            faults.append(f"{name} holds personal data: {told[0]}")
        if any(token in text for token in tokens):
            faults.append(f"{name} holds a token")
    return faults


def _count(connection: psycopg.Connection, sql: str) -> int:
    row = connection.execute(sql.encode()).fetchone()
    return int(row[0]) if row else 0
