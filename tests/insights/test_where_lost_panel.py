"""Panel 5: the same numbers in the drawing, in the tables and behind every link; what it leaves out it says."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from leads.operations import moves
from tests.factories.crm import OrganisationSettingsFactory, UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, make_lead
from tests.insights.opened import Link, links, links_to, listed, panel_of
from tests.insights.small_company import ASKED, Company, make_company

BOARD, LEADS = "/", "/board/leads/"
LATER = MONDAY + timedelta(days=60)
AT_A_STAGE = ("milestone", "closed")

pytestmark = pytest.mark.django_db
Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def get(client_of: Callable[[User], Client]) -> Get:
    def ask(user: User, path: str = BOARD, query: dict[str, Any] | None = None, language: str = "en") -> HttpResponse:
        response: HttpResponse = client_of(user).get(path, query or {}, headers={"accept-language": language})
        return response

    return ask


@pytest.fixture
def company() -> Company:
    return make_company()


def _of_the_funnel(response: HttpResponse) -> list[Link]:
    return [link for link in links_to(response, LEADS) if any(name in link.query for name in AT_A_STAGE)]


def _shown(response: HttpResponse) -> str:
    return response.content.decode().replace("\xa0", " ")


def _way(rules: Rules, *, offers: int, lost: int) -> None:
    """Let leads come to an offer, some of which are lost."""
    by = UserFactory(role=Role.HEAD)
    for number in range(offers):
        lead = make_lead(rules, at=MONDAY + timedelta(hours=number))
        moves.advance(lead=lead, to="qualified", by=by, at=MONDAY + timedelta(days=2))
        moves.advance(lead=lead, to="offer", by=by, at=MONDAY + timedelta(days=4))
        if number < lost:
            moves.lose(lead=lead, reasons=["price"], by=by, at=MONDAY + timedelta(days=9))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("query", [{}, {"conversion": "cumulative", "age": "none", "source": "google"}])
def test_every_number_opens_to_as_many_leads(
    role: Role, query: dict[str, str], company: Company, get: Get, client_of: Callable[[User], Client]
) -> None:
    promised = {(link.href, link.count) for link in _of_the_funnel(get(company.people[role], query=ASKED | query))}
    assert len(promised) > 15
    assert len({href for href, _count in promised}) == len(promised), "one address promises two counts"
    client = client_of(company.people[role])
    for href, count in promised:
        response = client.get(href, headers={"accept-language": "en"})
        assert (response.status_code, listed(response)) == (200, count), href


def test_it_counts_at_the_second_age_whatever_the_board_is_at(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], query=ASKED | {"age": "7"})
    assert {link.query["age"][0] for link in _of_the_funnel(response) if "milestone" in link.query} == {"28"}
    assert "age 28 days · 2 Mar – 22 Mar · ripe weeks only" in _shown(response)


def test_weeks_that_are_not_ripe_are_left_out(company: Company, get: Get) -> None:
    with time_machine.travel(MONDAY + timedelta(days=36), tick=False):
        response = get(company.people[Role.HEAD], query=ASKED)
    assert "age 28 days · 2 Mar – 8 Mar · ripe weeks only" in _shown(response)
    assert {link.query["to"][0] for link in _of_the_funnel(response) if "milestone" in link.query} == {"2026-03-08"}


def test_before_any_week_is_ripe_it_says_so_and_draws_nothing(company: Company, get: Get) -> None:
    with time_machine.travel(MONDAY + timedelta(days=22), tick=False):
        response = get(company.people[Role.HEAD], query=ASKED)
    assert "No week is ripe: a lead is followed for 28 days here." in response.content.decode()
    assert _of_the_funnel(response) == []


def test_the_line_says_where_most_of_the_qualified_are_lost(get: Get) -> None:
    rules = make_rules()
    _way(rules, offers=30, lost=12)
    panel = panel_of(get(UserFactory(role=Role.EXECUTIVE), query=ASKED), "where_lost")
    assert panel.take == "Of the qualified leads most are lost before “Contract”: 12 of 30, most often “Price”."
    assert panel.mood == "look"


def test_few_leads_are_not_ranked_and_have_no_shares(get: Get) -> None:
    rules = make_rules()
    _way(rules, offers=9, lost=4)
    response = get(UserFactory(role=Role.EXECUTIVE), query=ASKED)
    panel = panel_of(response, "where_lost")
    assert panel.take == "Too few leads came far enough to say where most are lost."
    assert "%" not in panel.chart
    assert "4 of 9" in panel.chart
    assert {line.median for line in panel.lines} == {"—"}


def test_what_was_not_seen_to_end_is_longer_than_what_was(get: Get) -> None:
    rules = make_rules()
    _way(rules, offers=10, lost=2)
    panel = panel_of(get(UserFactory(role=Role.EXECUTIVE), query=ASKED), "where_lost")
    offer = next(line for line in panel.lines if line.name == "Offer")
    assert (offer.median, offer.p90) == (">24", ">24")


def test_the_switch_is_a_link_and_its_word_is_in_the_address(company: Company, get: Get) -> None:
    head = company.people[Role.HEAD]
    (link,) = [link for link in links(get(head, query=ASKED)) if link.told == "from the start"]
    assert link.query["conversion"] == ["cumulative"]
    shown = get(head, link.href)
    assert "of the step before" in panel_of(shown, "where_lost").chart
    assert shown.context["asked"].slice == get(head, query=ASKED).context["asked"].slice


@pytest.mark.parametrize("value", ["steps", ["step", "cumulative"]])
def test_a_mistyped_switch_is_refused(value: Any, company: Company, get: Get) -> None:
    assert get(company.people[Role.HEAD], query=ASKED | {"conversion": value}).status_code == 400


def test_the_age_is_the_organisations(company: Company, get: Get) -> None:
    OrganisationSettingsFactory(valid_from_at=MONDAY, age_a2_days=14)
    assert "age 14 days · " in panel_of(get(company.people[Role.HEAD], query=ASKED), "where_lost").scope


def test_both_shares_of_won_leads_say_what_they_are_of(company: Company, get: Get) -> None:
    panel = panel_of(get(company.people[Role.HEAD], query={"from": "2026-03-02", "to": "2026-04-05"}), "where_lost")
    closed, came = panel.wins
    assert (closed.won.count, closed.of.count) == (1, 2)
    assert closed.name.replace("\xa0", " ") == "Won of the leads closed 2 Mar – 5 Apr"
    assert came.name.replace("\xa0", " ") == "Won of the qualified leads that came 2 Mar – 29 Mar"


@pytest.mark.parametrize(
    "query",
    [
        {"milestone": "sold", "fate": "lost"},
        {"milestone": "offer", "fate": "lost", "reason": "weather"},
        {"milestone": "offer", "fate": "lost", "reason_group": "weather"},
    ],
)
def test_a_list_of_what_does_not_exist_is_refused(query: dict[str, str], company: Company, get: Get) -> None:
    assert get(company.people[Role.HEAD], LEADS, ASKED | query).status_code == 400


def test_a_list_repeats_its_question(company: Company, get: Get) -> None:
    query = ASKED | {"milestone": "new", "fate": "lost", "reason": "price", "reason_alone": "1"}
    shown = _shown(get(company.people[Role.HEAD], LEADS, query))
    assert "Lost from “New” only for “Price”" in shown
    shown = _shown(get(company.people[Role.HEAD], LEADS, ASKED | {"closed": "won"}))
    assert "closed 2 Mar – 22 Mar" in shown
    assert "whenever they came" in shown


def test_files_open(company: Company, get: Get) -> None:
    user = company.people[Role.EXECUTIVE]
    files = {link.href for link in links(get(user, query=ASKED)) if link.path.startswith("/board/export/")}
    assert len([href for href in files if any(code in href for code in ("stages", "losses", "durations"))]) == 3
    assert {get(user, href).status_code for href in files} == {200}
