"""Two people, or two servers, act upon one lead at the same moment: nothing vanishes and nothing is there twice."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from crm.models import AuditEvent
from crm.rules.errors import DomainError
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Contact, Lead, LeadLink, Source, Submission, Transition
from leads.operations import duplicates, moves
from leads.queries.consistency import differences
from leads.rules.facts import AssessmentKind
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, judge, make_lead, receive

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite lets one writer in at a time, so nothing happens at once",
    ),
]

LEADS = 50
THREADS = 6
PHONE = "8 917 220-14-08"
ALL = ("contact_valid", "need", "budget")
LATER = MONDAY + timedelta(hours=1)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do things in as many threads, all let go at the same moment; a refusal is a result like any other."""
    start = threading.Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return act()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(do, act) for act in acts]]


def in_step(first: Callable[[Lead], object], second: Callable[[Lead], object], leads: list[Lead]) -> list[object]:
    """Let two people go through the same leads, meeting at every one of them."""
    meet = threading.Barrier(2)

    def walk(act: Callable[[Lead], object]) -> list[object]:
        results: list[object] = []
        for lead in leads:
            meet.wait(timeout=20)
            try:
                results.append(act(lead))
            except DomainError as refusal:
                results.append(refusal.code)
        return results

    results = at_once(lambda: walk(first), lambda: walk(second))
    return [result for walked in results for result in walked]  # type: ignore[attr-defined]


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def test_two_people_who_judge_the_same_leads_lose_nothing(rules: Rules) -> None:
    leads = [make_lead(rules) for _ in range(200)]
    results = in_step(
        lambda lead: judge(lead, met=ALL, at=LATER), lambda lead: judge(lead, failed=["need"], at=LATER), leads
    )
    refused = [result for result in results if result == "already_judged"]
    assert len(refused) == 200
    assert Assessment.objects.count() == 200
    assert all(lead.assessments.count() == 1 for lead in leads)
    assert AuditEvent.objects.filter(action="lead.judge").count() == 200
    assert differences() == []


def test_two_changes_at_once_are_both_in_the_history_and_in_the_state(rules: Rules) -> None:
    leads = [make_lead(rules) for _ in range(LEADS)]
    for lead in leads:
        judge(lead, met=ALL)
    change = AssessmentKind.CHANGE
    results = in_step(
        lambda lead: judge(lead, failed=["need"], kind=change, at=LATER),
        lambda lead: judge(lead, failed=["budget"], kind=change, at=LATER),
        leads,
    )
    assert all(isinstance(result, Assessment) for result in results)
    assert Assessment.objects.filter(kind=change).count() == 2 * LEADS
    states = Counter((lead.verdict, lead.fail_mask, lead.version) for lead in Lead.objects.all())
    assert states == {(Verdict.NON_TARGET, rules.mask("need", "budget"), 4): LEADS}
    assert differences() == []


def test_a_lead_lost_and_won_at_once_is_one_of_them(rules: Rules) -> None:
    leads = [make_lead(rules) for _ in range(LEADS)]
    results = in_step(
        lambda lead: moves.lose(lead=lead, reasons=["price"], by=None, at=LATER),
        lambda lead: moves.win(lead=lead, by=None, at=LATER),
        leads,
    )
    assert Counter(result for result in results if isinstance(result, str)) == {"lead_already_closed": LEADS}
    assert Transition.objects.filter(kind__in=("lose", "win")).count() == LEADS
    assert differences() == []


def test_one_person_asking_several_times_at_once_is_one_counted_lead(rules: Rules) -> None:
    results = at_once(*[lambda: receive(rules, phone=PHONE, name="Anna").outcome] * THREADS)
    assert Counter(results) == {"created": 1, "duplicate": THREADS - 1}
    master = Lead.objects.get(duplicate_of=None)
    assert Lead.objects.filter(duplicate_of=master).count() == THREADS - 1
    assert Contact.objects.count() == 1
    assert differences() == []


def test_a_person_known_for_long_asking_several_times_at_once_is_one_counted_lead(rules: Rules) -> None:
    make_lead(rules, phone=PHONE, at=MONDAY - timedelta(days=90))
    results = at_once(*[lambda: receive(rules, phone=PHONE, email="anna@example.com").outcome] * THREADS)
    assert Counter(results) == {"repeat": 1, "duplicate": THREADS - 1}
    assert Lead.objects.filter(duplicate_of=None).count() == 2
    assert differences() == []


def test_one_request_delivered_several_times_at_once_is_one_lead(rules: Rules) -> None:
    acts = [lambda: receive(rules, external_id="7", source="new site", phone=PHONE).outcome] * THREADS
    assert Counter(at_once(*acts)) == {"created": 1, "existing": THREADS - 1}
    assert Lead.objects.count() == Contact.objects.count() == Transition.objects.count() == 1
    assert Source.objects.filter(code="new site").count() == 1
    assert Submission.objects.filter(lead=Lead.objects.get()).count() == THREADS


def test_one_request_without_a_person_delivered_several_times_at_once_is_one_lead(rules: Rules) -> None:
    acts = [lambda: receive(rules, external_id="7").outcome] * THREADS
    assert Counter(at_once(*acts)) == {"created": 1, "existing": THREADS - 1}
    assert Lead.objects.count() == Contact.objects.count() == Transition.objects.count() == 1


def test_two_people_merging_two_leads_crosswise_do_not_lose_both(rules: Rules) -> None:
    pairs = [(make_lead(rules), make_lead(rules)) for _ in range(20)]
    for one, two in pairs:
        results = at_once(
            lambda one=one, two=two: duplicates.merge(lead=one, master=two, by=None, at=LATER),  # type: ignore[misc]
            lambda one=one, two=two: duplicates.merge(lead=two, master=one, by=None, at=LATER),  # type: ignore[misc]
        )
        assert Counter(isinstance(result, LeadLink) for result in results) == {True: 1, False: 1}
        assert [fresh(one).is_valid, fresh(two).is_valid].count(True) == 1
    assert differences() == []


def test_a_request_that_comes_while_its_master_is_merged_follows_it(rules: Rules) -> None:
    for number in range(20):
        phone = f"8 917 220-15-{number:02}"
        master, root = make_lead(rules, phone=phone), make_lead(rules)
        at_once(
            lambda master=master, root=root: duplicates.merge(lead=master, master=root, by=None, at=LATER),  # type: ignore[misc]
            lambda phone=phone: receive(rules, phone=phone, at=LATER),  # type: ignore[misc]
        )
    assert differences() == []
    assert not Lead.objects.filter(duplicate_of__duplicate_of__isnull=False).exists()
