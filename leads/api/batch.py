"""Many leads in one request: each taken in or refused by itself, unless all or none is asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import ClassVar

import msgspec
from django.db import DataError, IntegrityError, transaction
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
from crm.operations.idempotency import Answer, Asked, answer_row, once
from crm.operations.rows import by_one_statement
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from leads.api import doors
from leads.api.shapes import BatchIn, BatchItem, BatchReceipt, BatchResult, Receipt
from leads.operations import arrivals
from leads.operations.arrivals import Arrival
from leads.operations.desk import Desk

MOST = 500
LEADS_PATH = "/api/v1/leads"  # an item's key is the same whether it comes alone or among others


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """A batch before its items are read: each of them may be broken by itself."""

    leads: list[msgspec.Raw]


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    """One item that could be read; `asked` when it has a key of its own."""

    index: int
    push: doors.Push
    asked: Asked | None

    def arrival(self, desk: Desk) -> Arrival | None:
        """Prepare it; None when it is refused, which is told when it is taken in by itself."""
        try:
            return self.push.arrival(desk)
        except (DomainError, exceptions.APIException):
            return None


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
            return Response(_receipt(self._results(items, at)))
        results: list[BatchResult] = []
        try:
            with transaction.atomic():
                results += self._results(items, at)
                if any(result.problem for result in results):
                    raise _Refused
        except _Refused:
            self._keep_refused(items, results, at)
            return Response(_receipt(_undone(results)), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return Response(_receipt(results))

    def _results(self, items: Sequence[msgspec.Raw], at: datetime) -> list[BatchResult]:
        read = [self._read(index, bytes(raw), at) for index, raw in enumerate(items)]
        answers = self._first([item for item in read if isinstance(item, _Item)], at)
        return [item if isinstance(item, BatchResult) else _result(item, answers.get(item), at=at) for item in read]

    def _keep_refused(self, items: Sequence[msgspec.Raw], results: Sequence[BatchResult], at: datetime) -> None:
        """Keep what was refused once more: the first time went with the rest."""
        for result in results:
            if result.problem is not None:
                doors.keep_refused(body=bytes(items[result.index]), problem=result.problem, actor=self.actor, at=at)

    def _read(self, index: int, body: bytes, at: datetime) -> _Item | BatchResult:
        try:
            with doors.refusals_kept(body=body, actor=self.actor, at=at):
                told = read_json(body, BatchItem)
                doors.require_a_name(actor=self.actor, external_id=told.external_id, key=told.idempotency_key)
        except exceptions.APIException as refusal:
            return _failed(index, refusal)
        key, caller = told.idempotency_key, caller_of(self.request)
        asked = Asked(caller=caller, method="POST", path=LEADS_PATH, key=key, body=body) if key else None
        return _Item(index, doors.Push(told, self.actor, at, body), asked)

    def _first(self, items: Sequence[_Item], at: datetime) -> dict[_Item, Answer]:
        """Take in by one statement what is news in every respect; nothing when somebody was faster with any of it."""
        try:
            with by_one_statement():
                desk = Desk(memory=self.memory, gathers=True)
                prepared = {arrival: item for item in items if (arrival := item.arrival(desk))}
                answers: dict[_Item, Answer] = {}
                for arrival in arrivals.news_among(list(prepared)):
                    item = prepared[arrival]
                    with suppress(DomainError), desk.rows.all_or_none():
                        answers[item] = doors.answer_to(arrivals.take_in_news(arrival))
                        if item.asked is not None:
                            desk.rows.add(answer_row(asked=item.asked, answer=answers[item], at=at))
                desk.rows.write()
                return answers
        except (IntegrityError, DataError):
            return {}


def _result(item: _Item, answer: Answer | None, *, at: datetime) -> BatchResult:
    """Tell what became of an item; what was not answered yet is taken in with care now."""
    try:
        answer = answer or _taken_in(item, at=at)
    except (DomainError, exceptions.APIException) as refusal:
        return _failed(item.index, refusal)
    told = msgspec.json.decode(answer.body, type=Receipt)
    return BatchResult(index=item.index, status=answer.status, outcome=told.outcome, id=told.id)


def _taken_in(item: _Item, *, at: datetime) -> Answer:
    push, asked = item.push, item.asked
    with doors.refusals_kept(body=push.body, actor=push.actor, at=at):
        return push.take_in() if asked is None else once(asked=asked, at=at, act=push.take_in)


def _failed(index: int, refusal: DomainError | exceptions.APIException) -> BatchResult:
    problem = problem_of(refusal)
    return BatchResult(index=index, status=problem.status, outcome="failed", problem=problem)


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
