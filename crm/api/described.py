"""The API's description, made of the same structs that read and write its bodies."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from crm.api.errors import MEDIA_TYPE, Problem

JSON = "application/json"
REF = "#/components/schemas/{name}"
ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
OF_WRITES = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="Your own name for this request: sent again with it, the request is answered again and not done again.",
)

F = TypeVar("F", bound=Callable[..., Any])
_shapes: dict[str, type] = {}


def described(
    name: str,
    *,
    tag: str,
    answers: Mapping[int, type | None],
    body: type | None = None,
    example: Mapping[str, object] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    refusals: Sequence[int] = (),
    is_write: bool = False,
) -> Callable[[F], F]:
    """Describe one method of an endpoint: its bodies, what it answers, and every refusal it may give."""
    responses: dict[Any, Any] = {}
    for status, shape in answers.items():
        responses[(status, JSON)] = OpenApiResponse(_ref(shape) if shape else None, HTTPStatus(status).phrase)
    for status in (*ALWAYS, *(OF_WRITES if is_write else ()), *refusals):
        responses[(status, MEDIA_TYPE)] = OpenApiResponse(_ref(Problem), HTTPStatus(status).phrase)
    examples = [OpenApiExample("Example", value=dict(example), request_only=True)] if example else None
    return extend_schema(
        operation_id=name,
        tags=[tag],
        request={JSON: _ref(body)} if body else None,
        responses=responses,
        parameters=list(parameters),
        examples=examples,
    )


def query(name: str, description: str, schema: Mapping[str, object] | None = None) -> OpenApiParameter:
    """Describe a parameter of an address."""
    return OpenApiParameter(name, dict(schema) if schema else OpenApiTypes.STR, description=description)


def add_shapes(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """Put the structs that were named into the description; a hook of drf-spectacular."""
    _schemas, components = msgspec.json.schema_components(list(_shapes.values()), ref_template=REF)
    _take_numbers(components)
    result.setdefault("components", {}).setdefault("schemas", {}).update(components)
    result["components"]["schemas"] = dict(sorted(result["components"]["schemas"].items()))
    for methods in result["paths"].values():
        for operation in methods.values():
            operation.get("requestBody", {})["required"] = True
    return result


def _take_numbers(schema: Any) -> None:
    """Say of amounts, however deep, that a JSON number is read as well as text; msgspec does so and tells it not."""
    match schema:
        case {"format": "decimal"}:
            schema["type"] = ["string", "number"]
        case dict():
            for inner in schema.values():
                _take_numbers(inner)
        case list():
            for inner in schema:
                _take_numbers(inner)


def _ref(shape: type) -> dict[str, str]:
    _shapes[shape.__name__] = shape
    return {"$ref": REF.format(name=shape.__name__)}
