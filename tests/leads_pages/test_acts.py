"""What is done from the card: one form, one operation; a refusal keeps what was typed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from funnels.rules.moves import Outcome
from leads.models import Lead, Sale, Touch, Transition
from leads.rules.facts import TransitionKind
from tests.factories.crm import UserFactory
from tests.leads_pages.conftest import NOTE, TakeIn, refused

Post = Callable[..., Any]
ClientOf = Callable[[User], Client]


def test_a_touch_is_logged(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "touch", lead, request_id=str(uuid4()), channel="call", result="no_answer", note="No luck")
    touch = Touch.objects.get()
    assert (touch.by, touch.channel, touch.result, touch.is_inbound, touch.note) == (
        manager, "call", "no_answer", False, "No luck",
    )  # fmt: skip


def test_a_touch_of_the_future_is_refused(post: Post, manager: User, lead: Lead) -> None:
    data = {"channel": "call", "result": "reached", "note": "Typed", "occurred_at": "2999-01-01T10:00"}
    assert "Typed" in refused(post(manager, "touch", lead, request_id=str(uuid4()), **data))
    assert not Touch.objects.exists()


def test_a_touch_sent_twice_counts_once(post: Post, client_of: ClientOf, manager: User, lead: Lead) -> None:
    form = client_of(manager).get(f"/leads/{lead.code}/").context["forms"]["touch"]
    data = {"request_id": str(form["request_id"].value()), "channel": "call", "result": "no_answer"}
    for _press in range(2):
        assert post(manager, "touch", lead, **data).status_code == 302
    assert Touch.objects.count() == 1
    other = client_of(manager).get(f"/leads/{lead.code}/").context["forms"]["touch"]
    assert str(other["request_id"].value()) != data["request_id"]


def test_a_lead_moves(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "move", lead, to="qualified")
    lead.refresh_from_db()
    assert lead.stage.code == "qualified"


@pytest.mark.parametrize("to", ["won", "nowhere", "new", ""])
def test_a_move_that_may_not_happen_is_refused(to: str, post: Post, manager: User, lead: Lead) -> None:
    refused(post(manager, "move", lead, to=to))
    lead.refresh_from_db()
    assert lead.stage.code == "new"


def test_a_lead_is_lost_for_reasons_of_its_stage(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "lose", lead, reasons=["price", "early"], note="Too dear")
    lead.refresh_from_db()
    loss = lead.transitions.get(kind=TransitionKind.LOSE)
    assert lead.outcome == Outcome.LOST
    assert {reason.code for reason in loss.reasons.all()} == {"price", "early"}
    assert (loss.note, loss.by) == ("Too dear", manager)


@pytest.mark.parametrize("reasons", [[], ["other"], ["nonsense"], ["price", "nonsense"]])
def test_D9_a_loss_that_does_not_say_why_is_refused(reasons: list[str], post: Post, manager: User, lead: Lead) -> None:
    response = post(manager, "lose", lead, reasons=reasons)
    refused(response)
    lead.refresh_from_db()
    assert lead.outcome == Outcome.OPEN
    assert not Transition.objects.filter(kind=TransitionKind.LOSE).exists()


def test_D9_a_reason_of_another_stage_is_refused_and_what_was_typed_stays(
    post: Post, manager: User, lead: Lead
) -> None:
    post(manager, "move", lead, to="contacted")
    response = post(manager, "lose", lead, reasons=["early", "price"], note="Long story")
    assert "Long story" in refused(response)
    form = response.context["forms"]["lose"]
    assert form.errors["reasons"]
    ticked = {reason.code for _side, reasons in form.sides for reason, is_ticked in reasons if is_ticked}
    offered = {reason.code for _side, reasons in form.sides for reason, _ in reasons}
    assert (ticked, "early" in offered) == ({"price"}, False)


def test_a_lead_lost_a_moment_ago_is_not_lost_again(post: Post, manager: User, lead: Lead) -> None:
    post(manager, "lose", lead, reasons=["price"])
    refused(post(manager, "lose", lead, reasons=["competitor"]))
    assert Transition.objects.filter(kind=TransitionKind.LOSE).count() == 1


def test_a_lead_is_won_with_its_sale(post: Post, client_of: ClientOf, manager: User, lead: Lead) -> None:
    post(manager, "win", lead, amount="45000.50")
    lead.refresh_from_db()
    assert (lead.outcome, Sale.objects.get().amount) == (Outcome.WON, pytest.approx(45000.50))
    assert "45,001" in client_of(manager).get(f"/leads/{lead.code}/").content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("amount", ["1500,50", "1500.50", "1 500,50", "1\u00a0500,5 ₽", "1,500.50"])
def test_an_amount_is_the_same_in_every_language(
    amount: str, language: str, post: Post, manager: User, lead: Lead
) -> None:
    User.objects.filter(pk=manager.pk).update(language=language)
    post(manager, "win", lead, amount=amount)
    assert Sale.objects.get().amount == Decimal("1500.50")


@pytest.mark.parametrize("amount", ["-1", "much", "150,050", "1.500", "1e3", "NaN", "1" * 13])
def test_an_amount_that_is_none_or_could_be_two_wins_nothing(
    amount: str, post: Post, manager: User, lead: Lead
) -> None:
    page = refused(post(manager, "win", lead, amount=amount))
    assert "1500.50" in page
    assert f'value="{amount}"' in page
    lead.refresh_from_db()
    assert lead.outcome == Outcome.OPEN


def test_D7_reopening_keeps_why_it_was_lost(post: Post, client_of: ClientOf, manager: User, lead: Lead) -> None:
    post(manager, "lose", lead, reasons=["price"], note=NOTE)
    post(manager, "reopen", lead, note="Came back")
    lead.refresh_from_db()
    page = client_of(manager).get(f"/leads/{lead.code}/").content.decode()
    assert lead.outcome == Outcome.OPEN
    for text in ("Price", NOTE, "Came back"):
        assert text in page


def test_a_won_lead_opened_again_shows_its_money_given_back(
    post: Post, client_of: ClientOf, manager: User, lead: Lead
) -> None:
    client = client_of(manager)
    post(manager, "win", lead, amount="45000")
    assert "taken back as a refund" in client.get(f"/leads/{lead.code}/").content.decode()
    post(manager, "reopen", lead)
    shown = client.get(f"/leads/{lead.code}/").context["card"].sales
    assert [(str(sale.kind), sale.amount) for sale in shown] == [("first", 45000), ("refund", -45000)]
    post(manager, "win", lead, amount="45000")
    assert [sale.kind for sale in Sale.objects.order_by("id")] == ["first", "refund", "first"]


def test_an_open_lead_is_not_reopened(post: Post, manager: User, lead: Lead) -> None:
    refused(post(manager, "reopen", lead))


def test_a_lead_is_handed_over(post: Post, head: User, lead: Lead, manager: User) -> None:
    colleague = UserFactory(role=Role.MANAGER, team=manager.team)
    response = post(head, "assign", lead, owner=colleague.pk)
    lead.refresh_from_db()
    assert lead.owner == colleague
    assert response.headers["Location"] == f"/leads/{lead.code}/"


def test_a_lead_handed_to_who_has_it_changes_nothing_and_says_so(
    post: Post, client_of: ClientOf, manager: User, lead: Lead
) -> None:
    client = client_of(manager)
    page = client.post(f"/leads/{lead.code}/assign/", {"owner": manager.pk}, follow=True).content.decode()
    assert "Nothing changed" in page
    assert "handed over" not in page


def test_who_hands_a_lead_away_goes_back_to_the_list(post: Post, manager: User, lead: Lead) -> None:
    colleague = UserFactory(role=Role.MANAGER, team=manager.team)
    assert post(manager, "assign", lead, owner=colleague.pk).headers["Location"] == "/leads/"


def test_a_lead_is_not_handed_to_another_team_nor_left_alone_by_its_manager(
    post: Post, manager: User, head: User, foreign_manager: User, lead: Lead
) -> None:
    refused(post(head, "assign", lead, owner=foreign_manager.pk))
    refused(post(manager, "assign", lead, owner=""))
    lead.refresh_from_db()
    assert lead.owner == manager


def test_leads_are_merged_by_code_or_address_and_parted_again(
    post: Post, client_of: ClientOf, head: User, lead: Lead, take_in: TakeIn
) -> None:
    master = take_in(name="The same", ago=timedelta(days=3))
    post(head, "merge", lead, master=f"https://razbor.example/leads/{master.code}/")
    lead.refresh_from_db()
    assert lead.duplicate_of == master
    relatives = client_of(head).get(f"/leads/{lead.code}/").context["card"].relatives
    assert relatives.master.code == master.code
    relatives = client_of(head).get(f"/leads/{master.code}/").context["card"].relatives
    assert [row.code for row in relatives.duplicates] == [lead.code]
    post(head, "unmerge", lead)
    lead.refresh_from_db()
    assert lead.duplicate_of is None


@pytest.mark.parametrize("which", ["itself", "foreign", "nonsense"])
def test_a_merge_that_may_not_happen_is_refused(which: str, post: Post, head: User, lead: Lead, foreign: Lead) -> None:
    code = {"itself": lead.code, "foreign": foreign.code, "nonsense": "ld_1"}[which]
    refused(post(head, "merge", lead, master=code))
    lead.refresh_from_db()
    assert lead.duplicate_of is None


def test_a_lead_that_is_no_duplicate_is_not_parted(post: Post, head: User, lead: Lead) -> None:
    refused(post(head, "unmerge", lead))
