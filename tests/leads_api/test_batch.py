"""POST /leads/batch: each lead by itself, in order; and all or none when that is asked for."""

from http import HTTPStatus
from typing import Any

import pytest

from leads.models import Lead
from tests.leads_api.conftest import PERSON, ProgramClient


def test_each_is_answered_in_its_place(program: ProgramClient) -> None:
    leads: list[Any] = [
        {"external_id": "1", "source": "site", **PERSON},
        {"external_id": "1", "source": "site"},
        {"external_id": "2", "source": "vk", "phone": PERSON["phone"]},
        {"external_id": "3", "nme": "typo"},
        {"name": "no key"},
        {"external_id": "4", "owner": "nobody@example.com"},
        5,
    ]
    told = program("POST", "/leads/batch", {"leads": leads}).json()
    assert (told["created"], told["existing"], told["repeat"], told["failed"]) == (1, 1, 1, 4)
    assert [result["index"] for result in told["results"]] == list(range(7))
    assert [result["status"] for result in told["results"]] == [201, 200, 201, 400, 400, 422, 400]
    assert told["results"][3]["problem"]["errors"][0]["pointer"] == "/nme"
    assert Lead.objects.count() == 2


def test_a_batch_sent_again_changes_nothing(program: ProgramClient) -> None:
    leads = [{"idempotency_key": f"k{number}", "name": "Anna"} for number in range(3)]
    first = program("POST", "/leads/batch", {"leads": leads}).json()
    again = program("POST", "/leads/batch", {"leads": [*leads, {"idempotency_key": "k3", "name": "New"}]}).json()
    assert again["results"][:3] == first["results"]
    assert Lead.objects.count() == 4


def test_an_items_key_is_the_same_alone_and_among_others(program: ProgramClient) -> None:
    lead = {"idempotency_key": "k", "name": "Anna"}
    program("POST", "/leads/batch", {"leads": [lead]})
    program("POST", "/leads", {"name": "Another"}, status=HTTPStatus.UNPROCESSABLE_ENTITY, idempotency_key="k")


def test_a_key_no_database_keeps_harms_only_its_item(program: ProgramClient) -> None:
    leads = [{"idempotency_key": "k\0", "name": "Anna"}, {"idempotency_key": "k", "name": "Anna"}]
    told = program("POST", "/leads/batch", {"leads": leads}).json()
    assert [result["status"] for result in told["results"]] == [400, 201]


def test_all_or_none(program: ProgramClient) -> None:
    leads = [{"external_id": "1"}, {"external_id": "2", "owner": "nobody@example.com"}]
    told = program("POST", "/leads/batch?atomic=true", {"leads": leads}, status=422).json()
    assert [result["outcome"] for result in told["results"]] == ["undone", "failed"]
    assert (told["created"], told["failed"]) == (0, 2)
    assert not Lead.objects.exists()
    assert program("POST", "/leads/batch?atomic=true", {"leads": leads[:1]}).json()["created"] == 1


@pytest.mark.parametrize("leads", [[], [{"external_id": "1"}] * 501])
def test_a_batch_has_a_size(program: ProgramClient, leads: list[Any]) -> None:
    refused = program("POST", "/leads/batch", {"leads": leads}, status=HTTPStatus.BAD_REQUEST)
    assert refused.json()["errors"][0]["code"] == "batch_size"
    assert not Lead.objects.exists()


def test_a_typo_in_the_address_is_refused(program: ProgramClient) -> None:
    for query in ("atomic=yes", "atomc=true"):
        program("POST", f"/leads/batch?{query}", {"leads": [{"external_id": "1"}]}, status=HTTPStatus.BAD_REQUEST)
    assert not Lead.objects.exists()
