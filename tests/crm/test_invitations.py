"""People are let in by a link that works once, for a week, and is kept nowhere."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from crm.models import AuditEvent, Invitation, OutboxMessage, User
from crm.operations import invitations, jobs, people
from crm.operations.invitations import HasComeAlready, InvitationIsOver, IsSwitchedOff
from crm.queries.invitations import standing, standing_token
from crm.rules.invitations import invitation_token, number_of
from crm.rules.permissions import NotAllowed
from crm.rules.roles import Role

pytestmark = pytest.mark.django_db
ANNA = {"email": "anna@example.com", "name": "Anna", "role": Role.MANAGER, "team": None}
PASSWORD = "four-words-to-keep"


def test_whoever_is_invited_sets_a_password_once(admin: User, at: datetime) -> None:
    made = invitations.invite(**ANNA, by=admin, at=at)
    assert not made.user.has_usable_password()
    user = invitations.accept(token=made.token, password=PASSWORD, at=at + timedelta(days=6))
    assert user.check_password(PASSWORD)
    with pytest.raises(InvitationIsOver):
        invitations.accept(token=made.token, password="another-long-one", at=at + timedelta(days=6))
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    actions = AuditEvent.objects.filter(object_id=str(user.pk)).values_list("action", flat=True)
    assert set(actions) == {"person.create", "person.invite", "person.accept_invitation", "person.set_password"}


def test_an_old_a_replaced_and_a_made_up_link_open_nothing(admin: User, at: datetime) -> None:
    made = invitations.invite(**ANNA, by=admin, at=at)
    assert standing(token=made.token, at=at + timedelta(days=8)) is None
    again = invitations.invite_again(user=made.user, by=admin, at=at + timedelta(days=8))
    assert standing(token=made.token, at=at + timedelta(days=8)) is None
    assert standing(token=again.token, at=at + timedelta(days=9)) is not None
    assert standing_token(user=made.user, at=at + timedelta(days=9)) == again.token
    for told in (again.token[:-1] + "x", "nonsense", "", f"{Invitation.objects.first()}"):
        assert standing(token=told, at=at + timedelta(days=9)) is None


def test_a_token_is_of_one_number_and_one_key() -> None:
    number = Invitation().number
    token = invitation_token(number=number, key="a")
    assert number_of(token=token, key="a") == number
    assert number_of(token=token, key="b") is None


def test_whoever_is_switched_off_or_has_come_needs_no_link(admin: User, at: datetime) -> None:
    made = invitations.invite(**ANNA, by=admin, at=at)
    people.switch_off(user=made.user, by=admin, at=at)
    assert standing(token=made.token, at=at) is None
    with pytest.raises(IsSwitchedOff):
        invitations.invite_again(user=User.objects.get(pk=made.user.pk), by=admin, at=at)
    with pytest.raises(HasComeAlready):
        invitations.invite_again(user=admin, by=admin, at=at)


def test_a_link_sent_to_a_wrong_address_works_no_more_once_it_is_put_right(admin: User, at: datetime) -> None:
    made = invitations.invite(**ANNA, by=admin, at=at)
    told = {"role": Role.MANAGER, "team": None, "by": admin, "at": at}
    people.change_person(user=made.user, name="Anna B.", email="anna@example.com", **told)
    assert standing(token=made.token, at=at) is not None
    people.change_person(user=made.user, name="Anna B.", email="anna.b@example.com", **told)
    assert standing(token=made.token, at=at) is None
    assert standing(token=invitations.invite_again(user=made.user, by=admin, at=at).token, at=at) is not None


def test_a_link_does_not_outlive_a_password_set_another_way(admin: User, at: datetime) -> None:
    made = invitations.invite(**ANNA, by=admin, at=at)
    people.set_password(user=made.user, password=PASSWORD, by=None, at=at)
    with pytest.raises(InvitationIsOver):
        invitations.accept(token=made.token, password="another-long-one", at=at)
    assert User.objects.get(pk=made.user.pk).check_password(PASSWORD)


def test_only_administrators_invite(users: dict[Role, User], admin: User, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        invitations.invite(**ANNA, by=users[Role.HEAD], at=at)
    made = invitations.invite(**ANNA, by=admin, at=at)
    with pytest.raises(NotAllowed):
        invitations.invite_again(user=made.user, by=users[Role.HEAD], at=at)


def test_the_letter_carries_the_link_and_the_outbox_does_not(admin: User, at: datetime) -> None:
    made = invitations.invite(**ANNA, by=admin, at=at, origin="https://crm.example.com")
    message = OutboxMessage.objects.get(name=invitations.JOB)
    assert made.token not in str(message.payload)
    jobs.drain(at=at)
    (letter,) = mail.outbox
    assert letter.to == ["anna@example.com"]
    assert f"https://crm.example.com/invitation/{made.token}/" in letter.body


def test_an_invitation_replaced_before_its_letter_left_sends_none(admin: User, at: datetime) -> None:
    made = invitations.invite(**ANNA, by=admin, at=at, origin="https://crm.example.com")
    invitations.invite_again(user=made.user, by=admin, at=at)
    jobs.drain(at=at)
    assert mail.outbox == []
