"""No filter and no search of the list walks the leads or their contacts from end to end, nor do the pages beside it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import User
from leads.models import Lead

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="plans are PostgreSQL's"),
]

BUSY = ("leads_lead", "leads_contact", "leads_contactpoint")


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def walked(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is walked because it is small
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
        cursor.execute("SET LOCAL enable_seqscan = on")
    found = nodes(plan[0]["Plan"])
    return [
        node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BUSY
    ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "source=google",
        "campaign=autumn",
        "segment=b2c",
        "owner=me",
        "owner=-",
        "stage=new",
        "outcome=lost",
        "verdict=non_target",
        "failed=budget",
        "overdue=first_touch",
        "overdue=verdict",
        "duplicates=only",
        "period=month",
        "count=yes",
        "q=%2B79172201408",
        "q=1408",
        "q=8917220",
        "q=елкин",
        "q=elkina@example.com",
        "q=site-4711",
        "q=ld_0123abcd",
    ],
)
def test_nothing_is_walked(query: str, lead: Lead, admin: User, client_of: Callable[[User], Client]) -> None:
    look_at(f"/leads/?{query}", client_of(admin))


@pytest.mark.parametrize("path", ["/kanban/", "/kanban/?owner=-", "/kanban/?overdue=on", "/queue/", "/queue/count/"])
@pytest.mark.parametrize("who", ["admin", "manager"])
def test_nor_by_the_pages_beside_it(
    path: str, who: str, lead: Lead, client_of: Callable[[User], Client], request: pytest.FixtureRequest
) -> None:
    look_at(path, client_of(request.getfixturevalue(who)))


def look_at(path: str, client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path, follow=True).status_code == 200
    selects = [one["sql"] for one in asked if one["sql"].startswith("SELECT") and "leads_" in one["sql"]]
    assert not [(sql[:300], walked(sql)) for sql in selects if walked(sql)]
