"""GET and PATCH of leads: what a key reads, and how two who change one lead do not undo each other."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from crm.models import AuditEvent, User
from crm.rules.roles import Role
from crm.rules.scopes import Scope
from leads.models import Lead
from leads.operations import dictionaries, merges
from leads.queries.consistency import differences
from tests.factories.funnels import Rules
from tests.leads_api.conftest import API, LONG_AGO, PERSON, SECRETS, ProgramClient

NOWHERE = "ld_00000000000000000000000000000000"
Push = Callable[..., Mapping[str, Any]]


def items(program: ProgramClient, query: str = "") -> list[Mapping[str, Any]]:
    return program("GET", f"/leads{query}").json()["items"]  # type: ignore[no-any-return]


def test_a_lead_is_read_with_its_state(program: ProgramClient, push: Push) -> None:
    told = push(**PERSON, campaign="spring")
    response = program("GET", f"/leads/{told['id']}")
    lead = response.json()
    assert response.headers["ETag"] == f'"{lead["version"]}"'
    assert (lead["stage"], lead["outcome"], lead["verdict"]) == ("new", "open", "undecided")
    assert lead["contact"]["phones"] == ["+79172201408"]
    assert lead["message"] == "Хочу курс"


def test_without_the_scope_contacts_are_masked(push: Push, rules: Rules) -> None:
    told = push(**PERSON, utm={"utm_term": "секрет"}, attributes={"city": "Казань"})
    reader = ProgramClient("leads:read")
    for path in ("/leads", f"/leads/{told['id']}", "/leads/by-external/site/1"):
        text = reader("GET", path).content.decode()
        assert told["id"] in text
        assert [word for word in (*SECRETS, "секрет", "Казань") if word in text] == []


def test_a_bound_key_reads_only_its_sources(push: Push, rules: Rules) -> None:
    own, other = push(), push(source="vk")
    reader = ProgramClient("leads:read", "leads:write", "leads:qualify", sources=("site",))
    assert [lead["id"] for lead in items(reader)] == [own["id"]]
    for method, path in (
        ("GET", f"/leads/{other['id']}"),
        ("PATCH", f"/leads/{other['id']}"),
        ("POST", f"/leads/{other['id']}/touches"),
        ("POST", f"/leads/{other['id']}/assessments"),
        ("GET", "/leads/by-external/vk/1"),
    ):
        gone = reader(method, path, {}, status=HTTPStatus.NOT_FOUND).json()
        missing = reader("GET", f"/leads/{NOWHERE}", status=HTTPStatus.NOT_FOUND).json()
        assert gone | {"instance": ""} == missing | {"instance": ""}


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("leads:write", "GET", "/leads"),
        ("leads:read", "POST", "/leads"),
        ("leads:read", "POST", "/leads/batch"),
        ("leads:read", "PATCH", "/leads/{id}"),
        ("leads:write", "POST", "/leads/{id}/assessments"),
        ("leads:qualify", "POST", "/leads/{id}/touches"),
        ("leads:read", "POST", "/sources"),
        ("leads:write", "GET", "/metrics/quality"),
        ("metrics:read", "GET", "/leads"),
    ],
)
def test_a_scope_is_needed(scope: str, method: str, path: str, push: Push) -> None:
    path = path.format(id=push()["id"])
    refused = ProgramClient(scope)(method, path, {} if method != "GET" else None, status=HTTPStatus.FORBIDDEN)
    assert refused.json()["code"] == "permission_denied"


def test_a_lead_is_found_by_its_external_id(program: ProgramClient, push: Push) -> None:
    told = push(external_id="order/7 a")
    assert program("GET", "/leads/by-external/site/order%2F7%20a").json()["id"] == told["id"]
    program("GET", "/leads/by-external/site/8", status=HTTPStatus.NOT_FOUND)


def test_a_key_of_a_joined_source_goes_on_by_its_old_name(push: Push, rules: Rules) -> None:
    told = push()
    bound = ProgramClient(*Scope, sources=("site",))
    site, web = (dictionaries.resolve_source(name=name, at=LONG_AGO) for name in ("site", "web"))
    merges.merge_source_as_alias(source=site, into=web, by=None, at=LONG_AGO)
    assert bound("GET", "/leads/by-external/site/1").json()["id"] == told["id"]
    assert [lead["id"] for lead in items(bound, "?source=site")] == [told["id"]]
    known = bound("POST", "/leads", {"source": "site", "external_id": "1"}).json()
    assert known["id"] == told["id"]
    made = bound("POST", "/campaigns", {"source": "site", "name": "spring"}, status=HTTPStatus.CREATED).json()
    assert made["source"] == "web"


def test_pages_follow_each_other_without_gaps_or_repeats(program: ProgramClient, push: Push) -> None:
    pushed = [push(external_id=str(number))["id"] for number in range(7)]
    found: list[str] = []
    cursor = ""
    for _page in range(10):
        answer = program("GET", f"/leads?limit=3{cursor}").json()
        found += [lead["id"] for lead in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert found == pushed[::-1]


def test_the_count_is_told_on_request(program: ProgramClient, push: Push) -> None:
    push()
    push(external_id="2")
    assert program("GET", "/leads").json()["count"] is None
    assert program("GET", "/leads?limit=1&count=exact").json()["count"] == 2


def test_filters_narrow(program: ProgramClient, push: Push) -> None:
    own, other = push(), push(source="vk", campaign="spring")
    program("POST", f"/leads/{other['id']}/assessments", {"answers": {"budget": "failed"}}, status=HTTPStatus.CREATED)
    for query in ("source=vk", "campaign=spring", "verdict=non_target", "failed=budget"):
        assert [lead["id"] for lead in items(program, f"?{query}")] == [other["id"]], query
    assert [lead["id"] for lead in items(program, "?verdict=undecided&outcome=open&funnel=sales")] == [own["id"]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("sorce=vk", "/sorce"),
        ("source=gogle", "/source"),
        ("verdict=good", "/verdict"),
        ("verdict=NON_TARGET", "/verdict"),
        ("outcome=Open", "/outcome"),
        ("failed=nothing", "/failed"),
        ("owner=me", "/owner"),
        ("owner=999999999999999999999", "/owner"),
        ("from=2026-02-30", "/from"),
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=" + "9" * 5000, "/limit"),
        ("count=1", "/count"),
        ("source=site&source=vk", "/source"),
    ],
)
def test_D15_what_is_not_understood_is_refused(program: ProgramClient, push: Push, query: str, pointer: str) -> None:
    push()
    push(source="vk")
    refused = program("GET", f"/leads?{query}", status=HTTPStatus.BAD_REQUEST)
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_cursor_that_is_none_is_refused(program: ProgramClient) -> None:
    assert program("GET", "/leads?cursor=abc", status=HTTPStatus.BAD_REQUEST).json()["code"] == "place_not_understood"


# --- Putting right --------------------------------------------------------------------------------------------------
def test_details_are_put_right(program: ProgramClient, push: Push, manager: User) -> None:
    path = f"/leads/{push(name='Ana')['id']}"
    tag = program("GET", path).headers["ETag"]
    told = {"name": "Anna", "phone": "+7 900 000-00-01", "segment": "b2b", "owner": manager.email}
    changed = program("PATCH", path, told, If_Match=tag)
    lead = changed.json()
    assert (lead["contact"]["name"], lead["contact"]["phones"]) == ("Anna", ["+79000000001"])
    assert (lead["segment"], lead["owner"]["id"]) == ("b2b", manager.pk)
    assert changed.headers["ETag"] != tag
    assert differences() == []
    assert AuditEvent.objects.get(action="lead.amend").changes == {"fields": ["phone", "name", "segment"]}


def test_a_change_must_say_of_which_version(program: ProgramClient, push: Push) -> None:
    refused = program("PATCH", f"/leads/{push()['id']}", {"name": "x"}, status=HTTPStatus.PRECONDITION_REQUIRED)
    assert refused.json()["code"] == "precondition_required"


@pytest.mark.parametrize("tag", ['"99"', 'W/"1"', "*", "abc", '"-1"', '"' + "9" * 5000 + '"'])
def test_a_stale_change_is_refused_with_the_lead_as_it_is(program: ProgramClient, push: Push, tag: str) -> None:
    told = push(name="Anna")
    refused = program("PATCH", f"/leads/{told['id']}", {"name": "Ivan"}, status=412, If_Match=tag)
    assert refused.json()["code"] == "lead_has_changed"
    assert refused.json()["current"]["contact"]["name"] == "Anna"
    assert Lead.objects.get().contact.name == "Anna"


def test_nobodys_leads_are_asked_for_as_on_the_board(program: ProgramClient, push: Push, manager: User) -> None:
    own, _other = push(), push(external_id="2", owner=manager.email)
    assert [lead["id"] for lead in items(program, "?owner=-")] == [own["id"]]


@pytest.mark.parametrize("nobody", ["", " ", "nobody@example.com"])
def test_an_owner_nobody_signs_in_as_is_refused(program: ProgramClient, push: Push, nobody: str) -> None:
    path = f"/leads/{push()['id']}"
    tag = program("GET", path).headers["ETag"]
    refused = program("PATCH", path, {"owner": nobody}, status=HTTPStatus.UNPROCESSABLE_ENTITY, If_Match=tag)
    assert refused.json()["errors"][0]["pointer"] == "/owner"


def test_segment_and_owner_may_be_emptied(program: ProgramClient, push: Push, manager: User) -> None:
    path = f"/leads/{push(segment='b2b', owner=manager.email)['id']}"
    changed = program("PATCH", path, {"segment": None, "owner": None}, If_Match=program("GET", path).headers["ETag"])
    assert (changed.json()["segment"], changed.json()["owner"]) == (None, None)


@pytest.mark.parametrize(
    ("told", "code"),
    [({"phone": "12"}, "invalid_phone"), ({"email": "no"}, "invalid_email"), ({"owner": "x@y.io"}, "unknown_owner")],
)
def test_details_that_are_none_are_refused(program: ProgramClient, push: Push, told: Any, code: str) -> None:
    path = f"/leads/{push()['id']}"
    tag = program("GET", path).headers["ETag"]
    assert program("PATCH", path, told, status=422, If_Match=tag).json()["code"] == code
    assert program("GET", path).headers["ETag"] == tag


def test_the_phone_of_another_person_is_not_taken(program: ProgramClient, push: Push) -> None:
    push(**PERSON)
    path = f"/leads/{push(external_id='2', name='Ivan')['id']}"
    tag = program("GET", path).headers["ETag"]
    refused = program("PATCH", path, {"phone": PERSON["phone"]}, status=422, If_Match=tag)
    assert refused.json()["code"] == "point_taken"


# --- People with the session of the pages ---------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
def test_masked_roles_never_receive_who_it_is(
    role: Role, push: Push, users: dict[Role, User], client_of: Callable[[User], Client]
) -> None:
    told = push(external_id="secret-7", **PERSON)
    client = client_of(users[role])
    for path in ("/leads", f"/leads/{told['id']}"):
        text = client.get(API + path).content.decode()
        assert told["id"] in text
        assert [word for word in (*SECRETS, "secret-7") if word in text] == []


def test_a_manager_reads_their_own(push: Push, manager: User, client_of: Callable[[User], Client], head: User) -> None:
    own, other = push(owner=manager.email), push(external_id="2", owner=head.email)
    client = client_of(manager)
    assert [lead["id"] for lead in client.get(f"{API}/leads").json()["items"]] == [own["id"]]
    assert client.get(f"{API}/leads/{other['id']}").status_code == HTTPStatus.NOT_FOUND


def test_a_session_needs_a_token_against_forgery(admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    refused = client.post(f"{API}/leads", {"name": "x"}, content_type="application/json")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert refused.headers["Content-Type"] == "application/problem+json"


# --- Keys -----------------------------------------------------------------------------------------------------------
def test_a_stranger_gets_nothing(db: None) -> None:
    for token in ("", "Bearer nonsense", "Bearer rz_aaaaaaaa_" + "a" * 43, "Basic abc"):
        refused = Client().get(f"{API}/leads", headers={"authorization": token} if token else {})
        assert refused.status_code == HTTPStatus.UNAUTHORIZED
        assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("told", ["", " ", "Bearer", "Bearer nonsense"])
def test_a_session_does_not_stand_in_for_a_token_that_opens_nothing(told: str, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    assert client.get(f"{API}/leads").status_code == HTTPStatus.OK
    assert client.get(f"{API}/leads", headers={"authorization": told}).status_code == HTTPStatus.UNAUTHORIZED


def test_a_token_in_the_address_is_refused(program: ProgramClient) -> None:
    refused = program("GET", f"/leads?token={program.token}", status=HTTPStatus.BAD_REQUEST)
    assert refused.json()["code"] == "token_in_address"


@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
def test_a_manager_hands_a_lead_to_nobody_the_page_would_not_offer(
    role: Role, push: Push, users: dict[Role, User], manager: User, client_of: Callable[[User], Client]
) -> None:
    path = f"{API}/leads/{push(owner=manager.email)['id']}"
    client = client_of(manager)
    tag = client.get(path).headers["ETag"]
    told = {"owner": users[role].email}
    refused = client.patch(path, told, content_type="application/json", headers={"if-match": tag})
    assert (refused.status_code, refused.json()["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_owner")
    assert Lead.objects.get().owner == manager
