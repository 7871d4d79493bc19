"""Many say the same thing at the same moment: it happens once, and all are told the same."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from crm.api.throttling import CallerThrottle
from crm.models import AuditEvent, Event, IdempotentAnswer
from crm.operations.buckets import LocalBuckets
from leads.models import Assessment, Contact, Lead, Source, Submission
from leads.queries.consistency import differences
from tests.leads_api.conftest import PERSON, ProgramClient

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite lets one writer in at a time, so nothing happens at once",
    ),
]

KEYS = 100
THREADS = 16
REPLAYED = "Idempotent-Replayed"

Ask = Callable[[int], HttpResponse]


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may ask 200 times at once; here it is about what the database lets through."""
    monkeypatch.setattr(CallerThrottle, "buckets", LocalBuckets(per_second=1e6, burst=1_000_000))


@pytest.fixture
def crowd() -> Callable[[Ask], list[HttpResponse]]:
    """Sixteen threads, all let go at the same moment."""

    def let_go(ask: Ask) -> list[HttpResponse]:
        start = threading.Barrier(THREADS)

        def one(number: int) -> HttpResponse:
            try:
                # Before a connection is taken: there may be fewer of them than threads.
                start.wait(timeout=30)
                return ask(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, range(THREADS), timeout=120))

    return let_go


def push(program: ProgramClient, key: str, **told: object) -> HttpResponse:
    """Push without judging the answer: which of the crowd is first is not known."""
    headers = {"authorization": f"Bearer {program.token}", "idempotency-key": key}
    return Client().post("/api/v1/leads", told, content_type="application/json", headers=headers)


def test_one_key_at_once_is_one_lead_and_as_many_identical_answers(
    program: ProgramClient, crowd: Callable[[Ask], list[HttpResponse]]
) -> None:
    replays = 0
    for number in range(KEYS):
        told = PERSON | {"source": f"source {number % 7}", "phone": f"+7 917 2{number:06d}", "email": None}
        answers = crowd(lambda _one, key=f"k-{number}", told=told: push(program, key, **told))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert Counter(REPLAYED in answer for answer in answers) == {True: THREADS - 1, False: 1}
        replays += sum(answer.headers.get(REPLAYED) == "true" for answer in answers)
    assert replays == KEYS * (THREADS - 1) == 1500
    assert Lead.objects.count() == Submission.objects.count() == IdempotentAnswer.objects.count() == KEYS
    assert AuditEvent.objects.filter(action="lead.receive").count() == KEYS
    assert Event.objects.filter(type="lead.received").count() == KEYS
    assert Contact.objects.count() == KEYS
    assert Source.objects.count() == 7
    assert list(differences()) == []


def test_one_external_id_under_sixteen_keys_at_once_is_one_lead(
    program: ProgramClient, crowd: Callable[[Ask], list[HttpResponse]]
) -> None:
    def ask(number: int, round_: int) -> HttpResponse:
        told = PERSON | {"source": "site", "external_id": f"order-{round_}", "phone": f"+7 917 220-{round_:02d}-08"}
        return push(program, f"{round_}-{number}", **told)

    for round_ in range(10):
        answers = crowd(lambda number, round_=round_: ask(number, round_))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: THREADS - 1}
        assert len({answer.json()["id"] for answer in answers}) == 1
    assert Lead.objects.count() == 10
    assert AuditEvent.objects.filter(action="lead.receive").count() == 10
    assert list(differences()) == []


def test_one_person_from_sixteen_forms_at_once_is_one_counted_lead(
    program: ProgramClient, crowd: Callable[[Ask], list[HttpResponse]]
) -> None:
    answers = crowd(lambda number: push(program, f"form-{number}", **PERSON, source="site"))
    assert {answer.status_code for answer in answers} == {201}
    assert Lead.objects.count() == THREADS
    assert Lead.objects.filter(duplicate_of=None).count() == 1
    assert Contact.objects.count() == 1
    assert list(differences()) == []


def test_one_judgement_at_once_is_one_and_none_is_told_that_it_came_too_late(
    program: ProgramClient, crowd: Callable[[Ask], list[HttpResponse]]
) -> None:
    for number in range(10):
        lead = push(program, f"lead-{number}", source="site", name="Anna").json()["id"]
        path, told = f"/leads/{lead}/assessments", {"answers": {"need": "failed"}}
        answers = crowd(
            lambda _one, path=path, told=told, n=number: program(
                "POST", path, told, status=201, Idempotency_Key=f"judge-{n}"
            )
        )
        assert len({answer.content for answer in answers}) == 1
        assert Counter(REPLAYED in answer for answer in answers) == {True: THREADS - 1, False: 1}
    assert Assessment.objects.count() == 10


def test_different_judgements_of_one_lead_at_once_are_one_and_the_others_are_told(
    program: ProgramClient, crowd: Callable[[Ask], list[HttpResponse]]
) -> None:
    for round_ in range(10):
        lead = push(program, f"lead-{round_}", source="site", name="Anna").json()["id"]
        path = f"/api/v1/leads/{lead}/assessments"

        def ask(number: int, path: str = path, round_: int = round_) -> HttpResponse:
            told = {"answers": {"need": "failed"}, "note": f"said by {number}"}
            headers = {"authorization": f"Bearer {program.token}", "idempotency-key": f"{round_}-{number}"}
            return Client().post(path, told, content_type="application/json", headers=headers)

        answers = crowd(ask)
        told = [answer.json().get("code", "judged") for answer in answers]
        assert Counter(told) == {"judged": 1, "already_judged": THREADS - 1}
    assert Assessment.objects.count() == AuditEvent.objects.filter(action="lead.judge").count() == 10
    assert Event.objects.filter(type="lead.judged").count() == 10
    assert list(differences()) == []


def test_leads_of_one_source_and_day_judged_at_once_are_all_judged(
    program: ProgramClient, crowd: Callable[[Ask], list[HttpResponse]]
) -> None:
    leads = [push(program, f"hot-{number}", source="site", name="Anna").json()["id"] for number in range(THREADS)]

    def ask(number: int) -> HttpResponse:
        return program("POST", f"/leads/{leads[number]}/assessments", {"answers": {"need": "met"}}, status=201)

    assert len({answer.json()["id"] for answer in crowd(ask)}) == THREADS
    assert not Lead.objects.filter(verdict_at=None).exists()
    assert list(differences()) == []
