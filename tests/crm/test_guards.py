"""What stands before a page, and what is shown instead of it."""

import json

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views import refusals
from crm.views.guards import actor, domain_errors_to_form, require


class _Form(forms.Form):
    amount = forms.IntegerField()


@require(Permission.IMPORT_LEADS)
def _view(request: HttpRequest, number: int) -> HttpResponse:
    """Answer."""
    return HttpResponse(f"{actor(request).role} {number}")


def _ask(rf: RequestFactory, user: object) -> HttpResponse:
    request = rf.get("/import/?step=2")
    request.user = user
    return _view(request, number=7)


def test_require_lets_in_whoever_has_the_permission(head: User, rf: RequestFactory) -> None:
    assert _ask(rf, head).content == b"head 7"


def test_require_refuses_whoever_has_it_not(manager: User, rf: RequestFactory) -> None:
    with pytest.raises(PermissionDenied):
        _ask(rf, manager)


def test_require_sends_a_stranger_to_the_login_page_and_back(rf: RequestFactory) -> None:
    from django.contrib.auth.models import AnonymousUser

    assert _ask(rf, AnonymousUser()).headers["Location"] == "/login/?next=/import/%3Fstep%3D2"


@pytest.mark.parametrize(("field", "place"), [("amount", "amount"), (None, "__all__"), ("elsewhere", "__all__")])
def test_a_refusal_becomes_an_error_of_the_form(field: str | None, place: str) -> None:
    form = _Form({"amount": 1})
    with domain_errors_to_form(form):
        raise DomainError("too_much", "Too much.", field=field)
    assert form.errors.as_data()[place][0].code == "too_much"
    assert form.errors[place] == ["Too much."]


def test_a_programming_error_is_no_error_of_the_form() -> None:
    with pytest.raises(KeyError), domain_errors_to_form(_Form({})):
        raise KeyError


def test_refusals_are_pages_for_people(rf: RequestFactory, manager: User, client: Client) -> None:
    page = rf.get("/somewhere/")
    page.user = manager
    assert refusals.forbidden(page, PermissionDenied()).status_code == 403
    assert "Your role does not allow this." in refusals.forbidden(page, PermissionDenied()).content.decode()
    assert "reload the page" in refusals.csrf_failed(page).content.decode()
    assert refusals.failed(page).status_code == 500
    assert client.get("/nowhere/").status_code == 404


def test_refusals_are_problem_documents_for_programs(rf: RequestFactory, client: Client) -> None:
    request = rf.get("/api/v1/somewhere")
    for answer, status, code in (
        (refusals.forbidden(request, PermissionDenied()), 403, "permission_denied"),
        (refusals.csrf_failed(request), 403, "csrf_failed"),
        (refusals.failed(request), 500, "internal_error"),
        (client.get("/api/v1/nowhere"), 404, "not_found"),
    ):
        assert answer.headers["Content-Type"] == "application/problem+json"
        body = json.loads(answer.content)
        assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
