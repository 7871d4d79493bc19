"""Coming in, going out, passwords, lockout, the limits of a session."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from crm.models import AuditEvent, User
from tests.factories.crm import PASSWORD

LOGIN, PROFILE = "/login/", "/profile/"

SignIn = Callable[[User], Client]


def _log_in(client: Client, email: str, password: str = PASSWORD, **data: str) -> HttpResponse:
    return client.post(LOGIN, {"username": email, "password": password, **data})


def test_a_person_signs_in_by_e_mail_in_any_case(manager: User, client: Client) -> None:
    response = _log_in(client, "MANAGER@Example.com")
    assert response.headers["Location"] == reverse("day:page")
    assert client.get(PROFILE).status_code == 200


def test_after_signing_in_a_person_is_where_they_wanted_to_be(manager: User, client: Client) -> None:
    wanted = client.get(PROFILE).headers["Location"]
    assert wanted == "/login/?next=/profile/"
    assert 'value="/profile/"' in client.get(wanted).content.decode()
    assert _log_in(client, manager.email, next=PROFILE).headers["Location"] == PROFILE


def test_a_foreign_address_is_never_gone_to(manager: User, client: Client) -> None:
    assert _log_in(client, manager.email, next="https://evil.example/").headers["Location"] == "/day/"


@pytest.mark.parametrize("who", ["unknown", "wrong password", "left the company"])
def test_a_refusal_does_not_tell_whether_the_e_mail_is_known(who: str, manager: User, client: Client) -> None:
    if who == "left the company":
        User.objects.filter(pk=manager.pk).update(is_active=False)
    email = "nobody@example.com" if who == "unknown" else manager.email
    response = _log_in(client, email, "wrong" if who == "wrong password" else PASSWORD)
    assert response.context["form"].non_field_errors() == ["The e-mail or the password is wrong."]
    assert client.get(PROFILE).status_code == 302


def test_whoever_leaves_the_company_is_out_at_once(manager: User, client_of: SignIn) -> None:
    client = client_of(manager)
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert client.get(PROFILE).status_code == 302


def test_logging_out_needs_a_post(manager: User, client_of: SignIn) -> None:
    client = client_of(manager)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == LOGIN
    assert client.get(PROFILE).status_code == 302


def test_five_wrong_passwords_pause_signing_in_and_say_for_how_long(manager: User, client: Client) -> None:
    for email in ("manager@example.com", "Manager@example.com", "MANAGER@EXAMPLE.COM", "manager@example.com"):
        assert _log_in(client, email, "wrong").status_code == 200
    _log_in(client, manager.email, "wrong")
    response = _log_in(client, manager.email)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert "Try again in 15 minutes." in response.content.decode()
    assert client.get(PROFILE).status_code == 302


def test_the_pause_ends(manager: User, client: Client) -> None:
    for _attempt in range(6):
        _log_in(client, manager.email, "wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert _log_in(client, manager.email).status_code == 302


def test_a_pause_for_one_person_is_none_for_another(manager: User, head: User, client: Client) -> None:
    for _attempt in range(6):
        _log_in(client, manager.email, "wrong")
    assert _log_in(client, head.email).status_code == 302


def test_a_session_ends_when_nobody_uses_it(manager: User, client: Client) -> None:
    with time_machine.travel("2026-03-02T09:00Z", tick=False) as clock:
        _log_in(client, manager.email)
        for _hour in range(2):
            clock.shift(timedelta(hours=2, minutes=59))
            assert client.get(PROFILE).status_code == 200
        clock.shift(timedelta(hours=3, minutes=1))
        assert client.get(PROFILE).status_code == 302


def test_a_page_left_open_keeps_no_session_alive(manager: User, client: Client) -> None:
    with time_machine.travel("2026-03-02T09:00Z", tick=False) as clock:
        _log_in(client, manager.email)
        for _minutes in range(90):
            clock.shift(timedelta(minutes=2))
            assert client.get(PROFILE, headers={"x-unattended": "1"}).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert client.get(PROFILE).status_code == 302


def test_a_session_ends_twelve_hours_after_signing_in(manager: User, client: Client) -> None:
    with time_machine.travel("2026-03-02T09:00Z", tick=False) as clock:
        _log_in(client, manager.email)
        for _hour in range(12):
            clock.shift(timedelta(hours=1))
            assert client.get(PROFILE).status_code == 200
        clock.shift(timedelta(minutes=1))
        assert client.get(PROFILE).status_code == 302


def test_a_session_is_not_written_at_every_click(
    manager: User, client: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with time_machine.travel("2026-03-02T09:00Z", tick=False) as clock:
        _log_in(client, manager.email)
        client.get(PROFILE)
        clock.shift(timedelta(seconds=30))
        with django_assert_max_num_queries(5) as captured:
            client.get(PROFILE)
    assert not [query for query in captured.captured_queries if not query["sql"].startswith("SELECT")]


def test_changing_the_password_ends_the_other_sessions(manager: User, client_of: SignIn) -> None:
    here, there = client_of(manager), client_of(manager)
    data = {"old_password": PASSWORD, "new_password1": "a-newer-better-one", "new_password2": "a-newer-better-one"}
    assert here.post("/password/", data).status_code == 302
    assert here.get(PROFILE).status_code == 200
    assert there.get(PROFILE).status_code == 302
    assert AuditEvent.objects.filter(action="person.set_password", actor_id=manager.pk).exists()


def test_changing_the_password_needs_the_old_one(manager: User, client_of: SignIn) -> None:
    data = {"old_password": "wrong", "new_password1": "a-newer-better-one", "new_password2": "a-newer-better-one"}
    assert "old_password" in client_of(manager).post("/password/", data).context["form"].errors


def _link(body: str) -> str:
    found = re.search(r"http://testserver(\S+)", body)
    assert found
    return found.group(1)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_forgotten_password_is_set_anew_by_mail(language: str, manager: User, client: Client) -> None:
    User.objects.filter(pk=manager.pk).update(language=language)
    client.post("/password/reset/", {"email": "Manager@example.com"})
    (letter,) = mail.outbox
    assert letter.to == [manager.email]
    link = _link(letter.body)
    page = client.get(link, follow=True)
    password = {"new_password1": "a-newer-better-one", "new_password2": "a-newer-better-one"}
    assert client.post(page.request["PATH_INFO"], password).status_code == 302
    assert _log_in(client, manager.email, "a-newer-better-one").status_code == 302
    with translation.override(language):
        assert letter.subject == translation.gettext("Razbor: a new password")
    client.logout()
    assert "used or is too old" in client.get(link, follow=True, headers={"accept-language": "en"}).content.decode()


def test_asking_for_a_letter_does_not_tell_who_is_known(manager: User, client: Client) -> None:
    User.objects.filter(pk=manager.pk).update(is_active=False)
    for email in ("nobody@example.com", manager.email):
        assert client.post("/password/reset/", {"email": email}).headers["Location"] == "/password/reset/sent/"
    assert mail.outbox == []


def test_a_mail_server_that_is_away_does_not_tell_who_is_known(
    manager: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", away)
    assert client.post("/password/reset/", {"email": manager.email}).headers["Location"] == "/password/reset/sent/"


def test_a_link_works_for_an_hour(manager: User, client: Client) -> None:
    with time_machine.travel("2026-03-02T09:00Z", tick=False) as clock:
        client.post("/password/reset/", {"email": manager.email})
        clock.shift(timedelta(minutes=61))
        assert "Ask for another" in client.get(_link(mail.outbox[0].body), follow=True).content.decode()
