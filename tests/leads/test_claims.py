"""One lead of the queue is given to one person at a time."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings

from crm.models import User
from leads.models import Claim, Lead
from leads.operations import claims
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead
from tests.leads.test_at_once import at_once

NOW = MONDAY + timedelta(minutes=5)


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


def some(rules: Rules, count: int) -> list[Lead]:
    return [make_lead(rules, at=MONDAY + timedelta(seconds=number)) for number in range(count)]


def test_two_people_are_given_different_leads(rules: Rules, admin: User, head: User) -> None:
    some(rules, 3)
    first, second = claims.take(by=admin, at=NOW), claims.take(by=head, at=NOW)
    assert first
    assert second
    assert first != second


def test_whoever_asks_again_is_given_what_they_have(rules: Rules, admin: User) -> None:
    some(rules, 3)
    assert claims.take(by=admin, at=NOW) == claims.take(by=admin, at=NOW + timedelta(minutes=1))


def test_what_is_in_front_of_one_already_is_not_given_again(rules: Rules, admin: User) -> None:
    some(rules, 2)
    first = claims.take(by=admin, at=NOW)
    assert first
    second = claims.take(by=admin, at=NOW, besides=[first.public_id])
    assert second
    assert second != first
    assert claims.take(by=admin, at=NOW, besides=[first.public_id, second.public_id]) is None


def test_a_claim_ends_after_five_minutes(rules: Rules, admin: User, head: User) -> None:
    some(rules, 1)
    claims.take(by=admin, at=NOW)
    assert claims.take(by=head, at=NOW + timedelta(minutes=4, seconds=59)) is None
    assert claims.take(by=head, at=NOW + timedelta(minutes=5)) is not None


def test_holding_prolongs_a_claim(rules: Rules, admin: User, head: User) -> None:
    (lead,) = some(rules, 1)
    claims.take(by=admin, at=NOW)
    assert claims.hold(lead=lead, by=admin, at=NOW + timedelta(minutes=4)).by == admin
    assert claims.take(by=head, at=NOW + timedelta(minutes=8)) is None


def test_holding_what_another_has_leaves_it_theirs(rules: Rules, admin: User, head: User) -> None:
    (lead,) = some(rules, 1)
    claims.take(by=admin, at=NOW)
    assert claims.hold(lead=lead, by=head, at=NOW).by == admin
    assert Claim.objects.get().by == admin


def test_what_is_let_go_is_free_for_others(rules: Rules, admin: User, head: User) -> None:
    (lead,) = some(rules, 1)
    claims.take(by=admin, at=NOW)
    claims.let_go(lead=lead, by=admin)
    assert claims.take(by=head, at=NOW) == lead


def test_what_is_set_aside_is_offered_to_others_only(rules: Rules, admin: User, head: User) -> None:
    (lead,) = some(rules, 1)
    claims.take(by=admin, at=NOW)
    claims.set_aside(lead=lead, by=admin, at=NOW)
    assert claims.take(by=admin, at=NOW + timedelta(minutes=29)) is None
    assert claims.take(by=admin, at=NOW + timedelta(minutes=30)) == lead
    claims.set_aside(lead=lead, by=admin, at=NOW)
    assert claims.take(by=head, at=NOW) == lead


def test_what_was_set_aside_may_be_taken_up_again(rules: Rules, admin: User) -> None:
    (lead,) = some(rules, 1)
    claims.take(by=admin, at=NOW)
    claims.set_aside(lead=lead, by=admin, at=NOW)
    claims.take_up_again(by=admin)
    assert claims.take(by=admin, at=NOW) == lead


def test_what_is_decided_is_not_given(rules: Rules, admin: User) -> None:
    (lead,) = some(rules, 1)
    judge(lead, failed=["need"], at=NOW)
    assert claims.take(by=admin, at=NOW) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite lets one writer in at a time, so nothing happens at once",
)
def test_people_who_ask_at_once_never_get_the_same_lead() -> None:
    rules = make_rules()
    some(rules, 60)
    people = [UserFactory(role="admin") for _ in range(6)]
    for _round in range(10):
        Claim.objects.all().delete()
        given = at_once(*[lambda person=person: claims.take(by=person, at=NOW) for person in people])  # type: ignore[misc]
        assert None not in given
        assert max(Counter(given).values()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite lets one writer in at a time, so nothing happens at once",
)
def test_a_claim_that_has_ended_passes_to_one_of_those_who_ask_at_once() -> None:
    rules = make_rules()
    some(rules, 1)
    people = [UserFactory(role="admin") for _ in range(4)]
    at = NOW
    for _round in range(10):
        at += timedelta(minutes=6)
        given = at_once(*[lambda person=person, at=at: claims.take(by=person, at=at) for person in people])  # type: ignore[misc]
        assert sum(lead is not None for lead in given) == 1
