"""A write asked for many times with one key happens once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection

from crm.models import IdempotentAnswer, Team
from crm.operations import idempotency
from crm.operations.housekeeping import tidy
from crm.operations.idempotency import Answer, Asked, once
from crm.rules.errors import DomainError

THREADS = 16
KEYS = 10


def asked(**changes: object) -> Asked:
    told = {"caller": "key:1", "method": "POST", "path": "/api/v1/leads", "key": "k-1", "body": b'{"a": 1, "b": 2}'}
    return Asked(**(told | changes))  # type: ignore[arg-type]


def create(name: str = "made") -> Answer:
    team = Team.objects.create(name=name)
    return Answer(201, f'{{"id": {team.pk}}}')


@pytest.mark.django_db
def test_a_repeat_is_answered_the_same_and_does_nothing(at: datetime) -> None:
    first = once(asked=asked(), at=at, act=create)
    again = once(asked=asked(), at=at, act=create)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert (again.status, again.body) == (first.status, first.body)
    assert Team.objects.count() == 1


@pytest.mark.django_db
def test_the_same_said_in_other_words_is_the_same(at: datetime) -> None:
    once(asked=asked(), at=at, act=create)
    assert once(asked=asked(body=b' {"b":2,\n "a":1} '), at=at, act=create).is_replay


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b'{"a": 1, "b": 3}', b'{"a": 1}', b"", b"[]"])
def test_another_body_under_the_same_key_is_refused(body: bytes, at: datetime) -> None:
    once(asked=asked(), at=at, act=create)
    with pytest.raises(idempotency.KeyMeantSomethingElse):
        once(asked=asked(body=body), at=at, act=create)
    assert Team.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"caller": "key:2"}, {"method": "PATCH"}, {"path": "/api/v1/sales"}, {"key": "2"}])
def test_a_key_holds_for_its_caller_method_and_path(change: dict[str, str], at: datetime) -> None:
    once(asked=asked(), at=at, act=create)
    assert not once(asked=asked(**change), at=at, act=lambda: create("other")).is_replay
    assert Team.objects.count() == 2


class Refused(DomainError):
    """What an operation may say."""

    def __init__(self) -> None:
        super().__init__("refused", "No.")


@pytest.mark.django_db
@pytest.mark.parametrize("failure", [Refused(), ZeroDivisionError()])
def test_a_refusal_is_not_kept_and_leaves_nothing(failure: Exception, at: datetime) -> None:
    def refuse() -> Answer:
        create()
        raise failure

    with pytest.raises(type(failure)):
        once(asked=asked(), at=at, act=refuse)
    assert not IdempotentAnswer.objects.exists()
    assert not Team.objects.exists()
    mended = once(asked=asked(body=b'{"mended": true}'), at=at, act=create)
    assert (mended.status, mended.is_replay) == (201, False)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_could_not_be_found_again_is_refused(key: str, at: datetime) -> None:
    with pytest.raises(idempotency.KeyIsTooLong):
        once(asked=asked(key=key), at=at, act=create)
    assert once(asked=asked(key="k" * 255), at=at, act=create).status == 201


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_week(at: datetime) -> None:
    once(asked=asked(), at=at, act=create)
    assert tidy(at=at + timedelta(days=7)) == 0
    assert tidy(at=at + timedelta(days=7, seconds=1)) == 1
    assert not once(asked=asked(), at=at, act=lambda: create("again")).is_replay


@pytest.mark.skipif(
    "postgresql" not in django_settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer at a time"
)
@pytest.mark.django_db(transaction=True)
def test_of_sixteen_at_once_one_acts_and_the_others_say_the_same(at: datetime) -> None:
    for number in range(KEYS):
        start = threading.Barrier(THREADS)

        def ask(number: int = number, start: threading.Barrier = start) -> Answer:
            try:
                # Before a connection is taken: there may be fewer of them than threads.
                start.wait(timeout=20)
                return once(asked=asked(key=f"k-{number}"), at=at, act=lambda: create(uuid4().hex))
            finally:
                connection.close()

        with ThreadPoolExecutor(THREADS) as pool:
            answers = [future.result(timeout=60) for future in [pool.submit(ask) for _ in range(THREADS)]]
        assert Counter(answer.is_replay for answer in answers) == {True: THREADS - 1, False: 1}
        assert len({(answer.status, answer.body) for answer in answers}) == 1
    assert Team.objects.count() == IdempotentAnswer.objects.count() == KEYS
