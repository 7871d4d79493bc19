"""A stage or a funnel in which open leads stand is not taken out of use."""

import pytest

from funnels.operations.dictionaries import StageIsNeeded
from leads.operations.moves import advance, lose
from leads.operations.retiring import LeadsAreThere, retire_funnel, retire_stage
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, fresh, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules():
    return make_rules()


@pytest.fixture
def lead(rules):
    lead = make_lead(rules)
    advance(lead=lead, to="offer", by=None, at=MONDAY)
    return fresh(lead)


def test_a_stage_with_open_leads_stays(rules, lead):
    with pytest.raises(LeadsAreThere) as refusal:
        retire_stage(stage=rules.stages["offer"], by=None, at=MONDAY)
    assert refusal.value.count == 1
    rules.stages["offer"].refresh_from_db()
    assert rules.stages["offer"].archived_at is None


def test_lost_leads_keep_an_archived_stage(rules, lead):
    lose(lead=lead, reasons=["price"], note="", by=None, at=MONDAY)
    retire_stage(stage=rules.stages["offer"], by=None, at=MONDAY)
    assert fresh(lead).stage.archived_at == MONDAY


def test_the_first_stage_is_needed(rules):
    with pytest.raises(StageIsNeeded):
        retire_stage(stage=rules.stages["new"], by=None, at=MONDAY)


def test_a_funnel_with_open_leads_stays(rules, lead):
    other = make_rules(code="other")
    with pytest.raises(LeadsAreThere):
        retire_funnel(funnel=rules.funnel, by=None, at=MONDAY)
    retire_funnel(funnel=other.funnel, by=None, at=MONDAY)
    other.funnel.refresh_from_db()
    assert other.funnel.archived_at == MONDAY
