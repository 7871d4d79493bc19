"""What a draft would do: a part of its page, a page by itself, and lists of exactly as many leads."""

from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from funnels.operations.definitions import draft_definition
from tests.factories.funnels import make_rules
from tests.factories.leads import judge, make_lead

pytestmark = pytest.mark.django_db
PHONE, NAME = "+79172201408", "Gulnara Elkina"


@pytest.fixture
def draft():
    now = timezone.now()
    rules = make_rules(criteria=("need", "budget"))
    for number in range(2):
        lead = make_lead(rules, at=now, name=NAME, phone=f"{PHONE[:-1]}{number}")
        judge(lead, at=now, met=["need"], failed=["budget"])
    make_lead(rules, at=now)
    return draft_definition(
        funnel=rules.funnel, versions=[rules.versions["need"]], note="", effective_from_at=now, by=None, at=now
    )


def url(name, draft, query=""):
    return reverse(f"insights:{name}", args=[draft.pk]) + query


def test_it_counts_what_would_change(draft, executive, client_of):
    client = client_of(executive)
    whole = client.get(url("effect", draft)).content.decode()
    part = client.get(url("effect", draft), headers={"HX-Request": "true"}).content.decode()
    assert "2 leads would become target." in whole
    assert "2 leads would become target." in part
    assert "<html" in whole
    assert "<html" not in part
    assert url("effect_leads", draft, "?was=non_target&amp;now=target") in part


def test_a_draft_that_changes_nothing_says_so(draft, executive, client_of):
    same = draft.based_on
    assert "every lead keeps its verdict" in client_of(executive).get(url("effect", same)).content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 3), ("?was=non_target&now=target", 2), ("?was=undecided", 1), ("?now=target", 2), ("?was=target", 0)],
)
def test_a_cell_opens_to_its_leads(draft, executive, client_of, query, count):
    response = client_of(executive).get(url("effect_leads", draft, query))
    assert response.context["count"] == len(response.context["rows"]) == count


def test_contacts_are_shown_to_those_who_may_see_them(draft, users, client_of):
    for role, person in users.items():
        text = client_of(person).get(url("effect_leads", draft)).content.decode()
        assert (NAME in text) is (role in ("admin", "head"))
        assert ("220-14" in text) is (role in ("admin", "head"))


@pytest.mark.parametrize("query", ["?was=good", "?now=target&now=undecided", "?page=0"])
def test_what_is_not_understood_is_refused(draft, executive, client_of, query):
    assert client_of(executive).get(url("effect_leads", draft, query)).status_code == HTTPStatus.BAD_REQUEST


def test_a_draft_that_is_not_there(executive, client_of):
    assert client_of(executive).get(reverse("insights:effect", args=[99])).status_code == HTTPStatus.NOT_FOUND
