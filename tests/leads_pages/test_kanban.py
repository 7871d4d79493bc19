"""Open leads by stage: what a column says of them, who sees whose, and what is done to one from there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import User
from crm.rules.roles import Role
from funnels.models.loss_reason import StageLossReason
from funnels.rules.moves import Outcome
from leads.models import Lead, Transition
from leads.operations import details, moves
from leads.operations.details import Amendment
from leads.queries import kanban as queries
from leads.queries.kanban import KanbanColumn, KanbanFilter
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules
from tests.leads_pages.conftest import TakeIn

ClientOf = Callable[[User], Client]
pytestmark = pytest.mark.django_db

FETCH = {"X-Requested-With": "fetch"}
DAY = timedelta(days=1)


@pytest.fixture
def arrive(take_in: TakeIn) -> TakeIn:
    """Take in somebody new, unless told who it is."""
    numbers = count(1)

    def taken(**fields: Any) -> Lead:
        return take_in(**{"external_id": f"new-{next(numbers)}"} | fields)

    return taken


@pytest.fixture
def columns(rules: Rules, now: datetime) -> Callable[..., dict[str, KanbanColumn]]:
    def laid_out(person: User, **by: Any) -> dict[str, KanbanColumn]:
        board = queries.kanban(funnel=rules.funnel, actor=person, by=KanbanFilter(**by), at=now)
        return {column.stage.code: column for column in board.columns}

    return laid_out


def priced(lead: Lead, amount: int, *, at: datetime) -> Lead:
    return details.amend(lead=lead, to=Amendment(expected_amount=Decimal(amount)), by=None, at=at)


def test_a_column_counts_sums_and_tells_ages(
    columns: Callable[..., dict[str, KanbanColumn]], arrive: TakeIn, manager: User, now: datetime
) -> None:
    for days, amount in ((1, 100), (3, 250), (9, None)):
        lead = arrive(owner=manager, ago=days * DAY)
        if amount:
            priced(lead, amount, at=now)
    told = columns(manager)
    new = told["new"]
    assert (new.count, new.priced, new.amount) == (3, 2, Decimal(350))
    assert (new.median_days, new.oldest_days) == (3, 9)
    assert [card.waits.days for card in new.cards] == [9, 3, 1]
    assert new.overdue == sum(card.is_overdue for card in new.cards) >= 2
    assert (told["offer"].count, told["offer"].median_days, told["offer"].cards) == (0, None, [])
    assert "won" not in told


def test_a_move_starts_the_age_anew_and_a_reopening_does_not(
    columns: Callable[..., dict[str, KanbanColumn]], arrive: TakeIn, manager: User, now: datetime
) -> None:
    lead = arrive(owner=manager, ago=9 * DAY)
    moves.advance(lead=lead, to="qualified", by=None, at=now - 4 * DAY)
    moves.lose(lead=lead, reasons=["price"], by=None, at=now - 3 * DAY)
    assert columns(manager)["qualified"].count == 0
    moves.reopen(lead=lead, by=None, at=now - DAY)
    assert [card.waits.days for card in columns(manager)["qualified"].cards] == [4]


def test_what_is_closed_merged_or_a_test_is_not_there(
    columns: Callable[..., dict[str, KanbanColumn]], arrive: TakeIn, manager: User, now: datetime
) -> None:
    arrive(owner=manager, phone="+79172201401")
    arrive(owner=manager, phone="+79172201401")  # a duplicate
    arrive(owner=manager, is_test=True)
    moves.win(lead=arrive(owner=manager), by=None, at=now)
    assert {code: column.count for code, column in columns(manager).items() if column.count} == {"new": 1}


def test_everybody_has_the_leads_they_may_act_on(
    columns: Callable[..., dict[str, KanbanColumn]],
    lead: Lead,
    foreign: Lead,
    arrive: TakeIn,
    manager: User,
    head: User,
) -> None:
    nobodys = arrive()
    codes = {
        name: [card.row.code for card in columns(person)["new"].cards]
        for name, person in (("manager", manager), ("head", head))
    }
    assert codes["manager"] == [lead.code]
    assert set(codes["head"]) == {lead.code, nobodys.code}
    assert [card.row.code for card in columns(head, owner="-")["new"].cards] == [nobodys.code]
    assert columns(head, source="nowhere")["new"].count == 0


def test_only_overdue_leaves_out_what_is_in_time(
    columns: Callable[..., dict[str, KanbanColumn]], arrive: TakeIn, manager: User
) -> None:
    late, _fresh = arrive(owner=manager, ago=30 * DAY), arrive(owner=manager, ago=timedelta(0))
    assert [card.row.code for card in columns(manager, only_overdue=True)["new"].cards] == [late.code]


def test_a_long_column_goes_on_without_repeating_or_leaving_out(
    arrive: TakeIn, rules: Rules, manager: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SHOWN", 2)
    leads = [arrive(owner=manager, ago=days * DAY) for days in (5, 4, 3, 3, 1)]
    by, stage = KanbanFilter(), rules.stages["new"]
    column = queries.kanban(funnel=rules.funnel, actor=manager, by=by, at=now).columns[0]
    seen, more = list(column.cards), column.more
    while more:
        cards, more = queries.more_cards(stage=stage, actor=manager, by=by, after=more, at=now)
        seen += cards
    assert [card.row.code for card in seen] == [lead.code for lead in leads]


def test_a_lead_just_moved_is_on_top_of_a_column_too_long_to_show_it(
    arrive: TakeIn, manager: User, foreign: Lead, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SHOWN", 2)
    leads = [arrive(owner=manager, ago=days * DAY) for days in (5, 4, 3, 2)]

    def shown(top: str) -> list[str]:
        board = client_of(manager).get(reverse("kanban:show"), {"top": top}).context["board"]
        return [card.row.code for card in board.columns[0].cards]

    oldest = [lead.code for lead in leads[:2]]
    assert shown(leads[3].code) == [leads[3].code, *oldest]
    assert shown(leads[1].code) == oldest[::-1]
    assert shown(foreign.code) == shown("nonsense") == shown("") == oldest


def test_a_column_goes_on_by_itself_for_a_script_and_within_the_page_for_anybody_else(
    arrive: TakeIn, manager: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SHOWN", 1)
    first, second = (arrive(owner=manager, ago=days * DAY) for days in (5, 4))
    client = client_of(manager)
    more = client.get(reverse("kanban:show")).context["board"].columns[0].more
    asked = {"stage": "new", "after": more}
    page = client.get(reverse("kanban:show"), asked)
    assert [card.row.code for card in page.context["board"].columns[0].cards] == [second.code]
    assert "<html" in page.content.decode()
    part = client.get(reverse("kanban:show"), asked, headers=FETCH).content.decode()
    assert second.code in part
    assert "<html" not in part
    assert first.code not in part


@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
def test_whoever_may_not_act_on_leads_has_no_board_of_them(role: Role, client_of: ClientOf) -> None:
    assert client_of(UserFactory(role=role)).get(reverse("kanban:show")).status_code == 403


def test_a_stranger_is_asked_to_sign_in(client: Client, rules: Rules) -> None:
    assert client.get(reverse("kanban:show")).status_code == 302


@pytest.mark.parametrize("query", ["owner=99999", "source=nowhere", "funnel=nowhere", "stage=new&after=nonsense"])
def test_an_address_that_means_nothing_is_refused(query: str, client_of: ClientOf, lead: Lead, manager: User) -> None:
    response = client_of(manager).get(f"{reverse('kanban:show')}?{query}")
    assert response.status_code == 400
    assert lead.code not in response.content.decode()


def test_without_a_funnel_the_page_says_what_to_do(client_of: ClientOf) -> None:
    assert "no funnel yet" in client_of(UserFactory(role=Role.HEAD)).get(reverse("kanban:show")).content.decode()


def test_the_page_asks_as_much_of_many_leads_as_of_few(
    client_of: ClientOf, arrive: TakeIn, manager: User, rules: Rules
) -> None:
    client = client_of(manager)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries_:
            assert client.get(reverse("kanban:show")).status_code == 200
        return len(queries_)

    arrive(owner=manager, phone="+79172200000")
    asked()  # what a process remembers is read once
    few = asked()
    for number in range(12):
        arrive(owner=manager, phone=f"+7917220{number:04}")
    assert asked() == few <= 32


def test_a_stage_that_lists_no_reason_says_who_can_list_one(client_of: ClientOf, lead: Lead, manager: User) -> None:
    StageLossReason.objects.filter(stage=lead.stage).delete()
    assert "No reason is listed at this stage" in client_of(manager).get(reverse("kanban:show")).content.decode()


@pytest.fixture
def send(client_of: ClientOf) -> Callable[..., Any]:
    def posted(person: User, act: str, lead: Lead, /, **told: Any) -> Any:
        told.setdefault("version", lead.version)
        return client_of(person).post(reverse(f"kanban:{act}", args=[lead.code]), told, headers=FETCH)

    return posted


def test_a_lead_is_moved_lost_and_won_from_here(send: Any, lead: Lead, arrive: TakeIn, manager: User) -> None:
    assert send(manager, "move", lead, to="offer").status_code == 200
    lead.refresh_from_db()
    assert lead.stage.code == "offer"
    assert send(manager, "lose", lead, reasons=["price"]).status_code == 200
    assert Transition.objects.get(kind="lose").reasons.get().code == "price"
    other = arrive(owner=manager)
    assert send(manager, "win", other, amount="1500,50").status_code == 200
    assert other.sales.get().amount == Decimal("1500.50")


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("move", {"to": "nowhere"}),
        ("move", {"to": "won"}),
        ("lose", {}),
        ("lose", {"reasons": ["other"]}),
        ("lose", {"reasons": ["unheard of"]}),
        ("win", {"amount": "a lot"}),
    ],
)
def test_what_may_not_be_is_told_and_changes_nothing(
    act: str, told: dict[str, Any], send: Any, lead: Lead, manager: User
) -> None:
    response = send(manager, act, lead, **told)
    assert response.status_code == 422
    assert response.json()["said"]
    lead.refresh_from_db()
    assert (lead.stage.code, lead.outcome, lead.version) == ("new", Outcome.OPEN, 1)


def test_whoever_looked_before_somebody_else_moved_it_is_told(send: Any, lead: Lead, manager: User) -> None:
    assert send(manager, "move", lead, to="offer").status_code == 200
    for act, told in (("move", {"to": "qualified"}), ("lose", {"reasons": ["price"]}), ("win", {})):
        assert "has changed since" in send(manager, act, lead, **told).json()["said"]
    lead.refresh_from_db()
    assert (lead.stage.code, lead.outcome) == ("offer", Outcome.OPEN)


def test_a_foreign_lead_does_not_exist(send: Any, foreign: Lead, manager: User) -> None:
    assert send(manager, "move", foreign, to="offer").status_code == 404


def test_without_a_script_one_comes_back_to_the_board_or_to_the_card_with_the_reason(
    client_of: ClientOf, lead: Lead, manager: User
) -> None:
    client, here = client_of(manager), f"{reverse('kanban:show')}?source=google"
    url = reverse("kanban:move", args=[lead.code])
    refused = client.post(url, {"to": "nowhere", "version": 1, "back": here})
    assert refused["Location"] == reverse("leads:card", args=[lead.code])
    assert client.post(url, {"to": "offer", "version": 1, "back": here})["Location"] == here
    away = client.post(url, {"to": "new", "version": 2, "back": "https://elsewhere.example"})
    assert away["Location"] == reverse("kanban:show")
