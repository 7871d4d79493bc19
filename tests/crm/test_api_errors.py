"""One shape of error: RFC 9457, with the request's number and a pointer for each field."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.endpoints import Endpoint
from crm.api.errors import MEDIA_TYPE
from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "errors"}


class _Item(serializers.Serializer):
    amount = serializers.IntegerField()


class _Order(serializers.Serializer):
    name = serializers.CharField()
    items = _Item(many=True)

    def validate(self, attrs: dict) -> dict:
        raise serializers.ValidationError("Nothing fits.", code="unfit")


class _Endpoint(APIView):
    raises: Exception | None = None

    def get(self, request: Request) -> Response:
        if self.raises:
            raise self.raises
        return Response({})

    def put(self, request: Request) -> Response:
        raise DomainError("reason_of_another_stage", "This reason is of another stage.")

    def post(self, request: Request) -> Response:
        _Order(data=request.data).is_valid(raise_exception=True)
        return Response({})


def _get(rf: RequestFactory, user: object, raises: Exception | None = None) -> Response:
    request = rf.get("/api/v1/orders")
    request.user = user
    return _Endpoint.as_view(raises=raises)(request).render()


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (NotAllowed(), 403, "not_allowed"),
        (DomainError("unknown_value", "There is no such source."), 400, "unknown_value"),
        (exceptions.Throttled(wait=7), 429, "throttled"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
    ],
)
def test_a_refusal_is_a_problem_document(
    raised: Exception, status: int, code: str, manager: User, rf: RequestFactory
) -> None:
    response = _get(rf, manager, raised)
    assert response.headers["Content-Type"] == MEDIA_TYPE
    assert set(response.data) == MEMBERS
    assert (response.status_code, response.data["status"], response.data["code"]) == (status, status, code)
    assert (response.headers.get("Retry-After") == "7") is (status == 429)


def test_a_refusal_of_an_operation_points_at_its_field(manager: User, rf: RequestFactory) -> None:
    response = _get(rf, manager, DomainError("too_early", "Too early.", field="occurred_at"))
    assert response.data["detail"] == "Too early."
    assert response.data["errors"] == [{"pointer": "/occurred_at", "code": "too_early", "message": "Too early."}]


def test_a_refusal_to_write_is_not_a_question_misunderstood(manager: User, rf: RequestFactory) -> None:
    request = rf.put("/api/v1/orders")
    request.user = manager
    request._dont_enforce_csrf_checks = True
    response = _Endpoint.as_view()(request).render()
    assert (response.status_code, response.data["code"]) == (422, "reason_of_another_stage")


def test_a_stranger_is_asked_to_sign_in(rf: RequestFactory) -> None:
    response = _get(rf, AnonymousUser())
    assert (response.status_code, response.data["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_wrong_fields_are_pointed_at(manager: User, rf: RequestFactory) -> None:
    request = rf.post("/api/v1/orders", {"items": [{"amount": 1}, {"amount": "x"}]}, content_type="application/json")
    request.user, request._dont_enforce_csrf_checks = manager, True
    response = _Endpoint.as_view()(request)
    assert (response.status_code, response.data["code"]) == (400, "invalid")
    assert [(error["pointer"], error["code"]) for error in response.data["errors"]] == [
        ("/name", "required"),
        ("/items/1/amount", "invalid"),
    ]


def test_an_error_of_the_whole_points_at_the_whole(manager: User, rf: RequestFactory) -> None:
    request = rf.post("/api/v1/orders", {"name": "a", "items": []}, content_type="application/json")
    request.user, request._dont_enforce_csrf_checks = manager, True
    (error,) = _Endpoint.as_view()(request).data["errors"]
    assert error == {"pointer": "", "code": "unfit", "message": "Nothing fits."}


def test_a_method_that_is_not_there_is_refused_in_the_same_shape(manager: User, rf: RequestFactory) -> None:
    request = rf.delete("/api/v1/orders")
    request.user, request._dont_enforce_csrf_checks = manager, True
    response = _Endpoint.as_view()(request)
    assert (response.status_code, response.data["code"]) == (405, "method_not_allowed")
    assert "GET" in response.headers["Allow"]


def test_what_nobody_expected_is_left_to_the_error_page(manager: User, rf: RequestFactory) -> None:
    with pytest.raises(ZeroDivisionError):
        _get(rf, manager, ZeroDivisionError())


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (None, 200),
        ("*/*", 200),
        ("application/json", 200),
        ("application/json, text/plain, */*", 200),
        ("text/html", 406),
    ],
)
def test_an_answer_is_json_or_a_refusal_to_write_anything_else(
    accept: str | None, status: int, manager: User, rf: RequestFactory
) -> None:
    class Orders(Endpoint):
        """All of them."""

        def get(self, request: Request) -> Response:
            return Response({})

    request = rf.get("/api/v1/orders", headers={"accept": accept} if accept else {})
    request.user = manager
    response = Orders.as_view()(request).render()
    assert response.status_code == status
    assert "json" in response.headers["Content-Type"]
