"""Leads are handed over, and it stays known to whom and by whom."""

from datetime import timedelta

import pytest

from crm.models import AuditEvent, User
from leads.models import OwnerChange
from leads.operations import owners
from leads.queries.consistency import differences
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, fresh, make_lead

pytestmark = pytest.mark.django_db


def test_a_lead_is_handed_over_and_taken_away(manager: User, head: User) -> None:
    lead = make_lead(make_rules())
    owners.assign(lead=lead, owner=manager, by=head, at=MONDAY)
    assert fresh(lead).owner == manager
    owners.assign(lead=lead, owner=None, by=head, at=MONDAY + timedelta(hours=1))
    assert fresh(lead).owner is None
    assert [change.owner for change in lead.owner_changes.all()] == [manager, None]
    assert [event.changes for event in AuditEvent.objects.filter(action="lead.assign")] == [
        {"owner": [None, manager.pk]},
        {"owner": [manager.pk, None]},
    ]
    assert differences() == []


def test_handing_a_lead_to_who_has_it_is_no_act(manager: User) -> None:
    lead = make_lead(make_rules(), owner=manager.email)
    assert owners.assign(lead=lead, owner=manager, by=None, at=MONDAY) is None
    assert OwnerChange.objects.count() == 1


def test_nobody_who_has_left_gets_a_lead(manager: User) -> None:
    manager.is_active = False
    manager.save()
    with pytest.raises(owners.OwnerHasLeft):
        owners.assign(lead=make_lead(make_rules()), owner=manager, by=None, at=MONDAY)
    assert not OwnerChange.objects.exists()
