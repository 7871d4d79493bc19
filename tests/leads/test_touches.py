"""Attempts to reach a lead are facts, and the first of them is an answer to "did you call in time"."""

from datetime import timedelta
from uuid import uuid4

import pytest

from crm.models import AuditEvent, User
from leads.models import Touch
from leads.operations import touches
from leads.queries.consistency import differences
from leads.rules.facts import TouchActor, TouchChannel, TouchResult
from leads.rules.times import HappensInTheFuture
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, fresh, make_lead

pytestmark = pytest.mark.django_db

CALL = {"channel": TouchChannel.CALL, "result": TouchResult.NO_ANSWER}


def test_a_touch_is_kept_with_who_made_it(manager: User) -> None:
    lead = make_lead(make_rules())
    at = MONDAY + timedelta(minutes=10)
    touch = touches.log(
        lead=lead, **CALL, by=manager, at=at, telephony_code="486", duration_seconds=12, note=" busy line "
    )
    assert (touch.by, touch.occurred_at, touch.recorded_at, touch.note) == (manager, at, at, "busy line")
    lead = fresh(lead)
    assert (lead.first_touch_at, lead.version) == (at, 2)
    event = AuditEvent.objects.get(action="lead.touch")
    assert event.changes == {"touch": touch.pk, "channel": "call", "result": "no_answer", "direction": "out"}
    assert differences() == []


def test_the_first_touch_is_the_earliest_however_late_it_is_told() -> None:
    lead = make_lead(make_rules())
    at = MONDAY + timedelta(days=9)
    touches.log(lead=lead, **CALL, by=None, at=at)
    touches.log(lead=lead, **CALL, by=None, at=at, occurred_at=MONDAY + timedelta(minutes=3))
    assert fresh(lead).first_touch_at == MONDAY + timedelta(minutes=3)
    assert differences() == []


def test_what_a_bot_does_is_no_first_touch() -> None:
    lead = make_lead(make_rules())
    touches.log(lead=lead, **CALL, by=None, at=MONDAY, actor=TouchActor.BOT)
    assert fresh(lead).first_touch_at is None


@pytest.mark.parametrize(("result", "counts"), [(TouchResult.REACHED, True), (TouchResult.NO_ANSWER, False)])
def test_a_call_from_the_other_side_counts_when_it_was_answered(result: TouchResult, counts: bool) -> None:
    lead = make_lead(make_rules())
    touches.log(lead=lead, channel=TouchChannel.CALL, result=result, direction="in", by=None, at=MONDAY)
    assert (fresh(lead).first_touch_at is not None) is counts
    assert differences() == []


def test_a_touch_that_has_not_happened_is_refused() -> None:
    lead = make_lead(make_rules())
    with pytest.raises(HappensInTheFuture):
        touches.log(lead=lead, **CALL, by=None, at=MONDAY, occurred_at=MONDAY + timedelta(hours=1))
    assert not Touch.objects.exists()
    assert not AuditEvent.objects.filter(action="lead.touch").exists()


def test_a_repeated_request_logs_one_touch() -> None:
    lead, request_id = make_lead(make_rules()), uuid4()
    first = touches.log(lead=lead, **CALL, by=None, at=MONDAY, request_id=request_id)
    again = touches.log(lead=lead, **CALL, by=None, at=MONDAY + timedelta(seconds=1), request_id=request_id)
    assert (again, Touch.objects.count()) == (first, 1)
    assert AuditEvent.objects.filter(action="lead.touch").count() == 1


def test_one_request_id_does_not_log_touches_of_two_leads() -> None:
    rules, request_id = make_rules(), uuid4()
    touches.log(lead=make_lead(rules), **CALL, by=None, at=MONDAY, request_id=request_id)
    with pytest.raises(touches.RequestIdIsTaken):
        touches.log(lead=make_lead(rules), **CALL, by=None, at=MONDAY, request_id=request_id)
    assert Touch.objects.count() == 1
