"""`manage.py metrics` and the API answer with the same JSON as each other."""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from insights.queries.catalogue import CATALOGUE
from insights.rules.slice import GroupBy
from tests.factories.crm import UserFactory
from tests.factories.funnels import make_rules
from tests.insights.golden import make_golden

NOW = datetime(2026, 10, 6, 9, tzinfo=UTC)
W36 = ("--from", "2026-08-31", "--to", "2026-09-06", "--as-of", "2026-10-05", "--age", "28")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("golden")]


@pytest.fixture
def golden(db: None) -> Any:
    make_golden()
    with time_machine.travel(NOW, tick=False):
        yield


def _command(*args: str) -> str:
    out = StringIO()
    call_command("metrics", *args, stdout=out)
    return out.getvalue()


def _json(*args: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_command(*args, "--json"))
    return found


def _get(code: str, query: dict[str, Any], user: User | None) -> Any:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(f"/api/v1/metrics/{code}", query)


def test_quality_of_the_golden_week() -> None:
    found = _json("quality", *W36)
    assert found["metric"] == "quality"
    assert found["as_of"] == "2026-10-04T21:00:00Z"
    assert found["slice"] == {
        "funnel": "golden", "age": "28", "from": "2026-08-31", "to": "2026-09-06", "as_of": "2026-10-04T21:00:00Z",
    }  # fmt: skip
    assert found["bridge"] == {"received": 24, "duplicate": 1, "test": 1, "valid": 22}
    assert found["definition"]["number"] == 1
    assert {name: found["total"][name] for name in ("n", "target", "non_target", "undecided")} == {
        "n": 22, "target": 11, "non_target": 9, "undecided": 2,
    }  # fmt: skip
    (row,) = found["rows"]
    assert row["key"] == {}
    assert row["share"] == pytest.approx(9 / 22)
    assert row["share_of_decided"] == pytest.approx(9 / 20)
    assert (row["bound_low"], row["bound_high"]) == pytest.approx((9 / 22, 11 / 22))
    assert (row["share_low"], row["share_high"]) == pytest.approx((0.2326, 0.6127), abs=5e-5)


def test_grouped_by_source() -> None:
    rows = _json("quality", *W36, "--group-by", "source")["rows"]
    assert [(row["key"], row["n"], row["non_target"]) for row in rows] == [
        ({"source": "direct", "name": "Direct"}, 10, 5),
        ({"source": "partners", "name": "Partners"}, 6, 1),
        ({"source": "seo", "name": "Seo"}, 6, 3),
    ]


def test_criteria_of_two_sources() -> None:
    found = _json("criteria", *W36, "--source", "direct", "--source", "seo")
    by_code = {row["criterion"]: row for row in found["rows"]}
    assert set(by_code) == {"contact", "segment", "geo", "budget", "need"}
    assert {name: by_code["budget"][name] for name in ("n", "failed", "sole", "fractional", "assessed")} == {
        "n": 16, "failed": 3, "sole": 2, "fractional": 2.5, "assessed": 11,
    }  # fmt: skip
    assert found["total"]["non_target"] == 8


def test_all_time_and_no_age_limit_unless_told() -> None:
    found = _json("quality")
    assert found["slice"] == {"funnel": "golden", "age": "none", "period": "all"}
    assert found["total"]["n"] == 23


@pytest.mark.parametrize("metric", sorted(CATALOGUE))
@pytest.mark.parametrize("by", [(), ("--group-by", "owner")])
def test_the_table_for_people(metric: str, by: tuple[str, ...]) -> None:
    by = by if GroupBy.OWNER in CATALOGUE[metric].groups else ()
    printed = _command(metric, *W36, *by)
    assert "received 24 = counted 22 + duplicates 1 + tests 1" in printed
    assert "40.9%" in printed


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("quality", "--age", "seven"), "age"),
        (("quality", "--age", "9" * 5000), "age"),
        (("quality", "--period", "9" * 5000 + "w"), "period"),
        (("quality", "--source", "gogle"), "source"),
        (("quality", "--funnel", "other"), "funnel"),
        (("sources", "--group-by", "week"), "group_by"),
        (("quality", "--as-of", "2027-01-01"), "five minutes"),
    ],
)
def test_a_typo_is_refused(args: tuple[str, ...], named: str) -> None:
    with pytest.raises(CommandError, match=named):
        _command(*args)


def test_several_funnels_have_to_be_told_apart() -> None:
    make_rules(code="second")
    with pytest.raises(CommandError, match="which funnel"):
        _command("quality")
    assert _json("quality", "--funnel", "golden")["total"]["n"] == 23


@pytest.mark.parametrize("metric", sorted(CATALOGUE))
def test_the_api_answers_as_the_command_does(metric: str) -> None:
    query = {"from": "2026-08-31", "to": "2026-09-06", "as_of": "2026-10-05", "age": "28"}
    groups = CATALOGUE[metric].groups
    by = {"group_by": groups[0].value} if groups else {}
    query |= by
    response = _get(metric, query, UserFactory(role=Role.MARKETER))
    assert response.status_code == 200
    assert response.json() == _json(metric, *W36, *(("--group-by", by["group_by"]) if by else ()))


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"sorce": "direct"}, "sorce"),
        ({"source": "gogle"}, "source"),
        ({"age": "0"}, "age"),
        ({"group_by": "colour"}, "group_by"),
        ({"funnel": "x"}, "funnel"),
        ({"as_of": "2026-10-06T09:00:00Z"}, "as_of"),
    ],
)
def test_D15_a_typo_does_not_change_a_figure(query: dict[str, str], named: str) -> None:
    response = _get("quality", query, UserFactory(role=Role.ADMIN))
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in response.json()["errors"]] == [f"/{named}"]


def test_an_unknown_metric_is_not_found() -> None:
    assert _get("happiness", {}, UserFactory(role=Role.ADMIN)).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_the_numbers(role: Role) -> None:
    assert _get("quality", {}, UserFactory(role=role)).status_code == 200


def test_a_stranger_gets_nothing() -> None:
    response = _get("quality", {}, None)
    assert response.status_code == 401
    assert "rows" not in response.json()
