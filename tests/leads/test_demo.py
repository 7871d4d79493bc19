"""The demonstration tells the same story every time, and its facts agree with what the leads repeat."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client

from config.management.commands.demo import RULES_CHANGED_WEEKS_AGO
from crm.demo import Company, seed_company
from crm.models import User
from crm.rules.roles import Role
from funnels.demo import seed_rules
from funnels.models import Funnel
from funnels.rules.criteria import Result
from insights.models import SavedBoard
from insights.rules.period import last_weeks
from insights.views.saved_menu import opened_url
from leads.demo import seed_leads
from leads.demo.history import History, histories
from leads.demo.story import ROBOT_WEEKS_AGO, WEEKS, WORSE_FOR_WEEKS
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
        changed_at=NOW - timedelta(weeks=RULES_CHANGED_WEEKS_AGO),
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
    assert Source.objects.count() == 8
    told = Lead.objects.filter(first_source__isnull=False).exclude(first_source=F("source"))
    assert 0.05 * LEADS < told.count() < 0.25 * LEADS
    assert set(Lead.objects.exclude(last_source=None).values_list("last_source__code", flat=True)) == {"direct"}
    assert not Lead.objects.filter(source__code="direct").exists()
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


def test_a_source_got_worse_in_one_criterion_and_one_week_stands_out() -> None:
    drawn = [history for history in histories(now=NOW, zone="Europe/Moscow", stages=6) if history.assessments]
    avito = [history for history in drawn if history.source and history.source.code == "avito"]
    recent = [history for history in avito if _weeks_ago(history) < WORSE_FOR_WEEKS]
    before = [history for history in avito if _weeks_ago(history) >= WORSE_FOR_WEEKS]
    assert _failed("budget", recent) > 2 * _failed("budget", before) > 0
    assert _failed("need", recent) < 1.5 * _failed("need", before)
    weeks = {ago: [history for history in drawn if _weeks_ago(history) == ago] for ago in range(1, WEEKS)}
    dead = {ago: _failed("contact_valid", week) for ago, week in weeks.items()}
    assert sorted(dead, key=lambda ago: -dead[ago])[0] == ROBOT_WEEKS_AGO
    assert dead.pop(ROBOT_WEEKS_AGO) > 1.3 * max(dead.values())


def _weeks_ago(history: History) -> int:
    day = history.received_at.date()  # of Moscow, as it was drawn
    return (NOW.date() - timedelta(days=NOW.weekday()) - (day - timedelta(days=day.weekday()))).days // 7


def _failed(criterion: str, drawn: Sequence[History]) -> float:
    failed = sum(history.assessments[0].results.get(criterion) is Result.FAILED for history in drawn)
    return failed / len(drawn)


def test_the_board_compares_its_weeks_under_one_definition_and_older_leads_are_of_another() -> None:
    shown = last_weeks(NOW.date())
    changed_on = (NOW - timedelta(weeks=RULES_CHANGED_WEEKS_AGO)).date()
    assert changed_on < shown.previous.from_on
    assert changed_on > NOW.date() - timedelta(weeks=WEEKS - 3)


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


@pytest.mark.django_db
def test_its_saved_boards_open_for_everybody(client_of: Callable[[User], Client]) -> None:
    call_command("demo", leads=LEADS)
    client = client_of(User.objects.get(email="executive@example.com"))

    pages = [client.get(opened_url(board)) for board in SavedBoard.objects.order_by("pk")]

    assert [page.status_code for page in pages] == [200, 200]
    assert [page.context["saved"].current for page in pages] == ["Why Avito is worse", "The last four weeks"]
