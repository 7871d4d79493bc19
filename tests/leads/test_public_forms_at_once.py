"""Visitors and administrators who act upon one request at the same moment."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings

from leads.models import Consent, Lead, PublicForm, Submission
from leads.operations import public_forms
from leads.queries.consistency import differences
from leads.rules.public_forms import Suspicion
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY
from tests.factories.public_forms import make_form, send
from tests.leads.test_at_once import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite lets one writer in at a time, so nothing happens at once",
    ),
]

THREADS = 6


@pytest.fixture
def form() -> PublicForm:
    return make_form(make_rules().funnel)


def test_one_opening_sent_several_times_at_once_is_one_lead(form: PublicForm) -> None:
    results = at_once(*[lambda: send(form, number="n1").state] * THREADS)
    assert Counter(results) == {"accepted": 1, "recognised": THREADS - 1}
    assert Lead.objects.count() == 1
    assert Submission.objects.count() == Consent.objects.count() == THREADS
    assert differences() == []


def test_one_request_released_by_several_people_at_once_is_one_lead(form: PublicForm) -> None:
    submission = send(form, suspicion=Suspicion.TRAP)
    later = MONDAY + timedelta(days=1)
    acts = [lambda: public_forms.release(submission=submission, by=None, at=later).outcome] * THREADS
    assert Counter(at_once(*acts)) == {"created": 1, "not_to_be_released": THREADS - 1}
    assert Lead.objects.count() == Submission.objects.count() == 1
