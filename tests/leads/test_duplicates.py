"""People say that two leads are one request, or that they are not."""

from datetime import timedelta

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from leads.models import Lead, LeadLink
from leads.operations import duplicates
from leads.queries.consistency import differences
from leads.rules.facts import LinkKind
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, make_lead

pytestmark = pytest.mark.django_db

PHONE = "8 917 220-14-08"


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def merge(lead: Lead, master: Lead, *, by: User | None = None, hours: int = 1) -> LeadLink:
    return duplicates.merge(lead=lead, master=master, by=by, at=MONDAY + timedelta(hours=hours))


def unmerge(lead: Lead, *, by: User | None = None, hours: int = 2) -> LeadLink:
    return duplicates.unmerge(lead=lead, by=by, at=MONDAY + timedelta(hours=hours))


def refused(lead: Lead, master: Lead) -> str:
    with pytest.raises(DomainError) as refusal:
        merge(lead, master)
    return refusal.value.code


def test_a_merged_lead_is_counted_no_more_and_the_facts_tell_who_said_so(rules: Rules, head: User) -> None:
    lead, master = make_lead(rules), make_lead(rules)
    link = merge(lead, master, by=head)
    assert (link.kind, link.by, link.master) == (LinkKind.MERGE, head, master)
    assert (fresh(lead).duplicate_of, fresh(lead).is_valid) == (master, False)
    event = AuditEvent.objects.get(action="lead.merge")
    assert (event.actor_id, event.changes) == (head.pk, {"link": link.pk, "master": master.code})
    assert differences() == []


def test_unmerging_counts_the_lead_again_and_keeps_that_it_was_merged(rules: Rules, head: User) -> None:
    lead, master = make_lead(rules), make_lead(rules)
    merge(lead, master)
    unmerge(lead, by=head)
    assert fresh(lead).is_valid
    assert list(lead.links.values_list("kind", flat=True)) == ["merge", "unmerge"]
    assert AuditEvent.objects.get(action="lead.unmerge").actor_id == head.pk
    assert differences() == []


def test_a_duplicate_found_at_arrival_can_be_separated(rules: Rules) -> None:
    make_lead(rules, phone=PHONE)
    lead = make_lead(rules, phone=PHONE)
    unmerge(lead)
    assert fresh(lead).is_valid
    assert differences() == []


def test_duplicates_follow_their_master_and_come_back_with_it(rules: Rules) -> None:
    master = make_lead(rules, phone=PHONE)
    follower = make_lead(rules, phone=PHONE)
    root = make_lead(rules)
    merge(master, root)
    assert [fresh(lead).duplicate_of for lead in (master, follower)] == [root, root]
    assert differences() == []
    unmerge(master)
    assert [fresh(lead).duplicate_of for lead in (master, follower)] == [None, master]
    assert differences() == []


def test_merging_into_a_duplicate_is_merging_into_what_it_duplicates(rules: Rules) -> None:
    root, second, third = (make_lead(rules) for _ in range(3))
    merge(second, root)
    assert merge(third, second).master == root
    assert fresh(third).duplicate_of == root


def test_a_duplicate_may_be_given_to_another_master(rules: Rules) -> None:
    lead, first, second = (make_lead(rules) for _ in range(3))
    merge(lead, first)
    merge(lead, second, hours=2)
    assert fresh(lead).duplicate_of == second
    assert differences() == []


def test_merges_that_make_no_sense_are_refused(rules: Rules) -> None:
    lead, master = make_lead(rules), make_lead(rules)
    test = make_lead(rules, is_test=True)
    elsewhere = make_lead(make_rules(code="second"))
    assert refused(lead, lead) == "merge_with_itself"
    assert refused(lead, elsewhere) == "merge_across_funnels"
    assert refused(lead, test) == refused(test, lead) == "merge_of_a_test"
    merge(lead, master)
    assert refused(lead, master) == "already_merged"
    assert refused(master, lead) == "merge_with_itself"
    with pytest.raises(duplicates.NotMerged):
        unmerge(master)
    assert LeadLink.objects.count() == 1
    assert AuditEvent.objects.filter(action="lead.merge").count() == 1
