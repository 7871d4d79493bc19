"""The demonstration tells the same story every time, and its facts agree with what the leads repeat."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from crm.demo import Company, seed_company
from crm.models import User
from crm.rules.roles import Role
from funnels.demo import seed_rules
from funnels.models import Funnel
from leads.demo import seed_leads
from leads.demo.history import histories
from leads.models import Assessment, Lead, Sale, Source, Transition, TransitionReason
from leads.queries.consistency import differences

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
LEADS = 400


@pytest.fixture
def demo(db: None) -> Funnel:
    start = NOW - timedelta(weeks=31)
    company: Company = seed_company(language="ru", at=start)
    funnel = seed_rules(
        language="ru",
        from_at=start,
        changed_at=NOW - timedelta(weeks=8),
        marketer=company.first(Role.MARKETER),
        head=company.first(Role.HEAD),
    )
    seed_leads(
        funnel=funnel,
        owners=company.managers,
        settings=company.settings,
        language="ru",
        at=NOW,
        leads=LEADS,
        on_progress=lambda done, total: None,
    )
    return funnel


def test_what_the_leads_repeat_is_what_their_facts_say(demo: Funnel) -> None:
    assert list(differences()) == []


def test_story_has_what_a_company_has(demo: Funnel) -> None:
    assert 0.8 * LEADS < Lead.objects.count() < 1.2 * LEADS
    assert Source.objects.count() == 7
    assert {"TARGET", "NON_TARGET", "UNDECIDED"} == set(Lead.objects.values_list("verdict", flat=True))
    assert {"OPEN", "WON", "LOST"} == set(Lead.objects.values_list("outcome", flat=True))
    assert Sale.objects.filter(amount__gt=0).count() == Lead.objects.filter(outcome="WON").count()
    assert Assessment.objects.values("definition").distinct().count() == 2


def test_every_loss_has_a_reason_of_its_stage(demo: Funnel) -> None:
    losses = Transition.objects.filter(kind="lose")
    assert losses.exists()
    assert not losses.filter(given_reasons__isnull=True).exists()
    for given in TransitionReason.objects.select_related("transition", "loss_reason"):
        assert given.loss_reason.stages.filter(pk=given.transition.to_stage_id).exists()


def test_nothing_happens_after_now(demo: Funnel) -> None:
    assert not Lead.objects.filter(received_at__gte=NOW).exists()
    assert not Assessment.objects.filter(recorded_at__gte=NOW).exists()
    assert not Transition.objects.filter(recorded_at__gte=NOW).exists()


def test_same_moment_gives_the_same_story() -> None:
    first, second = (histories(now=NOW, zone="Europe/Moscow", stages=6, leads=LEADS) for _ in range(2))
    assert first == second


def test_second_run_changes_nothing(demo: Funnel, capsys: pytest.CaptureFixture[str]) -> None:
    before = Lead.objects.count()
    call_command("demo")
    assert Lead.objects.count() == before
    assert "admin@example.com" in capsys.readouterr().out


@pytest.mark.django_db
def test_database_in_use_is_left_alone() -> None:
    User.objects.create(email="someone@example.com", name="Someone", role=Role.ADMIN, created_at=NOW)
    with pytest.raises(CommandError, match="has people in it"):
        call_command("demo")
    assert User.objects.count() == 1
