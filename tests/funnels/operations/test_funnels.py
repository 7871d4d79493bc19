"""Funnels are opened, renamed, archived and taken back; criteria are added by name."""

import pytest

from crm.models import AuditEvent
from funnels.models import Funnel
from funnels.operations.criteria import CriterionNameIsTaken, add_criterion
from funnels.operations.dictionaries import archive_criterion, restore_criterion, revise_criterion
from funnels.operations.funnels import (
    FunnelNameIsTaken,
    LastFunnel,
    archive_funnel,
    open_funnel,
    rename_funnel,
    restore_funnel,
)
from funnels.queries import funnels_in_use, stages_of
from funnels.rules.moves import Milestone
from tests.factories.funnels import LONG_AGO, content_of, make_rules

pytestmark = pytest.mark.django_db


def make(name):
    return open_funnel(name=name, by=None, at=LONG_AGO)


def test_a_funnel_is_opened_with_a_stage_for_every_milestone():
    funnel = make("Оптовые продажи")
    assert funnel.code == "optovye-prodazhi"
    assert [stage.milestone for stage in stages_of(funnel=funnel)] == list(Milestone)
    assert AuditEvent.objects.filter(action="funnel.create").count() == 1


def test_two_funnels_in_use_are_not_called_alike():
    make("Retail")
    other = make("Wholesale")
    with pytest.raises(FunnelNameIsTaken):
        make("RETAIL")
    with pytest.raises(FunnelNameIsTaken):
        rename_funnel(funnel=other, name="retail", by=None, at=LONG_AGO)


def test_a_rename_keeps_the_code():
    funnel = make("Retail")
    for _again in range(2):
        rename_funnel(funnel=funnel, name="Shops", by=None, at=LONG_AGO)
    assert Funnel.objects.get(code="retail").name == "Shops"
    assert AuditEvent.objects.filter(action="funnel.rename").count() == 1


def test_the_last_funnel_stays_and_an_archived_one_comes_back():
    one, other = make("Retail"), make("Wholesale")
    archive_funnel(funnel=one, by=None, at=LONG_AGO)
    with pytest.raises(LastFunnel):
        archive_funnel(funnel=other, by=None, at=LONG_AGO)
    assert list(funnels_in_use()) == [other]
    restore_funnel(funnel=one, by=None, at=LONG_AGO)
    assert list(funnels_in_use()) == [one, other]
    actions = AuditEvent.objects.filter(object_id=str(one.pk), object_type="funnels.funnel")
    assert [event.action for event in actions] == ["funnel.create", "funnel.archive", "funnel.restore"]


def test_a_criterion_gets_a_code_of_its_name_and_no_name_twice():
    rules = make_rules()
    content = content_of("Наш город")
    version = add_criterion(funnel=rules.funnel, content=content, answerable_at=None, by=None, at=LONG_AGO)
    assert version.criterion.code == "nash_gorod"
    with pytest.raises(CriterionNameIsTaken):
        add_criterion(funnel=rules.funnel, content=content, answerable_at=None, by=None, at=LONG_AGO)


def test_a_criterion_comes_back_from_the_archive():
    rules = make_rules()
    content = content_of("spare")
    criterion = add_criterion(funnel=rules.funnel, content=content, answerable_at=None, by=None, at=LONG_AGO).criterion
    for act in (archive_criterion, restore_criterion, restore_criterion):
        act(criterion=criterion, by=None, at=LONG_AGO)
    criterion.refresh_from_db()
    assert criterion.archived_at is None
    assert AuditEvent.objects.filter(action="criterion.restore").count() == 1


def test_a_version_said_again_word_for_word_is_the_same_version():
    rules = make_rules()
    need = rules.versions["need"]
    again = revise_criterion(criterion=need.criterion, content=content_of("need"), by=None, at=LONG_AGO)
    assert again == need
    other = revise_criterion(
        criterion=need.criterion, content=content_of("need", is_blocking=False), by=None, at=LONG_AGO
    )
    assert (other.number, need.criterion.versions.count()) == (2, 2)
