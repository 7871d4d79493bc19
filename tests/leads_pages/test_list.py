"""The plain list: what is in it, in which order, how it is narrowed, and what it refuses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from crm.models import User
from leads.models import Lead
from leads.operations import names
from leads.queries import inbox
from leads.queries.inbox import Place, PlaceIsNotUnderstood
from tests.leads_pages.conftest import EMAIL, TakeIn

ClientOf = Callable[[User], Client]


def titles(client: Client, query: str = "") -> list[str]:
    """List who is on the page, from the top."""
    response = client.get(f"/leads/{query}")
    assert response.status_code == HTTPStatus.OK
    return [row.title for row in response.context["rows"]]


def test_the_newest_comes_first(client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    take_in(name="Old", ago=timedelta(days=2))
    take_in(name="New", ago=timedelta(hours=1))
    take_in(name="Middle", ago=timedelta(days=1))
    assert titles(client_of(admin)) == ["New", "Middle", "Old"]


def test_duplicates_are_hidden_unless_asked_for(client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    take_in(name="First", email=EMAIL, ago=timedelta(days=2))
    take_in(name="Again", email=EMAIL)
    client = client_of(admin)
    assert len(titles(client)) == 1
    assert len(titles(client, "?duplicates=shown")) == 2
    assert len(titles(client, "?duplicates=only")) == 1


@pytest.mark.parametrize(
    "query",
    [
        "?funnel=sales",
        "?source=yandex",
        "?segment=b2b",
        "?stage=new&source=yandex",
        "?outcome=open&source=yandex",
        "?verdict=undecided&source=yandex",
    ],
)
def test_filters_narrow(query: str, client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    take_in(name="Wanted", source="yandex", segment="b2b", ago=timedelta(days=1))
    if query != "?funnel=sales":
        take_in(name="Other")
    assert titles(client_of(admin), query) == ["Wanted"]


def test_owners_narrow(client_of: ClientOf, admin: User, manager: User, take_in: TakeIn) -> None:
    take_in(name="Theirs", owner=manager)
    take_in(name="Nobody's")
    client = client_of(admin)
    assert titles(client, f"?owner={manager.pk}") == ["Theirs"]
    assert titles(client, "?owner=-") == ["Nobody's"]


@pytest.mark.parametrize(
    "query",
    [
        "?source=nowhere",
        "?funnel=nowhere",
        "?owner=999999",
        "?owner=abc",
        "?owner=none",
        "?verdict=NON_TARGET",
        "?before=1000000.1&after=2000000.2",
        "?stage=nowhere",
        "?verdict=bad",
        "?outcome=closed",
        "?segment=nobody",
        "?duplicates=maybe",
        "?sourse=google",
        "?source=google&source=google",
        "?before=yesterday",
        "?after=1.x",
        "?before=99999999999999999999999.1",
        "?q=%00",
    ],
)
def test_D15_an_unknown_filter_is_an_error_and_not_an_empty_list(
    query: str, client_of: ClientOf, admin: User, take_in: TakeIn
) -> None:
    take_in(name="Somebody")
    response = client_of(admin).get(f"/leads/{query}")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.context["form"].errors
    assert b"Somebody" not in response.content
    assert 'role="alert"' in response.content.decode()


def test_pages_follow_each_other_without_gaps(
    client_of: ClientOf, admin: User, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 3)
    # All at one instant: the number of the lead has to part them.
    for number in range(8):
        take_in(name=f"Lead {number}", ago=timedelta(days=1))
    client = client_of(admin)
    expected = [f"Lead {number}" for number in reversed(range(8))]
    first = client.get("/leads/")
    second = client.get(f"/leads/{first.context['older_url']}")
    third = client.get(f"/leads/{second.context['older_url']}")
    seen = [row.title for page in (first, second, third) for row in page.context["rows"]]
    assert seen == expected
    assert third.context["older_url"] == ""
    back = client.get(f"/leads/{third.context['newer_url']}")
    assert [row.title for row in back.context["rows"]] == expected[3:6]
    top = client.get(f"/leads/{back.context['newer_url']}")
    assert [row.title for row in top.context["rows"]] == expected[:3]
    assert top.context["newer_url"] == ""


def test_pages_keep_the_filters(
    client_of: ClientOf, admin: User, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 1)
    for number in range(3):
        take_in(name=f"Lead {number}", ago=timedelta(days=number + 1))
    response = client_of(admin).get("/leads/?source=google")
    assert "source=google" in response.context["older_url"]


def test_a_place_reads_back(lead: Lead) -> None:
    assert Place.parse(str(Place.of(lead))) == Place.of(lead)


def test_a_place_that_is_none_is_refused() -> None:
    with pytest.raises(PlaceIsNotUnderstood):
        Place.parse("1e400.1")


def test_failed_criteria_are_named(client_of: ClientOf, admin: User, judged: Lead) -> None:
    (row,) = client_of(admin).get("/leads/").context["rows"]
    assert (row.verdict, row.failed) == ("non_target", ("no budget",))


def test_an_overdue_verdict_is_marked(client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    take_in(name="Late", ago=timedelta(days=60))
    (row,) = client_of(admin).get("/leads/").context["rows"]
    assert row.is_late


def test_an_empty_list_says_what_to_do(client_of: ClientOf, admin: User, rules: Any) -> None:
    response = client_of(admin).get("/leads/")
    assert "/leads/new/" in response.content.decode()


def test_the_list_costs_the_same_however_long(
    client_of: ClientOf,
    admin: User,
    judged: Lead,
    take_in: TakeIn,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for number in range(12):
        take_in(name=f"Lead {number}", phone=f"+7917220{number:04}", segment=f"s{number}", source=f"source {number}")
    client = client_of(admin)
    client.get("/leads/")
    with django_assert_max_num_queries(21):
        assert len(titles(client)) == 13


@pytest.mark.django_db(transaction=True)
def test_once_the_company_is_known_six_questions_make_a_page(
    client_of: ClientOf, admin: User, judged: Lead, django_assert_num_queries: Callable[[int], Any]
) -> None:
    client = client_of(admin)
    titles(client)
    with django_assert_num_queries(6):  # the session, its person, what is agreed on, new names, the leads, the people
        assert len(titles(client)) == 1


def test_what_somebody_has_typed_is_never_taken_for_markup(client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    take_in(name="<b>Bold</b>", source='"><script>alert(1)</script>')
    page = client_of(admin).get("/leads/").content.decode()
    assert "&lt;b&gt;Bold" in page
    assert "<b>Bold" not in page
    assert "<script>alert" not in page


def test_a_source_renamed_is_called_so_on_the_very_next_page(
    client_of: ClientOf, admin: User, take_in: TakeIn, now: datetime
) -> None:
    lead = take_in(name="Olga", source="yandex")
    client = client_of(admin)
    assert "Direct search" not in client.get("/leads/").content.decode()
    names.rename(row=lead.source, name="Direct search", by=admin, at=now)
    assert "Direct search" in client.get("/leads/").content.decode()
