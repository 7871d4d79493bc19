"""What is shown instead of a page."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.test import Client, RequestFactory

from config import refusals
from crm.models import User


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


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("path", ["/api/v1/leads", "/in/rz_a_b/generic", "/leads/"])
def test_a_database_that_does_not_answer_is_worth_another_try(
    rf: RequestFactory, error: type[Exception], path: str
) -> None:
    try:
        raise error
    except error:
        answer = refusals.failed(rf.get(path))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    if path == "/leads/":
        assert "The database does not answer" in answer.content.decode()
    else:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert json.loads(answer.content)["code"] == "unavailable"
