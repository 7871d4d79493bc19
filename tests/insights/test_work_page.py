"""Panel 6 and its like on the board: words for norms, the curve, the bar of contacts, notes of hygiene."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from insights.views.definitions import DEFINITIONS
from leads.models import Lead
from leads.operations import moves, touches
from leads.rules.facts import Channel, TouchChannel, TouchResult
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead
from tests.insights.opened import Link, links, links_to, listed, panel_of

NOW = MONDAY + timedelta(days=30)
EVER = {"period": "all", "age": "none"}
LEADS = "/board/leads/"
MET = ("contact_valid", "need", "budget")

pytestmark = pytest.mark.django_db
Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def get(client_of: Callable[[User], Client]) -> Get:
    def ask(user: User, query: dict[str, Any] | None = None, path: str = "/") -> HttpResponse:
        response: HttpResponse = client_of(user).get(
            path, EVER if query is None else query, headers={"accept-language": "en"}
        )
        return response

    return ask


def _touched(lead: Lead, *, minutes: int, result: TouchResult = TouchResult.REACHED) -> None:
    at = lead.received_at + timedelta(minutes=minutes)
    touches.log(lead=lead, result=result, channel=TouchChannel.CALL, by=UserFactory(), at=at)


def _labelled(response: HttpResponse, words: str) -> list[Link]:
    return [link for link in links_to(response, LEADS) if words in link.label]


def test_norms_are_called_kept_or_broken_in_words(rules: Rules, get: Get) -> None:
    for number in range(20):
        lead = make_lead(rules)
        if number < 17:
            _touched(lead, minutes=30)
            judge(lead, met=MET, at=MONDAY + timedelta(hours=1))
    page = get(UserFactory(role=Role.EXECUTIVE))
    (contact, *_rest) = _labelled(page, "First contact within 60 min: ")
    assert contact.label == "First contact within 60 min: 17 of 20 — 85.0%, ✓ in the norm ≥ 80%"
    (never, *_rest) = _labelled(page, "Not touched by anybody: ")
    assert never.label == "Not touched by anybody: 3 of 20 — 15.0%, ✕ outside the norm ≤ 2%"
    assert "Outside the norm 3 of 5; 3 of 20 leads were touched by nobody." in page.content.decode()
    for link in (contact, never):
        assert listed(get(UserFactory(role=Role.ADMIN), path=link.href, query={})) == link.count


def test_a_norm_that_may_still_be_kept_is_not_over(rules: Rules, get: Get) -> None:
    for number in range(20):
        lead = make_lead(rules, at=NOW - timedelta(minutes=10))
        if number < 15:
            _touched(lead, minutes=5)
    page = get(UserFactory(role=Role.EXECUTIVE))
    assert _labelled(page, "First contact within 60 min: 15 of 20 — 75.0%, … not over yet, norm ≥ 80%")
    assert _labelled(page, "Not touched by anybody: 5 of 20 — 25.0%, … not over yet, norm ≤ 2%")
    assert "Nothing outside the norm; 5 of 20" in page.content.decode()


def test_of_few_leads_no_norm_is_said_to_be_kept(rules: Rules, get: Get) -> None:
    for _ in range(4):
        _touched(make_lead(rules), minutes=5)
    shown = get(UserFactory(role=Role.EXECUTIVE)).content.decode()
    assert "too few leads to say" in shown
    assert "✓" not in shown
    assert "✕" not in shown
    assert "0 of 4 leads were touched by nobody." in shown


def test_without_leads_nothing_is_drawn(rules: Rules, get: Get) -> None:
    shown = get(UserFactory(role=Role.EXECUTIVE)).content.decode()
    assert "Have we done our part of the work?" in shown
    assert "Are the phones dead, or do we not call?</h3>" not in shown
    assert '<svg class="chart' not in shown


def test_the_curve_names_its_marks_and_its_end(rules: Rules, get: Get) -> None:
    for minutes in (*range(1, 20), 600):
        _touched(make_lead(rules), minutes=minutes)
    make_lead(rules)
    page = get(UserFactory(role=Role.EXECUTIVE))
    shown = page.content.decode()
    assert "median 11 min" in shown
    assert "half are contacted within 11 min, nine of ten within 19 min" in shown
    assert _labelled(page, "Contacted within 5 min: 5 of 21 — 23.8%")
    assert _labelled(page, "Contacted within 1 h: 19 of 21 — 90.5%")
    assert _labelled(page, "Touched by nobody: 1 of 21")


def test_the_bar_of_contacts_is_the_whole(rules: Rules, get: Get) -> None:
    _touched(make_lead(rules), minutes=5)
    _touched(make_lead(rules), minutes=5, result=TouchResult.NUMBER_DOES_NOT_EXIST)
    tried, little = make_lead(rules), make_lead(rules)
    for day in range(5):
        _touched(tried, minutes=day * 1440, result=TouchResult.NO_ANSWER)
    _touched(little, minutes=1, result=TouchResult.NO_ANSWER)
    make_lead(rules, at=NOW - timedelta(hours=1))
    page = get(UserFactory(role=Role.MARKETER))
    parts = ("number does not exist", "do not answer (5+)", "under-worked", "in time", "reached")
    assert [_labelled(page, f"{part}: 1 of 5")[0].count for part in parts] == [1] * 5


def test_a_note_stands_only_above_its_threshold(rules: Rules, get: Get) -> None:
    head = UserFactory(role=Role.HEAD)
    lead = make_lead(rules)
    judge(lead, met=MET)
    moves.win(lead=lead, by=head, at=MONDAY)
    assert 'class="note"' not in get(head).content.decode()
    undecided = make_lead(rules)
    moves.win(lead=undecided, by=head, at=MONDAY)
    page = get(head)
    assert 'class="note"' in page.content.decode()
    (note,) = [link for link in links_to(page, LEADS) if "won without a verdict" in link.told]
    assert note.count == listed(get(UserFactory(role=Role.ADMIN), path=note.href, query={})) == 1


def test_names_to_confirm_are_told_to_those_who_may(rules: Rules, get: Get) -> None:
    for name in ("google", "Google"):
        make_lead(rules, source=name)
    words = "a name that looks like another source"
    (note,) = [link for link in links(get(UserFactory(role=Role.ADMIN))) if words in link.told]
    assert note.href == "/settings/sources/"
    for role in (Role.HEAD, Role.MANAGER, Role.MARKETER, Role.EXECUTIVE):
        assert words not in get(UserFactory(role=role)).content.decode()


def test_managers_stand_in_the_order_of_names(rules: Rules, get: Get) -> None:
    people = [UserFactory(name=name, role=Role.MANAGER) for name in ("Zoe", "Adam", "Mary")]
    for number in range(12):
        lead = make_lead(rules, owner=people[number % 3].email)
        if number % 2:
            judge(lead, failed=("need",))
    make_lead(rules, channel=Channel.PAGE)
    page = get(UserFactory(role=Role.HEAD))
    assert [line.name for line in panel_of(page, "work").people] == ["Adam", "Mary", "Zoe", "not set"]
    assert page.content.decode().count("stricter than usual") == 0


def test_every_help_link_of_the_board_has_its_paragraph(rules: Rules, get: Get) -> None:
    known = {definition.code for definition in DEFINITIONS}
    asked = {
        link.href.partition("#")[2] for link in links(get(UserFactory(role=Role.HEAD))) if "definitions" in link.href
    }
    assert asked <= known
    assert {"work", "speed", "contactability", "strictness", "hygiene"} <= known


@pytest.mark.parametrize(("name", "value"), [("worked", "never_ever"), ("flaw", "ugly")])
def test_D15_a_mistyped_part_is_refused_by_name(name: str, value: str, rules: Rules, get: Get) -> None:
    response = get(UserFactory(role=Role.ADMIN), {**EVER, name: value}, path=LEADS)
    assert response.status_code == 400
    assert f"“{value}” is not a value of “{name}”" in response.content.decode()


def test_work_of_what_is_not_counted_is_refused(rules: Rules, get: Get) -> None:
    response = get(UserFactory(role=Role.ADMIN), {**EVER, "kind": "test", "worked": "never"}, path=LEADS)
    assert response.status_code == 400
    assert "“kind=test” and “worked=never”" in response.content.decode()
