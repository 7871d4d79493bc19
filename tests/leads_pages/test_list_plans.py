"""No filter and no search of the list walks the leads or their contacts from end to end, nor do the pages beside it."""

import re
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


def planned(sql: str, *ways_closed: str) -> list[Mapping[str, Any]]:
    with connection.cursor() as cursor:
        for way in ways_closed:
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
        for way in ways_closed:
            cursor.execute(f"SET LOCAL enable_{way} = on")
    return list(nodes(plan[0]["Plan"]))


def walked(sql: str) -> list[str]:
    found = planned(sql, "seqscan")  # a small table is walked because it is small
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


def test_what_the_list_is_narrowed_by_is_in_the_index_of_the_newest(
    lead: Lead, admin: User, client_of: Callable[[User], Client]
) -> None:
    everything = "source=google&segment=b2c&owner=me&stage=new&outcome=open&verdict=non_target&failed=budget&q=елкин"
    with CaptureQueriesContext(connection) as asked:
        assert client_of(admin).get(f"/leads/?{everything}").status_code == 200
    (of_the_page,) = [one["sql"] for one in asked if re.match(r'SELECT "leads_lead"."id".* LIMIT 51\)', one["sql"])]
    _whole, _in, chosen = of_the_page.partition(" IN (")
    (newest,) = [index for index in Lead._meta.indexes if index.name == "lead_newest"]
    held = {Lead._meta.get_field(name.removeprefix("-")).column for name in newest.fields}
    assert set(re.findall(r'"(?:U0|leads_lead)"."(\w+)"', chosen)) <= held


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
