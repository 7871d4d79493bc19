"""Bodies of requests and answers: declared once as msgspec structs, read by them and described from them."""

import re
from typing import Annotated, Any, TypeVar

import msgspec
from django.utils.translation import gettext as _
from rest_framework import exceptions

T = TypeVar("T")

NO_NUL = r"^[^\x00]*$"  # a character no database keeps
WHERE = re.compile(r"^(?P<message>.*?)(?: - at `(?P<path>\$.*)`)?$", re.DOTALL)
UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(?P<name>.*)`")
MISSING_FIELD = re.compile(r"Object missing required field `(?P<name>.*)`")
STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")

Short = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Long = Annotated[str, msgspec.Meta(max_length=10_000, pattern=NO_NUL)]


class Shape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A body that comes in: a field it does not know is a typo, and refused."""


class Told(msgspec.Struct, kw_only=True):
    """A body that goes out."""


def read_json(body: bytes, shape: type[T]) -> T:
    """Read a body as a shape; raises a ValidationError that points at the first thing wrong, in JSON Pointer."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise exceptions.ValidationError(_pointed(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise exceptions.ParseError(_("The body is not JSON: {reason}.").format(reason=error), "not_json") from error


def _pointed(text: str) -> dict[str, Any]:
    """Turn msgspec's “… - at `$.utm.x`” into the nesting of which pointers are made."""
    found = WHERE.match(text)
    message, path = (found["message"], found["path"] or "$") if found else (text, "$")
    steps = [step["name"] or step["index"] for step in STEP.finditer(path)]
    code = "invalid"
    for pattern, its_code in ((UNKNOWN_FIELD, "unknown_field"), (MISSING_FIELD, "required")):
        if field := pattern.search(message):
            steps, code = [*steps, field["name"]], its_code
    detail: Any = [exceptions.ErrorDetail(message, code)]
    for step in reversed(steps or ["non_field_errors"]):
        detail = {step: detail}
    return dict(detail)
