"""The first administrator: one of several who try, only with the code, and written down."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection

from crm.models import AuditEvent, Team, User
from crm.operations import people
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed
from crm.rules.setup_code import is_setup_code, setup_code
from leads.models import FirstRun, Lead
from leads.models.lead import LeadQuerySet
from leads.operations import first_run
from leads.queries.first_run import unfinished
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, make_lead

KEY = "the-secret-key-of-this-installation"


def begin(number: int = 0, code: str | None = None) -> User:
    told = setup_code(key=KEY) if code is None else code
    return first_run.begin(
        code=told, key=KEY, name="Oscar", email=f"oscar{number}@example.com", password="long-enough", at=MONDAY
    )


def test_every_process_knows_the_same_code_and_another_key_another_one() -> None:
    code = setup_code(key=KEY)
    assert setup_code(key=KEY) == code != setup_code(key="another")
    assert len(code.replace("-", "")) == 24
    for told in (code, code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert is_setup_code(told=told, key=KEY)
    for told in ("", code[:-1], f"{code}a", "я" * 24, setup_code(key="another")):
        assert not is_setup_code(told=told, key=KEY)


@pytest.mark.django_db
def test_the_first_person_is_made_whole_or_not_at_all() -> None:
    for code in ("", "wrong"):
        with pytest.raises(first_run.CodeIsWrong):
            begin(code=code)
    assert not FirstRun.objects.exists()
    person = begin()
    with pytest.raises(first_run.SomebodyIsHere):
        begin(1)
    assert list(User.objects.all()) == [person]
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["person.create", "start.begin"]


@pytest.mark.django_db
def test_colleagues_come_in_all_or_none() -> None:
    person = begin()
    anna, twin = (
        first_run.Colleague("Anna", "anna@example.com", "marketer"),
        first_run.Colleague("Twin", person.email, "head"),
    )
    with pytest.raises(first_run.ColleagueRefused) as refusal:
        first_run.invite(colleagues=[anna, twin], by=person, at=MONDAY)
    assert (refusal.value.row, refusal.value.field, User.objects.count()) == (1, "email", 1)
    for _ in range(2):
        first_run.invite(colleagues=[anna], by=person, at=MONDAY)
    assert User.objects.filter(email="anna@example.com", role="marketer").count() == 1


@pytest.mark.django_db
def test_the_first_head_sees_the_leads_of_the_first_managers() -> None:
    person = begin()
    told = [
        first_run.Colleague(name, f"{name}@example.com", role)
        for name, role in (("anna", "manager"), ("vera", "head"), ("mark", "marketer"))
    ]
    first_run.invite(colleagues=told[:1], by=person, at=MONDAY)
    first_run.invite(colleagues=told, by=person, at=MONDAY)
    anna, vera, mark = (User.objects.get(email=colleague.email) for colleague in told)
    team = Team.objects.get()
    assert (anna.team, vera.team, mark.team) == (team, team, None)
    lead = make_lead(make_rules(), owner=anna.email)
    assert list(LeadQuerySet(Lead).visible_to(vera)) == [lead]


@pytest.mark.django_db
def test_of_several_teams_none_is_chosen_for_anybody() -> None:
    person = begin()
    for name in ("North", "South"):
        people.create_team(name=name, by=person, at=MONDAY)
    first_run.invite(colleagues=[first_run.Colleague("Anna", "anna@example.com", "manager")], by=person, at=MONDAY)
    assert User.objects.get(email="anna@example.com").team is None


@pytest.mark.django_db
def test_what_is_left_out_and_put_away_is_written_down_once() -> None:
    person = begin()
    for _ in range(2):
        first_run.skip(step="people", by=person, at=MONDAY)
        first_run.dismiss(by=person, at=MONDAY)
    with pytest.raises(first_run.StepIsNeeded):
        first_run.skip(step="rules", by=person, at=MONDAY)
    with pytest.raises(DomainError):
        first_run.skip(step="nonsense", by=person, at=MONDAY)
    assert AuditEvent.objects.filter(action__in=("start.skip", "start.dismiss")).count() == 2
    assert unfinished() is None


@pytest.mark.django_db
def test_nobody_but_an_administrator_goes_on(head: User) -> None:
    for act in (first_run.dismiss, lambda **told: first_run.skip(step="people", **told)):
        with pytest.raises(NotAllowed):
            act(by=head, at=MONDAY)


@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite lets one writer in at a time, so nothing happens at once",
)
@pytest.mark.django_db(transaction=True)
def test_of_several_who_try_at_one_moment_one_is_the_first() -> None:
    start = threading.Barrier(5)

    def attempt(number: int) -> str:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            begin(number)
            return "made"
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(attempt, range(5))) == ["made", *["somebody_is_here"] * 4]
    assert User.objects.count() == FirstRun.objects.count() == 1
