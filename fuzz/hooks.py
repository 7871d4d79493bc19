"""What schemathesis calls around each request: made-up ids are exchanged for those of things there are.

Most of what an endpoint does lies behind “not found”, and nobody makes up an id, a criterion or an ETag that is there.
"""

import atexit
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase

from fuzz.known import CASES, KNOWN

EVERY = 10  # one id in so many stays made up
KINDS = {
    "/api/v1/leads/{code}": "leads",
    "/api/v1/metrics/{code}": "metrics",
    "/api/v1/webhooks/{code}": "webhooks",
    "/api/v1/webhooks/deliveries/{code}": "deliveries",
}

_known: dict[str, list[str]] = json.loads(KNOWN.read_text())
_next: dict[str, Iterator[str]] = {name: itertools.cycle(codes) for name, codes in _known.items()}
_calls = itertools.count(1)
_tags: dict[str, str] = {}  # a lead's code → its ETag as last told
_cases: Counter[tuple[str, int]] = Counter()  # by operation and status


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Put what there is in place of what was made up, where the request was to be well-formed."""
    if case.meta is None:
        return
    is_bad_at = case.meta.is_negative_at
    if isinstance(case.body, dict) and not is_bad_at(ParameterLocation.BODY):
        _write_whole_numbers(case.body)
    if next(_calls) % EVERY == 0 or case.meta.phase.name == TestPhase.STATEFUL:
        return
    kind = next((kind for start, kind in KINDS.items() if case.operation.path.startswith(start)), None)
    if kind and not is_bad_at(ParameterLocation.PATH):
        case.path_parameters["code"] = next(_next[kind])
    if "If-Match" in case.headers and not is_bad_at(ParameterLocation.HEADER):
        case.headers["If-Match"] = _tags.get(case.path_parameters["code"], '"1"')
    if case.operation.path.endswith("/assessments") and not is_bad_at(ParameterLocation.BODY):
        case.body["answers"] = {next(_next["criteria"]): answer for answer in case.body["answers"].values()}


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Count the answer, and remember the version of a lead."""
    _cases[case.operation.label, response.status_code] += 1
    if tag := response.headers.get("etag"):
        _tags[case.path_parameters.get("code", "")] = tag[0]


@atexit.register
def _tell() -> None:
    CASES.write_text(json.dumps([[name, status, cases] for (name, status), cases in _cases.items()]))


def _write_whole_numbers(body: dict[str, Any]) -> None:
    # To JSON Schema 2.0 is an integer too; who means a whole number writes 2, and nothing else is read as one.
    for name, value in body.items():
        if isinstance(value, float) and value.is_integer():
            body[name] = int(value)
