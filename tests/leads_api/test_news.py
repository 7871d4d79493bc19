"""What is news goes the short way; whatever is not, or is refused there, ends as if there were none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from funnels.operations.dictionaries import create_funnel
from leads.models import Lead, Submission
from tests.leads_api.conftest import ProgramClient

AT = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "+79172201408"
KEY = {"Idempotency_Key": "k-1"}


def known(program: ProgramClient) -> None:
    program("POST", "/leads", {"external_id": "0", "source": "site"}, status=201)


def lead(number: int, **told: Any) -> dict[str, Any]:
    return {"external_id": str(number), "source": "site", **told}


def test_a_person_of_a_new_source_is_not_overtaken_by_a_later_item(program: ProgramClient) -> None:
    known(program)
    told = [lead(1, source="brand new", phone=PHONE), lead(2, phone=PHONE), lead(3, phone="+79172201409")]
    results = program("POST", "/leads/batch", {"leads": told}).json()["results"]
    assert [result["outcome"] for result in results] == ["created", "repeat", "created"]
    assert Lead.objects.get(external_id="2").duplicate_of == Lead.objects.get(external_id="1")


def test_an_item_that_no_funnel_takes_harms_only_itself(program: ProgramClient) -> None:
    known(program)
    create_funnel(code="empty", name="Without stages", by=None, at=AT)
    told = [lead(1, funnel="sales"), lead(2, funnel="empty"), lead(3, funnel="sales")]
    answer = program("POST", "/leads/batch", {"leads": told}).json()
    assert [result["status"] for result in answer["results"]] == [201, 422, 201]
    assert Submission.objects.filter(state="failed").count() == 1


def test_what_was_answered_is_said_again_also_when_it_would_be_refused_now(program: ProgramClient) -> None:
    known(program)
    first = program("POST", "/leads", lead(1), status=201, **KEY)
    create_funnel(code="second", name="Second", by=None, at=AT)
    again = program("POST", "/leads", lead(1), status=201, **KEY)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")


@pytest.mark.parametrize("key", [{}, KEY])
def test_what_is_refused_is_kept_with_a_key_and_without(program: ProgramClient, key: dict[str, str]) -> None:
    known(program)
    program("POST", "/leads", lead(1, owner="nobody@example.com"), status=422, **key)
    kept = Submission.objects.get(state="failed")
    assert kept.error_code == "unknown_owner"
    assert b"nobody@example.com" in bytes(kept.body or b"")


def test_what_is_refused_of_all_or_none_is_kept(program: ProgramClient) -> None:
    known(program)
    told = [lead(1), lead(2, owner="nobody@example.com")]
    program("POST", "/leads/batch?atomic=true", {"leads": told}, status=422)
    assert Submission.objects.get(state="failed").error_code == "unknown_owner"
    assert not Lead.objects.filter(external_id="1").exists()


def test_a_key_of_news_is_a_key_like_any_other(program: ProgramClient) -> None:
    known(program)
    program("POST", "/leads", {"source": "site", "name": "Anna"}, status=201, **KEY)
    program("POST", "/leads", {"source": "site", "name": "Anna"}, status=201, **KEY)
    assert Lead.objects.count() == 2
    program("POST", "/leads", {"source": "site", "name": "Another"}, status=422, **KEY)
    assert Lead.objects.count() == 2
