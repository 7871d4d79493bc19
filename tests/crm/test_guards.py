"""What stands before a page."""

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
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
