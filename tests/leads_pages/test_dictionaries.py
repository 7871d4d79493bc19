"""The pages of sources, campaigns and segments: what they tell, what they do, how much they ask of the database."""

from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import User
from crm.operations import keys
from leads.models import Segment, Source
from leads.operations import dictionaries, names
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, make_lead

pytestmark = pytest.mark.django_db

SOURCES = "/settings/sources/"


@pytest.fixture
def browser(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def twins(rules: Rules) -> tuple[Source, Source]:
    """“Google” with one lead, and “google” with two that looks like it."""
    make_lead(rules, source="Google", campaign="spring")
    for number in range(2):
        make_lead(rules, source="google", campaign="spring", external_id=f"twin-{number}")
    return Source.objects.get(code="Google"), Source.objects.get(code="google")


def body(response: Any) -> str:
    assert response.status_code == HTTPStatus.OK
    return " ".join(response.content.decode().split())


def test_names_of_real_data_wait_on_top_and_are_counted_in_the_menu(
    browser: Client, twins: tuple[Source, Source]
) -> None:
    page = body(browser.get(SOURCES))
    assert "2 names came for the first time" in page
    assert "3 leads came under them" in page
    assert "looks like “Google”" in page
    assert f"{SOURCES}{twins[1].pk}/merge/?into={twins[0].pk}" in page
    assert '<span class="badge" aria-label="to be confirmed: 2">2</span>' in page
    assert "to be confirmed" not in body(browser.get("/leads/"))


def test_a_name_is_confirmed(browser: Client, twins: tuple[Source, Source]) -> None:
    google = twins[0]
    for _ in range(2):
        assert browser.post(f"{SOURCES}{google.pk}/confirm/")["Location"] == SOURCES
    google.refresh_from_db()
    assert google.is_confirmed
    assert "1 name came for the first time" in body(browser.get(SOURCES))


def test_joining_is_shown_first_and_done_once(browser: Client, twins: tuple[Source, Source]) -> None:
    google, twin = twins
    key = keys.issue(name="Site", scopes=["leads:write"], sources=["google"], by=None, at=MONDAY).key
    address = f"{SOURCES}{twin.pk}/merge/"
    preview = body(browser.get(address, {"into": google.pk}))
    assert "2 leads will be counted under it" in preview
    assert "1 will be joined to the one of the same name" in preview
    assert "keys of integrations: 1, forms: 0" in preview
    assert Source.objects.get(pk=twin.pk).archived_at is None
    said = body(browser.post(address, {"into": google.pk}, follow=True))
    assert "“google” is another name of “Google” now. 2 leads were moved." in said
    assert browser.post(address, {"into": google.pk})["Location"] == f"{SOURCES}{google.pk}/"
    key.refresh_from_db()
    assert (google.leads.count(), key.sources) == (3, ["Google"])
    assert dictionaries.resolve_source(name="google", at=MONDAY) == google


def test_a_join_that_is_refused_is_told_and_moves_nothing(browser: Client, rules: Rules) -> None:
    for name in ("a", "b"):
        make_lead(rules, source=name, external_id="1")
    a, b = Source.objects.get(code="a"), Source.objects.get(code="b")
    assert "They cannot be joined." in body(browser.get(f"{SOURCES}{a.pk}/merge/", {"into": b.pk}))
    assert "the same external ids: 1" in body(browser.post(f"{SOURCES}{a.pk}/merge/", {"into": b.pk}))
    assert browser.post(f"{SOURCES}{a.pk}/merge/", {"into": a.pk}).context["form"].errors["into"]
    assert a.leads.count() == b.leads.count() == 1


def test_a_source_is_added_renamed_and_put_away(browser: Client) -> None:
    assert browser.post(SOURCES, {"name": "Word of mouth"})["Location"] == SOURCES
    source = Source.objects.get(code="Word of mouth")
    one = f"{SOURCES}{source.pk}/"
    assert "Friends" in body(browser.post(one, {"name": "Friends"}, follow=True))
    assert browser.post(f"{one}archive/")["Location"] == SOURCES
    assert "Out of use and joined: 1" in body(browser.get(SOURCES))
    browser.post(f"{one}restore/")
    assert Source.objects.get(pk=source.pk).archived_at is None


def test_a_refused_name_stays_typed(browser: Client) -> None:
    for name in ("google", "yandex"):
        names.create_source(name=name, by=None, at=MONDAY)
    google = Source.objects.get(code="google")
    page = body(browser.post(f"{SOURCES}{google.pk}/", {"name": "Yandex"}))
    assert "“Yandex” is taken already." in page
    assert 'value="Yandex"' in page
    page = body(browser.post(f"{SOURCES}{google.pk}/aliases/", {"name": "yandex"}))
    assert "“yandex” is taken already." in page


def test_other_names_come_and_go(browser: Client) -> None:
    google = names.create_source(name="google", by=None, at=MONDAY)
    one = f"{SOURCES}{google.pk}/"
    assert "Гугл" in body(browser.post(f"{one}aliases/", {"name": "Гугл"}, follow=True))
    assert google.aliases.count() == 1
    browser.post(f"{one}aliases/remove/", {"name": "Гугл"})
    assert google.aliases.count() == 0


def test_leads_without_a_source_have_nothing_to_be_done_with(browser: Client) -> None:
    undefined = dictionaries.undefined_source(at=MONDAY)
    page = body(browser.get(f"{SOURCES}{undefined.pk}/"))
    assert "not a name" in page
    assert "Put out of use" not in page
    assert "is not a name" in body(browser.post(f"{SOURCES}{undefined.pk}/archive/", follow=True))


def test_campaigns_are_listed_by_source(browser: Client, twins: tuple[Source, Source], rules: Rules) -> None:
    make_lead(rules, source="mail", campaign="letters")
    assert "letters" in body(browser.get("/settings/campaigns/"))
    mine = body(browser.get("/settings/campaigns/", {"source": twins[0].pk}))
    assert "Campaigns of “Google”" in mine
    assert "letters" not in mine
    assert browser.get("/settings/campaigns/", {"source": "999999"}).status_code == HTTPStatus.NOT_FOUND


def test_segments_are_added_confirmed_and_joined(browser: Client, rules: Rules) -> None:
    lead = make_lead(rules, segment="B2B")
    seen = Segment.objects.get(code="B2B")
    browser.post("/settings/segments/", {"name": "Firms"})
    firms = Segment.objects.get(code="Firms")
    assert "A segment of its own" in body(browser.get("/settings/segments/"))
    browser.post(f"/settings/segments/{seen.pk}/merge/", {"into": firms.pk})
    lead.refresh_from_db()
    assert lead.segment == firms
    browser.post("/settings/segments/", {"name": " "})
    assert Segment.objects.count() == 2


@pytest.mark.parametrize("path", ["/settings/sources/999/", "/settings/campaigns/999/merge/", "/settings/segments/9/"])
def test_what_there_is_not_is_not_found(path: str, browser: Client) -> None:
    assert browser.get(path).status_code == HTTPStatus.NOT_FOUND


def test_many_names_cost_as_many_queries_as_few(browser: Client, rules: Rules) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            body(browser.get(SOURCES))
        return len(captured)

    make_lead(rules, source="first")
    few = asked()
    for number in range(12):
        make_lead(rules, source=f"Source {number}", campaign="spring")
        make_lead(rules, source=f"source {number}")
    assert asked() <= few + 1  # the aliases of any are one query
