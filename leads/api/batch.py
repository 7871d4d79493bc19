"""Many leads in one request: each taken in or refused by itself, unless all or none is asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import ClassVar

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.bodies import read_json
from crm.api.described import described, query
from crm.api.endpoints import MEGABYTE, Endpoint
from crm.api.errors import problem_of
from crm.api.throttling import caller_of
from crm.operations.idempotency import Answer, Asked, once
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from leads.api import doors
from leads.api.shapes import BatchIn, BatchItem, BatchReceipt, BatchResult, Receipt

MOST = 500
LEADS_PATH = "/api/v1/leads"  # an item's key is the same whether it comes alone or among others


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """A batch before its items are read: each of them may be broken by itself."""

    leads: list[msgspec.Raw]


class _Refused(Exception):
    """One item of a batch that was to be taken as a whole."""


class BatchEndpoint(Endpoint):
    """Up to 500 leads at once."""

    needs: ClassVar[Mapping[str, Permission]] = {"POST": Permission.CREATE_LEAD}
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"POST": frozenset({"atomic"})}
    longest_body = 5 * MEGABYTE

    @described(
        "push_leads",
        tag="leads",
        body=BatchIn,
        answers={200: BatchReceipt, 422: BatchReceipt},
        parameters=[
            query("atomic", "true takes all in or none", {"type": "string", "enum": ["true", "false"]}),
        ],
        is_write=True,
    )
    def post(self, request: Request) -> Response:
        """Take them in, in their order; 200 also when some were refused: each result says its own status."""
        items = self.body(Envelope).leads
        if not 0 < len(items) <= MOST:
            message = _("A batch holds 1 to {most} leads.").format(most=MOST)
            raise exceptions.ValidationError({"leads": [exceptions.ErrorDetail(message, "batch_size")]})
        at = timezone.now()
        if not _is_atomic(request.query_params.get("atomic")):
            return Response(_receipt([self._result(index, raw, at) for index, raw in enumerate(items)]))
        results: list[BatchResult] = []
        try:
            with transaction.atomic():
                results += [self._result(index, raw, at) for index, raw in enumerate(items)]
                if any(result.problem for result in results):
                    raise _Refused
        except _Refused:
            return Response(_receipt(_undone(results)), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return Response(_receipt(results))

    def _result(self, index: int, raw: msgspec.Raw, at: datetime) -> BatchResult:
        try:
            answer = self._taken_in(bytes(raw), at)
        except (DomainError, exceptions.APIException) as refusal:
            problem = problem_of(refusal)
            return BatchResult(index=index, status=problem.status, outcome="failed", problem=problem)
        told = msgspec.json.decode(answer.body, type=Receipt)
        return BatchResult(index=index, status=answer.status, outcome=told.outcome, id=told.id)

    def _taken_in(self, body: bytes, at: datetime) -> Answer:
        with doors.refusals_kept(body=body, actor=self.actor, at=at):
            item = read_json(body, BatchItem)
            doors.require_a_name(actor=self.actor, external_id=item.external_id, key=item.idempotency_key)
        act = partial(doors.push, told=item, actor=self.actor, at=at, body=body)
        if item.idempotency_key is None:
            return act()
        asked = Asked(
            caller=caller_of(self.request), method="POST", path=LEADS_PATH, key=item.idempotency_key, body=body
        )
        return once(asked=asked, at=at, act=act)


def _is_atomic(text: str | None) -> bool:
    if text in (None, "false", "true"):
        return text == "true"
    message = _("atomic is true or false.")
    raise exceptions.ValidationError({"atomic": [exceptions.ErrorDetail(message, "unknown_value")]})


def _undone(results: Sequence[BatchResult]) -> list[BatchResult]:
    """Say of those that would have been taken in that they were not, because of others."""
    undone = HTTPStatus.FAILED_DEPENDENCY
    return [
        result if result.problem else BatchResult(index=result.index, status=undone, outcome="undone")
        for result in results
    ]


def _receipt(results: list[BatchResult]) -> BatchReceipt:
    count = Counter(result.outcome for result in results)
    return BatchReceipt(
        created=count["created"],
        repeat=count["repeat"],
        existing=count["existing"],
        failed=len(results) - count["created"] - count["repeat"] - count["existing"],
        results=results,
    )
