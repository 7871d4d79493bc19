"""`check_facts` finds every way in which a Lead row can contradict its facts."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.models import User
from leads.models import Lead
from leads.operations import moves, owners, touches
from leads.queries.consistency import differences
from leads.rules.facts import TouchChannel, TouchResult
from tests.factories.crm import OrganisationSettingsFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead

pytestmark = pytest.mark.django_db

PHONE = "8 917 220-14-08"
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules, manager: User) -> Lead:
    """A lead of which every derived field holds something."""
    make_lead(rules, phone=PHONE, at=MONDAY - timedelta(days=90))
    make_lead(rules, phone=PHONE, at=MONDAY - timedelta(days=40))
    lead = make_lead(rules, phone=PHONE)
    touches.log(lead=lead, channel=TouchChannel.CALL, result=TouchResult.REACHED, by=None, at=LATER)
    judge(lead, failed=["need"], at=LATER)
    moves.lose(lead=lead, reasons=["price"], by=None, at=LATER)
    owners.assign(lead=lead, owner=manager, by=None, at=LATER)
    return Lead.objects.get(pk=lead.pk)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cohort_day", MONDAY.date() - timedelta(days=1)),
        ("verdict", "TARGET"),
        ("verdict_at", None),
        ("fail_mask", 1),
        ("soft_fail_mask", 1),
        ("assessed_mask", 0),
        ("definition_id", None),
        ("outcome_at", MONDAY),
        ("first_touch_at", MONDAY),
        ("owner_id", None),
        ("repeat_of_id", None),
    ],
)
def test_a_row_that_contradicts_its_facts_is_found(lead: Lead, field: str, value: object) -> None:
    derived = getattr(lead, field)
    Lead.objects.filter(pk=lead.pk).update(**{field: value})
    (difference,) = differences()
    assert (difference.lead, difference.field) == (lead.code, field.removesuffix("_id"))
    assert (difference.stored, difference.derived) == (value, derived)


def test_stage_outcome_and_duplicates_are_recomputed_too(lead: Lead, rules: Rules) -> None:
    other = Lead.objects.exclude(pk=lead.pk)[0]
    changed = {"stage": rules.stages["offer"], "outcome": "WON", "duplicate_of": other}
    Lead.objects.filter(pk=lead.pk).update(**changed)
    assert {difference.field for difference in differences()} == set(changed)
    assert differences(leads=Lead.objects.filter(pk=other.pk)) == []


def test_the_cohort_day_is_checked_in_the_zone_in_force_then(rules: Rules) -> None:
    OrganisationSettingsFactory(time_zone="Europe/Moscow")
    OrganisationSettingsFactory(time_zone="Asia/Vladivostok", valid_from_at=MONDAY)
    evening = MONDAY.replace(hour=18)
    early = make_lead(rules, received_at=evening - timedelta(days=1), at=evening)
    late = make_lead(rules, received_at=evening, at=evening)
    assert [str(lead.cohort_day) for lead in (early, late)] == ["2026-03-01", "2026-03-03"]
    assert differences() == []


def test_the_command_says_that_all_is_well(lead: Lead) -> None:
    out = StringIO()
    call_command("check_facts", stdout=out)
    assert out.getvalue() == "3 leads checked, no differences.\n"


def test_the_command_lists_the_differences_and_fails(lead: Lead) -> None:
    Lead.objects.filter(pk=lead.pk).update(fail_mask=1)
    out = StringIO()
    with pytest.raises(CommandError, match="1 difference") as failure:
        call_command("check_facts", stdout=out)
    assert failure.value.returncode == 1
    assert out.getvalue() == f"{lead.code} fail_mask: stored 1, derived 2\n"
