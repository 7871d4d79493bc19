"""What happens to leads is told to other systems: in the transaction of the change, without anybody's data."""

import json
from datetime import timedelta

import pytest

from crm.models import Event
from crm.operations import events
from crm.rules.errors import DomainError
from leads.operations import moves
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead, receive

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def test_the_story_of_a_lead_is_told_in_its_order(rules: Rules) -> None:
    lead = make_lead(rules, external_id="order-1")
    judge(lead, failed=["budget"], at=MONDAY + HOUR)
    moves.advance(lead=lead, to="qualified", by=None, at=MONDAY + 2 * HOUR)
    moves.lose(lead=lead, reasons=["price"], by=None, at=MONDAY + 3 * HOUR)
    moves.reopen(lead=lead, by=None, at=MONDAY + 4 * HOUR)
    moves.win(lead=lead, by=None, at=MONDAY + 5 * HOUR)
    events.publish(at=MONDAY + 6 * HOUR)
    told = list(Event.objects.order_by("number"))
    assert {(event.lead, event.source) for event in told} == {(lead.code, "google")}
    assert [event.recorded_at for event in told] == [MONDAY + hours * HOUR for hours in range(6)]
    assert [(event.type, event.data) for event in told] == [
        ("lead.received", {"outcome": "created", "channel": "api", "funnel": "sales", "is_test": False}),
        ("lead.judged", {"kind": "assess", "verdict": "non_target", "failed": ["budget"], "channel": "page"}),
        ("lead.moved", {"from": "new", "to": "qualified", "channel": "page"}),
        ("lead.lost", {"from": "qualified", "to": "qualified", "channel": "page", "reasons": ["price"]}),
        ("lead.reopened", {"from": "qualified", "to": "qualified", "channel": "page"}),
        ("lead.won", {"from": "qualified", "to": "won", "channel": "page"}),
    ]


def test_a_lead_its_source_has_sent_before_is_no_news(rules: Rules) -> None:
    for _time in range(2):
        receive(rules, external_id="order-1")
    assert Event.objects.count() == 1


def test_what_is_refused_is_not_told(rules: Rules) -> None:
    lead = make_lead(rules)
    with pytest.raises(DomainError):
        moves.lose(lead=lead, reasons=[], by=None, at=MONDAY + HOUR)
    assert list(Event.objects.values_list("type", flat=True)) == ["lead.received"]


def test_nothing_of_a_person_is_told(rules: Rules) -> None:
    lead = make_lead(
        rules,
        name="Serafima Quillfeather",
        phone="+79161234567",
        email="serafima@quillfeather.example",
        message="Call Serafima",
    )
    judge(lead, failed=["need"], note="Serafima said no")
    moves.lose(lead=lead, reasons=["other"], note="Serafima again", by=None, at=MONDAY + HOUR)
    told = json.dumps(list(Event.objects.values()), default=str)
    assert Event.objects.count() == 3
    assert not [trace for trace in ("Serafima", "quillfeather", "9161234567") if trace in told]
