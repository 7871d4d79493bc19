"""What the path of a push and of a judgement asks of the database: how much, and never by walking the leads."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnels.operations.presets import use_preset
from leads.models import Lead
from tests.leads_api.conftest import PERSON, ProgramClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="plans and one-statement writes are PostgreSQL's"),
]

BUSY = ("leads_lead", "leads_contactpoint", "leads_contact", "leads_submission", "leads_assessment", "leads_transition")
PLANNED = ("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")
STAMP, SEEN, WRITTEN = 1, 1, 1
ACTS_AND_ANSWERS = 2
NAMES = {"source": "site", "campaign": "spring"}


@pytest.fixture
def program() -> ProgramClient:
    use_preset(code="online-school", language="en", by=None, at=datetime(2026, 1, 1, tzinfo=UTC))
    client = ProgramClient()
    client("POST", "/leads", {**NAMES, "external_id": "first", **PERSON}, status=201)  # the names are known from now on
    client("POST", "/leads", {**NAMES, "external_id": "warm", "phone": "+79172201400"}, status=201)
    return client


def asked_by(act: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    # Ids are drawn by the lot: whose request draws the next one is chance.
    return [query["sql"] for query in captured if not query["sql"].startswith("SELECT nextval(")]


def until(asked: list[str], end: str) -> list[str]:
    """Keep what was asked before the answer: without Redis the outbox is drained after it."""
    return asked[: next(number for number, sql in enumerate(asked, start=1) if end in sql)]


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def walks(sql: str) -> list[str]:
    """List the tables of leads that a statement reads from end to end although it could use an index."""
    if not sql.startswith(PLANNED):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")  # a small table is walked because it is small
        try:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
            found = cursor.fetchone()[0]
        finally:
            cursor.execute("RESET enable_seqscan")
    plan = found if isinstance(found, list) else json.loads(found)
    return [
        node["Relation Name"]
        for node in nodes(plan[0]["Plan"])
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BUSY
    ]


def push(program: ProgramClient, number: str, status: int = 201, /, **told: Any) -> Callable[[], object]:
    body = {**NAMES, "external_id": number, **told}
    return lambda: program("POST", "/leads", body, status=status, Idempotency_Key=f"k-{number}")


def judge(program: ProgramClient, lead: Lead, answer: str = "met", **told: Any) -> Callable[[], object]:
    body = {"answers": {"need": answer}, **told}
    return lambda: program("POST", f"/leads/{lead.code}/assessments", body, status=201)


def test_news_is_taken_in_by_three_statements(program: ProgramClient) -> None:
    push(program, "ids", phone="+79172201401")()
    asked = until(asked_by(push(program, "2", phone="+79172201402", email="b@example.com")), "INSERT")
    assert len(asked) == STAMP + SEEN + WRITTEN, asked
    assert not [walks(sql) for sql in asked if walks(sql)]


def test_other_visits_known_by_name_cost_no_statement_more(program: ProgramClient) -> None:
    visits = {"first_source": "vk", "last_source": "direct"}
    push(program, "names", phone="+79172201401", **visits)()  # the names are known from now on
    push(program, "warm again", phone="+79172201403", **visits)()
    asked = until(asked_by(push(program, "2", phone="+79172201402", **visits)), "INSERT")
    assert len(asked) == STAMP + SEEN + WRITTEN, asked


def test_a_judgement_is_written_by_one_statement_after_one_look_at_the_lead(program: ProgramClient) -> None:
    first, second = Lead.objects.order_by("id")
    judge(program, first)()
    asked = until(asked_by(judge(program, second)), "INSERT")
    assert len(asked) == STAMP + SEEN + WRITTEN, asked
    assert not [walks(sql) for sql in asked if walks(sql)]


def test_a_change_of_a_judgement_reads_the_one_it_changes(program: ProgramClient) -> None:
    first, second = Lead.objects.order_by("id")
    for lead in (first, second):
        judge(program, lead)()
    judge(program, first, "failed", kind="change")()
    asked = until(asked_by(judge(program, second, "failed", kind="change")), "INSERT")
    assert len(asked) == STAMP + SEEN + ACTS_AND_ANSWERS + WRITTEN, asked
    assert not [walks(sql) for sql in asked if walks(sql)]


@pytest.mark.parametrize(
    "told",
    [
        {"external_id": "of a known person", **PERSON},
        {"external_id": "first", **PERSON},
        {"external_id": "of a new campaign", "campaign": "new", "name": "B"},
    ],
)
def test_no_push_walks_the_leads(program: ProgramClient, told: dict[str, str]) -> None:
    body = {**NAMES, **told}
    status = 200 if told["external_id"] == "first" else 201
    asked = asked_by(lambda: program("POST", "/leads", body, status=status))
    assert not [(sql[:200], walks(sql)) for sql in asked if walks(sql)]


def test_a_batch_of_news_costs_as_many_statements_as_one_lead(program: ProgramClient) -> None:
    def batch(name: str, size: int) -> Callable[[], object]:
        leads = [
            {**NAMES, "external_id": f"{name}-{number}", "phone": f"+7917220{len(name)}{number:03}"}
            for number in range(size)
        ]
        return lambda: program("POST", "/leads/batch", {"leads": leads})

    batch("a", 90)()
    few, many = (until(asked_by(act), "INSERT") for act in (batch("bb", 2), batch("ccc", 60)))
    assert len(many) <= len(few), many
    assert not [walks(sql) for sql in many if walks(sql)]
    assert Lead.objects.filter(external_id__startswith="ccc").count() == 60
