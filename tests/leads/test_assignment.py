"""Leads that arrive without an owner are handed out by the rules."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import AuditEvent, Team, User
from crm.rules.permissions import NotAllowed
from crm.rules.roles import Role
from leads.models import Absence, AssignmentRule, Lead, OwnerChange
from leads.operations import assignment_rules, owners
from leads.operations.assignment_rules import RuleContent
from leads.queries.assignment import page_of_rules, preview
from leads.queries.consistency import differences
from leads.rules.assignment import Method
from leads.rules.facts import Channel
from tests.factories.crm import TeamFactory, UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, make_lead
from tests.leads.test_at_once import at_once

NIGHT = MONDAY.replace(hour=22)
NAMES = {"source": "google"}


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def sellers(team: Team) -> list[User]:
    return [UserFactory(name=name, team=team) for name in ("Anna", "Boris")]


def make_rule(method: Method = Method.ROUND_ROBIN, **said: object) -> AssignmentRule:
    return assignment_rules.create_rule(content=RuleContent(method=method, **said), by=None, at=MONDAY)  # type: ignore[arg-type]


def test_without_rules_a_lead_waits(rules: Rules) -> None:
    assert make_lead(rules).owner is None


def test_leads_go_round_whatever_the_door(rules: Rules, sellers: list[User]) -> None:
    rule = make_rule(people=sellers)
    doors = (Channel.API, Channel.HOOK, Channel.FORM, Channel.PAGE)
    leads = [make_lead(rules, channel=door) for door in doors]
    assert [fresh(lead).owner for lead in leads] == [*sellers, *sellers]
    change = OwnerChange.objects.get(lead=leads[0])
    assert (change.owner, change.by) == (sellers[0], None)
    audited = AuditEvent.objects.filter(action="lead.assign").order_by("id")[0]
    assert audited.changes == {"owner": [None, sellers[0].pk], "rule": rule.pk}
    assert differences() == []


def test_a_lead_that_names_its_owner_keeps_them(rules: Rules, sellers: list[User]) -> None:
    make_rule(people=sellers[:1])
    assert make_lead(rules, owner=sellers[1].email).owner == sellers[1]


@pytest.mark.parametrize("told", [{"channel": Channel.IMPORT}, {"is_test": True}])
def test_files_and_tests_are_not_handed_out(told: dict[str, object], rules: Rules, sellers: list[User]) -> None:
    make_rule(people=sellers)
    assert make_lead(rules, **told).owner is None


def test_a_duplicate_goes_to_whoever_works_on_the_first_request(rules: Rules, sellers: list[User]) -> None:
    first = make_lead(rules, phone="+79172201408")
    owners.assign(lead=first, owner=sellers[1], by=None, at=MONDAY)
    make_rule(people=sellers[:1])
    second = make_lead(rules, phone="+79172201408", at=MONDAY + timedelta(hours=1))
    assert fresh(second).duplicate_of == first
    assert fresh(second).owner == sellers[1]
    assert differences() == []


def test_who_has_left_or_is_away_gets_nothing(rules: Rules, sellers: list[User], admin: User) -> None:
    make_rule(people=sellers)
    assignment_rules.add_absence(person=sellers[0], from_on=MONDAY.date(), until_on=MONDAY.date(), by=admin, at=MONDAY)
    assert {make_lead(rules).owner for _ in range(3)} == {sellers[1]}
    next_day = MONDAY + timedelta(days=1)
    assert {make_lead(rules, at=next_day).owner for _ in range(2)} == set(sellers)
    sellers[1].is_active = False
    sellers[1].save()
    assert {make_lead(rules, at=next_day).owner for _ in range(2)} == {sellers[0]}


def test_a_team_is_whoever_is_in_it(rules: Rules, sellers: list[User], team: Team) -> None:
    make_rule(team=team)
    UserFactory(role=Role.MARKETER, team=team)
    assert {make_lead(rules).owner for _ in range(4)} == set(sellers)


def test_outside_working_hours_the_next_rule_is_asked(rules: Rules, sellers: list[User]) -> None:
    make_rule(people=sellers[:1], only_working_hours=True)
    make_rule(people=sellers[1:])
    assert make_lead(rules).owner == sellers[0]
    assert make_lead(rules, at=NIGHT).owner == sellers[1]


def test_the_least_busy_gets_the_next(rules: Rules, sellers: list[User]) -> None:
    for _ in range(3):
        make_lead(rules, owner=sellers[0].email)
    make_rule(Method.LEAST_BUSY, people=sellers)
    assert [make_lead(rules).owner for _ in range(3)] == [sellers[1]] * 3
    assert {make_lead(rules).owner for _ in range(2)} == set(sellers)


def test_to_nobody_ends_the_search(rules: Rules, sellers: list[User]) -> None:
    make_rule(Method.NOBODY)
    make_rule(people=sellers)
    assert make_lead(rules).owner is None


def test_rules_cost_a_known_request_two_readings_and_a_turn(rules: Rules, sellers: list[User]) -> None:
    make_lead(rules)
    with CaptureQueriesContext(connection) as plain:
        make_lead(rules)
    make_rule(people=sellers)
    with CaptureQueriesContext(connection) as handed:
        make_lead(rules)
    asked = [query["sql"] for query in handed if "assignment" in query["sql"] or "absence" in query["sql"]]
    assert len(asked) <= 4
    assert len([sql for sql in asked if sql.startswith("UPDATE")]) == 1
    assert len(plain) <= len(handed)


def test_rules_are_put_in_order_and_archived(rules: Rules, sellers: list[User], admin: User) -> None:
    first, second = make_rule(people=sellers[:1]), make_rule(people=sellers[1:])
    assert assignment_rules.move_rule(rule=second, direction="up", by=admin, at=MONDAY)
    assert make_lead(rules).owner == sellers[1]
    assert not assignment_rules.move_rule(rule=second, direction="up", by=admin, at=MONDAY)
    assignment_rules.archive_rule(rule=second, by=admin, at=MONDAY)
    assignment_rules.archive_rule(rule=second, by=admin, at=MONDAY)
    assert make_lead(rules).owner == sellers[0]
    assert AuditEvent.objects.filter(action="assignment.archive").count() == 1
    assert not assignment_rules.move_rule(rule=second, direction="up", by=admin, at=MONDAY)
    assignment_rules.restore_rule(rule=second, by=admin, at=MONDAY)
    assert AssignmentRule.objects.filter(archived_at=None).count() == 2
    assert first.pk


def test_a_rule_whose_people_have_all_left_is_pointed_out(rules: Rules, sellers: list[User], admin: User) -> None:
    left, works, nobody = make_rule(people=sellers[:1]), make_rule(people=sellers), make_rule(Method.NOBODY)
    User.objects.filter(pk=sellers[0].pk).update(is_active=False)
    shown = page_of_rules(actor=admin, at=MONDAY).rules
    assert {rule.pk: rule.is_idle for rule in shown} == {left.pk: True, works.pk: False, nobody.pk: False}
    assert make_lead(rules).owner == sellers[1]


def test_only_an_administrator_makes_rules(users: dict[Role, User], sellers: list[User]) -> None:
    for role in set(Role) - {Role.ADMIN}:
        with pytest.raises(NotAllowed):
            assignment_rules.create_rule(
                content=RuleContent(method=Method.ROUND_ROBIN, people=sellers), by=users[role], at=MONDAY
            )
    assert not AssignmentRule.objects.exists()


def test_a_rule_names_sellers(marketer: User) -> None:
    with pytest.raises(assignment_rules.RuleNamesNobody):
        make_rule()
    with pytest.raises(assignment_rules.NotASeller):
        make_rule(people=[marketer])
    assert not AssignmentRule.objects.exists()


def test_a_head_tells_the_absences_of_the_own_team(head: User, manager: User, marketer: User) -> None:
    stranger = UserFactory(team=TeamFactory(name="South"))
    days = {"from_on": date(2026, 3, 2), "until_on": date(2026, 3, 4), "at": MONDAY}
    told = [assignment_rules.add_absence(person=manager, by=head, **days) for _ in range(2)]  # type: ignore[arg-type]
    assert told[0] == told[1]
    with pytest.raises(assignment_rules.NotASeller):
        assignment_rules.add_absence(person=stranger, by=head, **days)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        assignment_rules.add_absence(person=manager, by=marketer, **days)  # type: ignore[arg-type]
    with pytest.raises(assignment_rules.AbsenceEndsBeforeItBegins):
        assignment_rules.add_absence(
            person=manager, by=head, from_on=date(2026, 3, 4), until_on=date(2026, 3, 2), at=MONDAY
        )
    assignment_rules.call_off_absence(absence=told[0], by=head, at=MONDAY)
    assert Absence.objects.get().archived_at == MONDAY


def test_the_preview_hands_the_last_leads_out_on_paper(rules: Rules, sellers: list[User]) -> None:
    for _ in range(5):
        make_lead(rules)
    make_lead(rules, is_test=True)
    make_rule(people=sellers)
    shown = preview()
    assert shown.n == 5
    assert sorted(share.count for share in shown.shares) == [2, 3]
    assert Lead.objects.filter(owner=None).count() == 6
    assert AssignmentRule.objects.get().turn == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="SQLite lets one writer in at a time"
)
@pytest.mark.parametrize("method", [Method.ROUND_ROBIN, Method.LEAST_BUSY])
def test_six_at_once_are_handed_out_evenly(method: Method) -> None:
    rules = make_rules()
    people = [UserFactory() for _ in range(3)]
    make_rule(method, people=people)

    def push(number: int) -> Callable[[], object]:
        return lambda: make_lead(rules, phone=f"+7917220{number:04}")

    at_once(*[push(number) for number in range(6)])
    assert Counter(Lead.objects.values_list("owner", flat=True)) == {person.pk: 2 for person in people}
    assert differences() == []
