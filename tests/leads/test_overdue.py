"""What is overdue, whose it is, and what the head is told of it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from crm.models import AuditEvent, Event, User
from crm.operations import settings as organisation
from crm.queries.organisation import settings_at
from crm.rules.events import EventType
from funnels.rules.verdict import Verdict
from leads.models import Escalation, Lead
from leads.operations import moves, owners, touches
from leads.operations.escalations import escalate
from leads.queries.overdue import late_counts, overdue, waits_for, words_of
from leads.rules.facts import TouchChannel, TouchResult
from leads.rules.sla import Late, left_in_words
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, judge, make_lead

ALL = ("contact_valid", "need", "budget")
MUCH_LATER = MONDAY + timedelta(days=14)


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


def touch(lead: Lead) -> None:
    touches.log(lead=lead, result=TouchResult.REACHED, channel=TouchChannel.CALL, by=None, at=MONDAY)


def late(kind: Late, *, at: Any = MUCH_LATER) -> set[Lead]:
    return set(Lead.objects.filter(overdue(kind=kind, at=at)))


def test_a_lead_is_overdue_from_the_moment_after_its_time(rules: Rules) -> None:
    lead = make_lead(rules)
    assert late(Late.FIRST_TOUCH, at=lead.first_touch_due_at) == set()
    assert late(Late.FIRST_TOUCH, at=lead.first_touch_due_at + timedelta(microseconds=1)) == {lead}
    assert late(Late.VERDICT, at=lead.verdict_due_at) == set()
    assert late(Late.VERDICT, at=lead.verdict_due_at + timedelta(microseconds=1)) == {lead}


def test_what_was_done_in_time_or_is_not_counted_is_not_overdue(rules: Rules) -> None:
    waits = make_lead(rules, phone="+79172201408")
    touched, judged, lost = make_lead(rules), make_lead(rules), make_lead(rules)
    make_lead(rules, is_test=True)
    make_lead(rules, phone="+79172201408")
    touch(touched)
    judge(judged, met=ALL)
    moves.lose(lead=lost, reasons=["price"], by=None, at=MONDAY)
    assert late(Late.FIRST_TOUCH) == {waits, judged}
    assert late(Late.VERDICT) == {waits, touched, lost}


def test_the_head_sees_whose_it_is(rules: Rules, head: User, manager: User, marketer: User) -> None:
    mine, _nobodys = make_lead(rules), make_lead(rules)
    owners.assign(lead=mine, owner=manager, by=None, at=MONDAY)
    touch(mine)
    lines = late_counts(actor=head, at=MUCH_LATER)
    assert [(line.name, line.first_touch, line.verdict) for line in lines] == [("", 1, 1), (manager.name, 0, 1)]
    assert [line.person for line in late_counts(actor=manager, at=MUCH_LATER)] == [manager.pk]


def test_time_left_is_told_in_working_time(rules: Rules) -> None:
    lead = make_lead(rules)
    agreed = settings_at(MONDAY)
    assert waits_for(lead=lead) is Late.FIRST_TOUCH
    said = words_of(lead=lead, organisation=agreed, at=lead.first_touch_due_at - timedelta(minutes=40))
    assert "due in 40 min of working time" in said
    said = words_of(lead=lead, organisation=agreed, at=lead.first_touch_due_at + timedelta(hours=2))
    assert "overdue by 2 h" in said
    touch(lead)
    judge(lead, met=ALL)
    assert words_of(lead=fresh(lead), organisation=agreed, at=MUCH_LATER) == ""


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min"),
        (59, "59 min"),
        (60, "1 h"),
        (135, "2 h 15 min"),
        (599, "9 h 59 min"),
        (1619, "26 h"),
        (1620, "3 working days"),
        (5400, "10 working days"),
    ],
)
def test_lengths_are_told_as_people_say_them(minutes: int, words: str) -> None:
    assert (
        left_in_words(left=timedelta(minutes=minutes), is_over=False, day=timedelta(hours=9))
        == f"due in {words} of working time"
    )


def test_the_head_is_told_once_and_only_after_the_agreed_time(rules: Rules, head: User, manager: User) -> None:
    organisation.change(by=None, at=MONDAY - timedelta(days=1), escalation_minutes=60)
    lead = make_lead(rules)
    owners.assign(lead=lead, owner=manager, by=None, at=MONDAY)
    due_at = lead.first_touch_due_at
    assert escalate(at=due_at + timedelta(minutes=60)) == 0
    assert escalate(at=due_at + timedelta(minutes=61)) == 1
    assert escalate(at=due_at + timedelta(minutes=62)) == 0
    told = Escalation.objects.get()
    assert (told.lead, told.kind, told.told) == (lead, Late.FIRST_TOUCH, head)
    assert AuditEvent.objects.filter(action="lead.escalate").count() == 1
    event = Event.objects.get(type=EventType.ESCALATED)
    assert (event.lead, event.data) == (lead.code, {"kind": "first_touch"})


def test_nights_and_weekends_do_not_make_anything_worse(rules: Rules) -> None:
    friday = MONDAY + timedelta(days=4, hours=5)  # 17:00 in Moscow: the first touch is due at 18:00
    make_lead(rules, at=friday)
    assert escalate(at=friday + timedelta(days=2)) == 0
    assert escalate(at=MONDAY + timedelta(days=7, minutes=59)) == 0  # Monday 12:59
    assert escalate(at=MONDAY + timedelta(days=7, hours=1)) == 1


def test_what_was_touched_in_between_is_not_told(rules: Rules) -> None:
    lead = make_lead(rules)
    touch(lead)
    judge(lead, met=ALL)
    assert fresh(lead).verdict == Verdict.TARGET
    assert escalate(at=MUCH_LATER) == 0


def test_old_sins_are_no_news(rules: Rules) -> None:
    make_lead(rules)
    assert escalate(at=MONDAY + timedelta(days=60)) == 0


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


@pytest.mark.skipif("postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="plans are PostgreSQL's")
@pytest.mark.parametrize(("kind", "index"), [(Late.FIRST_TOUCH, "lead_untouched"), (Late.VERDICT, "lead_undecided")])
def test_what_is_overdue_is_found_by_its_index(kind: Late, index: str, rules: Rules, manager: User) -> None:
    late_ones = Lead.objects.filter(overdue(kind=kind, at=MUCH_LATER), owner=manager).order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # No other way is left but the right one: with a lead or two all of them cost the same.
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'leads_lead' AND indexdef LIKE 'CREATE INDEX%%' "
            "AND indexname <> %s",
            [index],
        )
        for (other,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{other}"')
    plan = json.loads(late_ones.values("pk").explain(format="json"))
    assert index in {node.get("Index Name") for node in nodes(plan[0]["Plan"])}
