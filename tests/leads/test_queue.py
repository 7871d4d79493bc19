"""The queue: what waits for whom, in which order, and by which index it is found."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from crm.models import User
from leads.models import Claim, Lead
from leads.operations import duplicates, moves, owners, retractions
from leads.queries.queue import MOST_COUNTED, count, offered, today, upcoming, waiting
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead

NOW = MONDAY + timedelta(minutes=30)
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


def line(actor: User, *, at: Any = NOW, size: int = 9) -> list[Lead]:
    return upcoming(leads=offered(actor=actor, at=at), at=at, size=size)


def test_overdue_leads_come_first_the_longest_overdue_before_the_others_then_the_newest(
    rules: Rules, admin: User
) -> None:
    old = make_lead(rules, at=MONDAY - timedelta(days=30))
    older = make_lead(rules, at=MONDAY - timedelta(days=60))
    first, second = make_lead(rules, at=MONDAY), make_lead(rules, at=MONDAY + timedelta(minutes=1))
    assert line(admin) == [older, old, second, first]
    assert line(admin, size=3) == [older, old, second]


def test_only_open_counted_undecided_leads_wait(rules: Rules, admin: User) -> None:
    waits, decided, lost, twin = (make_lead(rules) for _ in range(4))
    judge(decided, failed=["need"])
    moves.lose(lead=lost, reasons=["price"], by=None, at=NOW)
    duplicates.merge(lead=twin, master=waits, by=None, at=NOW)
    assert list(waiting(actor=admin)) == [waits]


def test_a_manager_is_offered_their_own_a_head_the_teams(rules: Rules, manager: User, head: User) -> None:
    mine, nobodys = make_lead(rules), make_lead(rules)
    owners.assign(lead=mine, owner=manager, by=None, at=NOW)
    assert line(manager) == [mine]
    assert set(line(head)) == {mine, nobodys}


@pytest.mark.parametrize("role", ["marketer", "executive"])
def test_who_may_not_judge_has_no_queue(role: str, rules: Rules, request: pytest.FixtureRequest) -> None:
    make_lead(rules)
    assert line(request.getfixturevalue(role)) == []


def test_what_another_has_at_hand_is_not_offered(rules: Rules, admin: User, head: User) -> None:
    lead = make_lead(rules)
    Claim.objects.create(lead=lead, by=head, until_at=NOW + timedelta(minutes=1))
    assert line(admin) == []
    assert line(head) == [lead]


def test_the_badge_counts_as_far_as_it_shows(rules: Rules, admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        make_lead(rules)
    assert (count(actor=admin).shown, count(actor=admin).is_more) == (3, False)
    monkeypatch.setattr("leads.queries.queue.MOST_COUNTED", 2)
    assert (count(actor=admin).counted, MOST_COUNTED) == (3, 99)


def test_today_counts_judgements_and_takes_the_middle_of_their_seconds(rules: Rules, admin: User) -> None:
    leads = [make_lead(rules) for _ in range(4)]
    judge(leads[0], failed=["need"], by=admin, at=NOW)
    for lead, seconds in zip(leads[1:], (5, 30, 8), strict=True):
        act = judge(lead, failed=["need"], by=admin, at=NEXT_DAY, seconds_spent=seconds)
    assert (today(actor=admin, at=NEXT_DAY).judged, today(actor=admin, at=NEXT_DAY).seconds) == (3, 8)
    retractions.take_back(act=act, by=admin, at=NEXT_DAY)
    assert today(actor=admin, at=NEXT_DAY).judged == 2


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="plans are PostgreSQL's")
@pytest.mark.parametrize("who", ["admin", "manager"])
def test_the_next_leads_are_read_from_the_partial_index(who: str, rules: Rules, request: pytest.FixtureRequest) -> None:
    """A few waiting among very many decided: the plan must not pass through all of them."""
    person = request.getfixturevalue(who)
    for _ in range(30):
        judge(make_lead(rules), failed=["need"])
    leads = offered(actor=person, at=NOW)
    for part in (
        leads.filter(verdict_due_at__lt=NOW).order_by("verdict_due_at", "id")[:20],
        leads.filter(verdict_due_at__gte=NOW).order_by("-received_at", "-id")[:20],
        waiting(actor=person).order_by()[:100],
    ):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE leads_lead")
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = part.explain()
        assert any(index in plan for index in ("lead_waiting", "lead_undecided", "lead_untouched")), plan
