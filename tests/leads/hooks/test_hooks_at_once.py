"""A sender that delivers one request many times at once has sent one request."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from crm.operations import jobs, keys
from leads.intake.hook import Hook
from leads.models import Lead, Submission
from leads.rules.facts import SubmissionState
from tests.factories.crm import LONG_AGO
from tests.factories.funnels import make_rules
from tests.leads.hooks import payloads
from tests.leads.hooks.payloads import document, form

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "postgresql" not in django_settings.DATABASES["default"]["ENGINE"],
        reason="SQLite lets one writer in at a time, so nothing happens at once",
    ),
]

AT_ONCE = 6  # the pool holds eight connections


@pytest.mark.parametrize(
    ("profile", "hook"),
    [("tilda", form(payloads.TILDA)), ("generic", document({"name": "A", "phone": payloads.PHONE}))],
)
def test_one_request_delivered_many_times_at_once_is_one_lead(profile: str, hook: Hook, settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    make_rules()
    token = keys.issue(name="Site", scopes=["leads:write"], by=None, at=LONG_AGO).token
    start = threading.Barrier(AT_ONCE)

    def push() -> int:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return Client().post(f"/in/{token}/{profile}", hook.body, content_type=hook.content_type).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [future.result(timeout=60) for future in [pool.submit(push) for _ in range(AT_ONCE)]]
    jobs.drain(at=Submission.objects.latest("id").received_at)
    assert answers == [200] * AT_ONCE
    assert Lead.objects.count() == 1
    states = sorted(Submission.objects.values_list("state", flat=True))
    assert states == [SubmissionState.ACCEPTED] + [SubmissionState.RECOGNISED] * (AT_ONCE - 1)
