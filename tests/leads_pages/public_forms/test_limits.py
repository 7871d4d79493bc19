"""How fast public forms may be sent."""

from http import HTTPStatus

import pytest
from django.test import Client

from crm.operations.buckets import SharedBuckets
from leads.models import PublicForm, Submission
from leads.views import public_forms as views
from tests.leads_pages.public_forms.conftest import filled, post


def test_one_address_may_not_send_without_end_and_loses_nothing_it_typed(browser: Client, form: PublicForm) -> None:
    for _ in range(20):
        assert post(browser, form).status_code == HTTPStatus.OK
    response = post(browser, form, filled(form, message="Kept"))
    assert response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 1 <= int(response.headers["Retry-After"]) <= 30
    assert "Kept" in response.content.decode()
    assert Submission.objects.count() == 20
    assert post(browser, form, REMOTE_ADDR="203.0.113.9").status_code == HTTPStatus.OK


def test_behind_our_proxy_visitors_are_told_apart_and_a_stranger_cannot_pretend_to_be_one(
    browser: Client, form: PublicForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "of_an_address", SharedBuckets(per_second=1 / 30, burst=1))
    for address in ("203.0.113.1", "203.0.113.2"):
        headers = {"x-forwarded-for": f"10.9.9.9, {address}"}
        assert post(browser, form, headers=headers).status_code == HTTPStatus.OK
        assert post(browser, form, headers=headers).status_code == HTTPStatus.TOO_MANY_REQUESTS
    answers = [
        post(browser, form, headers={"x-forwarded-for": f"203.0.113.{number}"}, REMOTE_ADDR="8.8.8.8").status_code
        for number in (3, 4)
    ]
    assert answers == [HTTPStatus.OK, HTTPStatus.TOO_MANY_REQUESTS]


def test_a_form_as_a_whole_has_a_limit(browser: Client, form: PublicForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "of_a_form", SharedBuckets(per_second=0.1, burst=3))
    answers = [post(browser, form, REMOTE_ADDR=f"203.0.113.{number}").status_code for number in range(4)]
    assert answers == [HTTPStatus.OK] * 3 + [HTTPStatus.TOO_MANY_REQUESTS]


def test_no_address_is_kept_anywhere(browser: Client, form: PublicForm, monkeypatch: pytest.MonkeyPatch) -> None:
    callers = []
    buckets = SharedBuckets()
    monkeypatch.setattr(views.of_an_address, "wait", lambda caller: callers.append(caller) or buckets.wait(caller))
    post(browser, form, REMOTE_ADDR="203.0.113.77")
    assert "203.0.113.77" not in callers[0]
    assert "203.0.113.77" not in str(list(Submission.objects.values()))


def test_beyond_the_limit_nothing_is_written(
    browser: Client, form: PublicForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "of_an_address", SharedBuckets(per_second=1 / 30, burst=1))
    for data in (filled(form, message="x" * 70_000), filled(form, message="x" * 70_000), {}, filled(form)):
        assert post(browser, form, data).status_code >= HTTPStatus.BAD_REQUEST
    assert Submission.objects.count() == 1
