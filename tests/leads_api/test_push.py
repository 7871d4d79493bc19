"""POST /leads: a lead comes in once, whatever the sender does."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import pytest

from crm.models import AuditEvent, IdempotentAnswer
from leads.models import Lead, Source, Submission
from leads.rules.facts import Channel, SubmissionState
from tests.factories.funnels import Rules, make_rules
from tests.leads_api.conftest import PERSON, SECRETS, ProgramClient

Push = Callable[..., Mapping[str, Any]]


def test_a_lead_is_taken_in_with_everything_told(program: ProgramClient, rules: Rules) -> None:
    told = {
        "external_id": "order-1",
        "source": "site",
        "campaign": "spring",
        "segment": "b2b",
        "received_at": "2026-03-02T10:00:00+03:00",
        "utm": {"utm_source": "yandex"},
        "attributes": {"city": "Казань"},
        **PERSON,
    }
    answer = program("POST", "/leads", told, status=HTTPStatus.CREATED).json()
    lead = Lead.objects.get()
    assert answer == {
        "id": lead.code,
        "outcome": "created",
        "source": "site",
        "external_id": "order-1",
        "received_at": "2026-03-02T07:00:00Z",
        "duplicate_of": None,
        "repeat_of": None,
        "url": f"/api/v1/leads/{lead.code}",
    }
    assert (lead.channel, lead.campaign.code, lead.segment.code) == (Channel.API, "spring", "b2b")
    assert {point.value for point in lead.contact.points.all()} == {"+79172201408", "elkina@example.com"}
    assert (lead.utm, lead.attributes) == ({"utm_source": "yandex"}, {"city": "Казань"})
    assert Submission.objects.get().payload == told
    assert AuditEvent.objects.get(action="lead.receive").api_key_id == program.key.pk


def test_other_visits_are_told_and_read_back(program: ProgramClient, push: Push) -> None:
    plain = push()
    told = push(external_id="2", first_source="vk", last_source="direct")
    sources = [
        [program("GET", f"/leads/{answer['id']}").json()[name] for name in ("first_source", "source", "last_source")]
        for answer in (plain, told)
    ]
    assert sources == [[None, "site", None], ["vk", "site", "direct"]]


def test_a_key_for_one_source_may_tell_of_visits_from_others(rules: Rules) -> None:
    bound = ProgramClient(sources=("site",))
    bound("POST", "/leads", {"external_id": "1", "first_source": "vk", **PERSON}, status=HTTPStatus.CREATED)
    lead = Lead.objects.get()
    assert (lead.source.code, lead.first_source and lead.first_source.code) == ("site", "vk")


def test_the_same_external_id_is_the_same_lead(push: Push) -> None:
    first = push(name="Anna")
    again = push(status=HTTPStatus.OK, name="Another name")
    assert (again["outcome"], again["id"]) == ("existing", first["id"])
    assert Lead.objects.count() == 1


def test_the_same_external_id_of_another_source_is_another_lead(push: Push) -> None:
    assert push()["id"] != push(source="vk")["id"]


@pytest.mark.parametrize("point", [{"phone": "+7 917 220 14 08"}, {"email": "ELKINA@example.com"}])
def test_a_repeat_enquiry_from_a_known_person_is_accepted_and_linked(push: Push, point: dict[str, str]) -> None:
    first = push(**PERSON)
    again = push(external_id="2", source="vk", **point)
    assert (again["outcome"], again["duplicate_of"]) == ("repeat", first["id"])
    assert Lead.objects.count() == 2


def test_an_idempotency_key_answers_the_same_again(program: ProgramClient) -> None:
    told = {"source": "site", "name": "Anna"}
    first = program("POST", "/leads", told, status=HTTPStatus.CREATED, idempotency_key="k-1")
    again = program("POST", "/leads", told, status=HTTPStatus.CREATED, idempotency_key="k-1")
    assert again.content == first.content
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert (Lead.objects.count(), IdempotentAnswer.objects.count()) == (1, 1)


def test_the_same_words_in_another_order_are_the_same_request(program: ProgramClient) -> None:
    for body in (b'{"source":"site","name":"Anna"}', b'{ "name": "Anna", "source": "site" }'):
        program("POST", "/leads", body, status=HTTPStatus.CREATED, idempotency_key="k-1")
    assert Lead.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(program: ProgramClient) -> None:
    program("POST", "/leads", {"name": "Anna"}, status=HTTPStatus.CREATED, idempotency_key="k-1")
    refused = program("POST", "/leads", {"name": "Ivan"}, status=HTTPStatus.UNPROCESSABLE_ENTITY, idempotency_key="k-1")
    assert refused.json()["code"] == "idempotency_key_reused"
    assert Lead.objects.count() == 1


def test_what_was_refused_may_be_mended_under_its_key(program: ProgramClient) -> None:
    program("POST", "/leads", {"owner": "nobody@x.io"}, status=HTTPStatus.UNPROCESSABLE_ENTITY, idempotency_key="k-1")
    program("POST", "/leads", {"name": "Anna"}, status=HTTPStatus.CREATED, idempotency_key="k-1")


def test_one_key_of_two_programs_is_two_keys(program: ProgramClient) -> None:
    for sender in (program, ProgramClient("leads:write")):
        sender("POST", "/leads", {"name": "Anna"}, status=HTTPStatus.CREATED, idempotency_key="k-1")
    assert Lead.objects.count() == 2


def test_a_key_and_an_external_id_known_is_the_lead_that_was(push: Push, program: ProgramClient) -> None:
    first = push()
    told = {"external_id": "1", "source": "site"}
    again = program("POST", "/leads", told, idempotency_key="another").json()
    assert (again["id"], again["outcome"]) == (first["id"], "existing")


def test_a_program_must_say_how_a_retry_is_known(program: ProgramClient) -> None:
    refused = program("POST", "/leads", {"name": "Anna"}, status=HTTPStatus.BAD_REQUEST)
    assert refused.json()["code"] == "idempotency_required"
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"nme": "Anna"}, "/nme", "unknown_field"),
        ({"name": 5}, "/name", "invalid"),
        ({"name": "x" * 201}, "/name", "invalid"),
        ({"name": "a\x00b"}, "/name", "invalid"),
        ({"received_at": "2026-03-02"}, "/received_at", "invalid"),
        ({"received_at": "2026-03-02T10:00:00"}, "/received_at", "invalid"),
        ({"utm": {"utm_source": 1}}, "/utm/...", "invalid"),
        ([], "", "invalid"),
    ],
)
def test_a_body_that_does_not_fit_is_pointed_at(program: ProgramClient, body: Any, pointer: str, code: str) -> None:
    refused = program("POST", "/leads", body, status=HTTPStatus.BAD_REQUEST, idempotency_key="k")
    assert refused.headers["Content-Type"] == "application/problem+json"
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    kept = Submission.objects.get()
    assert json.loads(bytes(kept.body)) == body
    assert (kept.state, kept.api_key) == (SubmissionState.FAILED, program.key)
    assert error["message"] in kept.error_detail


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"name": "\xd0"}', b"[" * 90_000])
def test_what_is_not_json_is_refused(program: ProgramClient, body: bytes) -> None:
    refused = program("POST", "/leads", body, status=HTTPStatus.BAD_REQUEST, idempotency_key="k")
    assert refused.json()["code"] in {"not_json", "invalid"}
    assert bytes(Submission.objects.get().body) == body


def test_a_body_too_large_is_refused(program: ProgramClient) -> None:
    body = json.dumps({"message": "x" * 1_000_001}).encode()
    refused = program("POST", "/leads", body, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, idempotency_key="k")
    assert refused.json()["code"] == "body_too_large"


def test_the_future_is_refused_with_its_field(program: ProgramClient) -> None:
    told = {"external_id": "1", "received_at": "2999-01-01T00:00:00Z"}
    refused = program("POST", "/leads", told, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert refused.json()["errors"][0]["pointer"] == "/received_at"
    assert not Lead.objects.exists()


def test_the_funnel_is_named_where_there_are_several(program: ProgramClient) -> None:
    make_rules(code="partners")
    refused = program("POST", "/leads", {"external_id": "1"}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    assert refused.json()["code"] == "funnel_not_named"
    program("POST", "/leads", {"external_id": "1", "funnel": "partners"}, status=HTTPStatus.CREATED)
    assert Lead.objects.get().funnel.code == "partners"


# --- Keys bound to sources ------------------------------------------------------------------------------------------
def test_a_key_for_one_source_brings_it_along(rules: Rules) -> None:
    ProgramClient("leads:write", sources=("site",))("POST", "/leads", {"external_id": "1"}, status=HTTPStatus.CREATED)
    assert Lead.objects.get().source.code == "site"


@pytest.mark.parametrize("sources", [("site",), ("site", "vk")])
def test_a_key_cannot_name_a_source_it_is_not_for(rules: Rules, sources: tuple[str, ...]) -> None:
    bound = ProgramClient("leads:write", sources=sources)
    refused = bound("POST", "/leads", {"external_id": "1", "source": "avito"}, status=HTTPStatus.FORBIDDEN)
    assert refused.json()["code"] == "source_not_allowed"
    assert not Source.objects.filter(code="avito").exists()


def test_a_key_for_several_sources_must_say_which(rules: Rules) -> None:
    bound = ProgramClient("leads:write", sources=("site", "vk"))
    bound("POST", "/leads", {"external_id": "1"}, status=HTTPStatus.FORBIDDEN)
    bound("POST", "/leads", {"external_id": "1", "source": "vk"}, status=HTTPStatus.CREATED)


def test_what_is_answered_and_kept_says_nothing_of_the_person(push: Push, program: ProgramClient) -> None:
    answer = program("POST", "/leads", PERSON | {"source": "x"}, status=HTTPStatus.CREATED, idempotency_key="k")
    kept = IdempotentAnswer.objects.get().body
    assert [word for word in SECRETS if word in answer.content.decode() + kept] == []
