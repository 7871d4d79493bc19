"""Signing in in two steps: by password and code, set up by oneself, demanded by the organisation."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pyotp
import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from crm.models import AuditEvent, SecondFactor, User
from crm.operations import people, second_factor, settings
from crm.operations.buckets import LocalBuckets
from crm.views import two_steps
from tests.factories.crm import PASSWORD

LOGIN, CODE, PROFILE, TWO_STEPS = "/login/", "/login/code/", "/profile/", "/profile/two-steps/"

ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the guesses of each test by themselves: people of other tests have the same numbers."""
    buckets = LocalBuckets(per_second=two_steps.GUESSES_PER_SECOND, burst=two_steps.GUESSES)
    monkeypatch.setattr(two_steps, "guesses", buckets)


@pytest.fixture
def at() -> datetime:
    return timezone.now()


def set_up(user: User, at: datetime) -> tuple[str, list[str]]:
    """Turn two-step sign-in on some minutes ago; return the key and the recovery codes."""
    before = at - timedelta(minutes=5)
    secret = second_factor.begin(user=user, at=before).secret
    return secret, second_factor.confirm(user=user, code=pyotp.TOTP(secret).at(before), at=before)


def log_in(client: Client, user: User, **data: str) -> HttpResponse:
    return client.post(LOGIN, {"username": user.email, "password": PASSWORD, **data})


def is_in(client: Client) -> bool:
    return client.get(PROFILE).status_code == HTTPStatus.OK


def test_the_password_alone_opens_nothing(head: User, client: Client, at: datetime) -> None:
    set_up(head, at)
    assert log_in(client, head).headers["Location"] == CODE
    assert not is_in(client)
    assert client.get("/api/v1/leads").status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def test_password_and_code_lead_where_one_wanted_to_be(head: User, client: Client, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    log_in(client, head, next="/kanban/")
    response = client.post(CODE, {"code": pyotp.TOTP(secret).at(at)})
    assert response.headers["Location"] == "/kanban/"
    assert is_in(client)


def test_a_recovery_code_opens_once(head: User, client: Client, at: datetime) -> None:
    _secret, codes = set_up(head, at)
    log_in(client, head)
    client.post(CODE, {"code": codes[0].upper()})
    assert is_in(client)
    other = Client()
    log_in(other, head)
    assert "is not right" in other.post(CODE, {"code": codes[0]}).content.decode()
    assert not is_in(other)


def test_a_code_that_was_looked_over_somebodys_shoulder_opens_no_more(head: User, client: Client, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    code, other = pyotp.TOTP(secret).at(at), Client()
    for browser in (client, other):
        log_in(browser, head)
        browser.post(CODE, {"code": code})
    assert is_in(client)
    assert not is_in(other)


def test_too_many_wrong_codes_lock_the_way_in(head: User, client: Client, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    for _time in range(5):
        log_in(client, head)  # a right password does not start the count anew
        answer = client.post(CODE, {"code": "000000"})
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert client.post(CODE, {"code": pyotp.TOTP(secret).at(at)}).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert not is_in(client)


def test_guesses_from_many_addresses_are_counted_together(head: User, manager: User, at: datetime) -> None:
    (secret, _codes), (others, _more) = set_up(head, at), set_up(manager, at)
    for number in range(two_steps.GUESSES):
        thief = Client(REMOTE_ADDR=f"192.0.2.{number}")
        log_in(thief, head)
        assert thief.post(CODE, {"code": "000000"}).status_code == HTTPStatus.OK
    for user, key, status in ((head, secret, HTTPStatus.TOO_MANY_REQUESTS), (manager, others, HTTPStatus.FOUND)):
        client = Client()
        log_in(client, user)
        assert client.post(CODE, {"code": pyotp.TOTP(key).at(at)}).status_code == status


def test_a_password_changed_between_the_steps_has_to_be_shown_anew(head: User, client: Client, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    log_in(client, head)
    people.set_password(user=head, password="four-other-words-to-keep", by=head, at=at)
    assert client.post(CODE, {"code": pyotp.TOTP(secret).at(at)}).headers["Location"] == LOGIN
    assert not is_in(client)


def test_a_session_of_two_steps_is_none_once_they_are_turned_off(head: User, client: Client, at: datetime) -> None:
    secret, codes = set_up(head, at)
    log_in(client, head)
    client.post(CODE, {"code": pyotp.TOTP(secret).at(at)})
    client.post(f"{TWO_STEPS}off/", {"password": PASSWORD, "code": codes[0]})
    assert not SecondFactor.objects.exists()
    settings.change(by=None, at=at, second_factor_required=True)
    assert client.get("/day/").headers["Location"] == TWO_STEPS


def test_what_is_signed_in_on_a_lost_telephone_ends_with_it(
    admin: User, head: User, client: Client, client_of: ClientOf, at: datetime
) -> None:
    secret, _codes = set_up(head, at)
    log_in(client, head)
    client.post(CODE, {"code": pyotp.TOTP(secret).at(at)})
    client_of(admin).post(f"/settings/people/{head.pk}/two-steps/")
    assert not is_in(client)


def test_nobody_takes_the_second_step_off_themselves_by_the_page_of_people(
    admin: User, client_of: ClientOf, at: datetime
) -> None:
    set_up(admin, at)
    client = client_of(admin)
    page = client.post(f"/settings/people/{admin.pk}/two-steps/", follow=True).content.decode()
    assert "it takes the password and a code" in page
    assert "The authenticator is lost" not in page
    assert SecondFactor.objects.filter(user=admin, confirmed_at__isnull=False).exists()


def test_nobody_comes_to_the_second_step_without_the_first(head: User, client: Client, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    assert client.post(CODE, {"code": pyotp.TOTP(secret).at(at)}).headers["Location"] == LOGIN
    log_in(client, head)
    with time_machine.travel(at + timedelta(minutes=11)):
        assert client.get(CODE).headers["Location"] == LOGIN


def test_whoever_was_switched_off_between_the_steps_stays_out(head: User, client: Client, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    log_in(client, head)
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert client.post(CODE, {"code": pyotp.TOTP(secret).at(at)}).headers["Location"] == LOGIN


def test_a_person_sets_it_up_and_turns_it_off(manager: User, client_of: ClientOf, at: datetime) -> None:
    client = client_of(manager)
    client.post(f"{TWO_STEPS}begin/")
    page = client.get(TWO_STEPS).content.decode()
    factor = SecondFactor.objects.get(user=manager)
    assert "<svg" in page
    assert factor.secret in page
    wrong = client.post(f"{TWO_STEPS}confirm/", {"code": "123"})
    assert wrong.context["confirming"].errors["code"]
    shown = client.post(f"{TWO_STEPS}confirm/", {"code": pyotp.TOTP(factor.secret).at(at)}).context["codes"]
    assert len(shown) == 10
    assert shown[0] not in client.get(TWO_STEPS).content.decode()
    assert factor.secret not in client.get(TWO_STEPS).content.decode()
    refused = client.post(f"{TWO_STEPS}off/", {"password": "wrong", "code": shown[0]})
    assert refused.context["leaving"].errors["password"]
    client.post(f"{TWO_STEPS}off/", {"password": PASSWORD, "code": shown[0]})
    assert not SecondFactor.objects.exists()
    acts = AuditEvent.objects.filter(action__startswith="second_factor.").values_list("action", flat=True)
    assert {"second_factor.begin", "second_factor.turn_on", "second_factor.turn_off"} <= set(acts)


def test_new_recovery_codes_put_the_old_ones_out_of_use(manager: User, client_of: ClientOf, at: datetime) -> None:
    _secret, codes = set_up(manager, at)
    client = client_of(manager)
    drawn = client.post(f"{TWO_STEPS}codes/", {"code": codes[0]}).context["codes"]
    assert not set(drawn) & set(codes)
    assert client.post(f"{TWO_STEPS}codes/", {"code": codes[1]}).context["renewing"].errors["code"]


@pytest.mark.parametrize("who", ["admin", "head"])
def test_where_it_is_demanded_leaders_set_it_up_first(
    who: str, client_of: ClientOf, at: datetime, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    client = client_of(user)
    settings.change(by=None, at=at, second_factor_required=True)
    assert client.get("/day/").headers["Location"] == TWO_STEPS
    assert "Set it up to go on" in client.get(TWO_STEPS).content.decode()
    client.post(f"{TWO_STEPS}begin/")
    code = pyotp.TOTP(SecondFactor.objects.get(user=user).secret).at(at)
    codes = client.post(f"{TWO_STEPS}confirm/", {"code": code}).context["codes"]
    assert client.get("/day/").status_code == HTTPStatus.OK
    answer = client.post(f"{TWO_STEPS}off/", {"password": PASSWORD, "code": codes[0]})
    assert answer.context["leaving"].non_field_errors()
    assert SecondFactor.objects.exists()


def test_a_session_from_before_shows_a_code_too(head: User, client_of: ClientOf, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    client = client_of(head)
    settings.change(by=None, at=at, second_factor_required=True)
    assert client.get("/day/").headers["Location"] == TWO_STEPS
    assert client.get(TWO_STEPS).headers["Location"].startswith(LOGIN)
    log_in(client, head)
    client.post(CODE, {"code": pyotp.TOTP(secret).at(at)})
    assert client.get("/day/").status_code == HTTPStatus.OK


def test_where_it_is_demanded_others_are_left_alone(manager: User, client_of: ClientOf, at: datetime) -> None:
    settings.change(by=None, at=at, second_factor_required=True)
    assert client_of(manager).get("/day/").status_code == HTTPStatus.OK


def test_an_administrator_lets_in_whoever_lost_the_authenticator(
    admin: User, head: User, client_of: ClientOf, client: Client, at: datetime
) -> None:
    set_up(head, at)
    client_of(admin).post(f"/settings/people/{head.pk}/two-steps/")
    log_in(client, head)
    assert is_in(client)
    assert AuditEvent.objects.get(action="second_factor.reset").actor_id == admin.pk


def test_between_the_steps_the_session_is_another_one(head: User, client: Client, at: datetime) -> None:
    secret, _codes = set_up(head, at)
    client.get(LOGIN)
    log_in(client, head)
    between = client.cookies["sessionid"].value
    client.post(CODE, {"code": pyotp.TOTP(secret).at(at)})
    assert client.cookies["sessionid"].value != between
    assert not Session.objects.filter(session_key=between).exists()
