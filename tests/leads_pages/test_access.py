"""Who gets to the pages of leads, to whose leads, and what masked roles never receive."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import User
from crm.rules.roles import Role
from funnels.rules.criteria import Result
from leads.models import Lead, Touch, Transition
from leads.operations import assessments, moves, touches
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, TouchChannel, TouchResult
from tests.leads_pages.conftest import EXTERNAL_ID, NOTE, PHONE, SECRETS, TakeIn

ClientOf = Callable[[User], Client]

JUDGING = ("judge", "lose")
EDITING = ("touch", "move", "win", "reopen", "assign")
MERGING = ("merge", "unmerge")
ACTS = (*JUDGING, *EDITING, *MERGING)
MASKED = (Role.MARKETER, Role.EXECUTIVE)


@pytest.mark.parametrize("act", ACTS)
def test_a_stranger_is_sent_to_the_login_page(act: str, lead: Lead, client: Client) -> None:
    response = client.post(reverse(f"leads:{act}", args=[lead.code]), {"to": "contacted"})
    assert response.headers["Location"].startswith("/login/")


@pytest.mark.parametrize("name", ["list", "create"])
def test_a_stranger_reads_nothing(name: str, lead: Lead, client: Client) -> None:
    for url in (reverse(f"leads:{name}"), reverse("leads:card", args=[lead.code])):
        assert client.get(url).headers["Location"].startswith("/login/")


@pytest.mark.parametrize("role", MASKED)
@pytest.mark.parametrize("act", ACTS)
def test_a_role_without_the_right_does_nothing(
    act: str, role: Role, lead: Lead, users: dict[Role, User], post: Callable[..., Any]
) -> None:
    response = post(users[role], act, lead, to="contacted", reasons=["price"], channel="call", result="reached")
    assert response.status_code == HTTPStatus.FORBIDDEN
    lead.refresh_from_db()
    assert (lead.stage.code, lead.outcome, Touch.objects.count()) == ("new", "OPEN", 0)


@pytest.mark.parametrize("act", MERGING)
def test_a_manager_does_not_merge(act: str, lead: Lead, manager: User, post: Callable[..., Any]) -> None:
    assert post(manager, act, lead).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("role", MASKED)
def test_masked_roles_do_not_take_requests_in(role: Role, users: dict[Role, User], client_of: ClientOf) -> None:
    assert client_of(users[role]).get("/leads/new/").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HEAD])
def test_p13_another_teams_lead_is_not_in_the_list(
    role: Role, users: dict[Role, User], foreign: Lead, lead: Lead, client_of: ClientOf
) -> None:
    client = client_of(users[role])
    for query in ("", "?duplicates=shown", "?q=Чужой", "?q=89031112233", f"?q={foreign.code}"):
        response = client.get(f"/leads/{query}")
        assert foreign.code not in {row.code for row in response.context["rows"]}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HEAD])
def test_p13_another_teams_lead_does_not_exist(
    role: Role, users: dict[Role, User], foreign: Lead, rules: Any, client_of: ClientOf
) -> None:
    client = client_of(users[role])
    missing = client.get("/leads/ld_00000000000000000000000000000000/")
    found = client.get(f"/leads/{foreign.code}/")
    assert found.status_code == missing.status_code == HTTPStatus.NOT_FOUND
    for word in ("Чужой", "9031112233", foreign.code):
        assert word not in found.content.decode().replace(f"/leads/{foreign.code}/", "")


@pytest.mark.parametrize("act", [*JUDGING, *EDITING])
def test_p13_nothing_is_done_to_another_teams_lead(
    act: str, foreign: Lead, manager: User, post: Callable[..., Any]
) -> None:
    response = post(manager, act, foreign, to="contacted", reasons=["price"], channel="call", result="reached")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert Transition.objects.filter(lead=foreign).count() == 1
    assert not Touch.objects.exists()


@pytest.mark.parametrize("act", MERGING)
def test_p13_a_head_does_not_merge_another_teams_lead(
    act: str, foreign: Lead, head: User, post: Callable[..., Any]
) -> None:
    assert post(head, act, foreign, master=foreign.code).status_code == HTTPStatus.NOT_FOUND


def test_p13_another_teams_people_are_no_filter(
    client_of: ClientOf, head: User, foreign: Lead, foreign_manager: User
) -> None:
    response = client_of(head).get(f"/leads/?owner={foreign_manager.pk}")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert foreign_manager.name not in response.content.decode()


@pytest.mark.parametrize("code", ["x", "ld_", "ld_zz", "sm_0190", "ld_0190"])
def test_a_code_that_is_none_is_not_found(code: str, client_of: ClientOf, admin: User) -> None:
    assert client_of(admin).get(f"/leads/{code}/").status_code == HTTPStatus.NOT_FOUND


@pytest.fixture
def storied(judged: Lead, manager: User, now: datetime, take_in: TakeIn) -> Lead:
    """A lead with words about the person in every kind of fact, lost, and with a duplicate."""
    touches.log(lead=judged, result=TouchResult.REACHED, channel=TouchChannel.CALL, by=manager, at=now, note=NOTE)
    assessments.judge(
        lead=judged,
        answers={"need": Answer(Result.FAILED, evidence_ref=PHONE)},
        kind=AssessmentKind.CHANGE,
        by=manager,
        at=now,
        note=NOTE,
    )
    moves.lose(lead=judged, reasons=["price"], by=manager, at=now, note=NOTE)
    take_in(name="Гульнара Ёлкина", phone=PHONE, owner=manager)
    return judged


@pytest.mark.parametrize("role", MASKED)
def test_masked_roles_never_receive_who_it_is(
    role: Role, storied: Lead, users: dict[Role, User], client_of: ClientOf
) -> None:
    client = client_of(users[role])
    duplicate = Lead.objects.exclude(pk=storied.pk).get()
    urls = (
        "/leads/",
        "/leads/?duplicates=shown",
        "/leads/?verdict=nonsense",
        f"/leads/{storied.code}/",
        f"/leads/{duplicate.code}/",
    )
    for url in urls:
        page = client.get(url).content.decode()
        assert [secret for secret in SECRETS if secret in page] == []


@pytest.mark.parametrize("role", MASKED)
def test_masked_roles_are_not_even_handed_it(
    role: Role, storied: Lead, users: dict[Role, User], client_of: ClientOf
) -> None:
    client = client_of(users[role])
    (row,) = client.get("/leads/").context["rows"]
    card = client.get(f"/leads/{storied.code}/").context["card"]
    assert (row.contact, card.row.contact, card.told) == (None, None, None)
    assert [secret for secret in SECRETS if secret in repr(card)] == []


@pytest.mark.parametrize("role", MASKED)
@pytest.mark.parametrize("text", [PHONE, "1408", "2201408", "elkina@example.com", "Гульнара", "вектор"])
def test_masked_roles_find_nobody_by_contact(
    text: str, role: Role, lead: Lead, users: dict[Role, User], client_of: ClientOf
) -> None:
    response = client_of(users[role]).get("/leads/", {"q": text})
    assert response.status_code == HTTPStatus.OK
    assert lead.code not in response.content.decode()


@pytest.mark.parametrize("role", MASKED)
def test_masked_roles_find_a_lead_by_its_numbers(
    role: Role, lead: Lead, users: dict[Role, User], client_of: ClientOf
) -> None:
    for text in (EXTERNAL_ID, lead.code, lead.code[-8:], f"ld_{lead.code[-8:]}"):
        assert lead.code in client_of(users[role]).get("/leads/", {"q": text}).content.decode()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.HEAD, Role.MANAGER])
def test_those_who_may_know_are_told(role: Role, lead: Lead, users: dict[Role, User], client_of: ClientOf) -> None:
    page = client_of(users[role]).get(f"/leads/{lead.code}/").content.decode()
    for text in ("Гульнара Ёлкина", "+7 917 220-14-08", "elkina@example.com", "site-4711", "secret-utm"):
        assert text in page


@pytest.mark.parametrize("role", MASKED)
def test_a_role_without_the_right_sees_no_form(
    role: Role, lead: Lead, users: dict[Role, User], client_of: ClientOf
) -> None:
    response = client_of(users[role]).get(f"/leads/{lead.code}/")
    assert response.context["forms"] == {}
    assert f'action="/leads/{lead.code}/' not in response.content.decode()
