"""Filters kept under a name, and the columns one likes."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import pytest
from django.test import Client

from crm.models import AuditEvent, User
from leads.models import Lead, SavedFilter
from leads.operations import saved_filters
from leads.operations.saved_filters import NameIsTaken, NothingToSave, SearchIsNotShared
from leads.queries.saved_filters import columns_chosen
from leads.queries.saved_filters import saved_filters as offered

ClientOf = Callable[[User], Client]


@pytest.fixture
def mine(manager: User, now: datetime) -> SavedFilter:
    return saved_filters.keep(name="Mine", query="verdict=target", is_shared=False, by=manager, at=now)


def test_a_filter_is_kept_and_audited(mine: SavedFilter, manager: User) -> None:
    assert list(offered(actor=manager)) == [mine]
    assert AuditEvent.objects.filter(action="filter.save", actor_id=manager.pk).count() == 1


def test_kept_twice_it_is_one(mine: SavedFilter, manager: User, now: datetime) -> None:
    again = saved_filters.keep(name=" Mine ", query="verdict=target", is_shared=False, by=manager, at=now)
    assert again == mine


def test_a_name_is_taken_once(mine: SavedFilter, manager: User, admin: User, now: datetime) -> None:
    with pytest.raises(NameIsTaken):
        saved_filters.keep(name="Mine", query="verdict=undecided", is_shared=False, by=manager, at=now)
    saved_filters.keep(name="Mine", query="verdict=undecided", is_shared=False, by=admin, at=now)


def test_nothing_is_not_kept(manager: User, now: datetime) -> None:
    with pytest.raises(NothingToSave):
        saved_filters.keep(name="All", query="", is_shared=False, by=manager, at=now)


def test_a_search_stays_ones_own(manager: User, now: datetime) -> None:
    with pytest.raises(SearchIsNotShared):
        saved_filters.keep(name="Who", query="q=Anna", is_shared=True, by=manager, at=now)
    own = saved_filters.keep(name="Who", query="q=Anna", is_shared=False, by=manager, at=now)
    with pytest.raises(SearchIsNotShared):
        saved_filters.change(saved=own, name="Who", is_shared=True, by=manager, at=now)


def test_a_shared_filter_is_offered_to_everybody(
    mine: SavedFilter, marketer: User, manager: User, now: datetime
) -> None:
    assert list(offered(actor=marketer)) == []
    saved_filters.change(saved=mine, name="Ours", is_shared=True, by=manager, at=now)
    assert [one.name for one in offered(actor=marketer)] == ["Ours"]


def test_deleting_can_be_undone(mine: SavedFilter, manager: User, now: datetime) -> None:
    saved_filters.archive(saved=mine, by=manager, at=now)
    saved_filters.archive(saved=mine, by=manager, at=now)
    assert list(offered(actor=manager)) == []
    saved_filters.restore(saved=mine, by=manager, at=now)
    assert list(offered(actor=manager)) == [mine]
    assert AuditEvent.objects.filter(action="filter.archive").count() == 1


def test_a_name_taken_meanwhile_is_not_brought_back(mine: SavedFilter, manager: User, now: datetime) -> None:
    saved_filters.archive(saved=mine, by=manager, at=now)
    saved_filters.keep(name="Mine", query="verdict=target", is_shared=False, by=manager, at=now)
    with pytest.raises(NameIsTaken):
        saved_filters.restore(saved=mine, by=manager, at=now)


def test_the_page_keeps_what_is_filtered(lead: Lead, manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    response = client.post("/leads/filters/save/", {"name": "Open ones", "query": "outcome=open&before=1.2"})
    assert response.headers["Location"] == "/leads/?outcome=open"
    assert "Open ones" in client.get("/leads/").content.decode()


def test_what_the_list_does_not_understand_is_not_kept(lead: Lead, manager: User, client_of: ClientOf) -> None:
    response = client_of(manager).post("/leads/filters/save/", {"name": "Odd", "query": "source=nowhere"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Odd" in response.content.decode()
    assert not SavedFilter.objects.exists()


def test_a_filter_is_renamed_deleted_and_brought_back(mine: SavedFilter, manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    client.post(f"/leads/filters/{mine.pk}/", {"name": "Ours", "is_shared": "on"})
    mine.refresh_from_db()
    assert (mine.name, mine.is_shared) == ("Ours", True)
    deleted = client.post(f"/leads/filters/{mine.pk}/archive/", follow=True)
    assert f"/leads/filters/{mine.pk}/restore/" in deleted.content.decode()
    client.post(f"/leads/filters/{mine.pk}/restore/")
    mine.refresh_from_db()
    assert mine.archived_at is None


@pytest.mark.parametrize("act", ["", "archive/", "restore/"])
def test_somebody_elses_filter_is_not_there(act: str, mine: SavedFilter, admin: User, client_of: ClientOf) -> None:
    response = client_of(admin).post(f"/leads/filters/{mine.pk}/{act}", {"name": "Theirs"})
    assert response.status_code == HTTPStatus.NOT_FOUND


def test_columns_are_remembered(lead: Lead, manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    response = client.post("/leads/columns/", {"columns": ["phone", "code"], "back": "outcome=open"})
    assert response.headers["Location"] == "/leads/?outcome=open"
    assert columns_chosen(actor=manager) == ["phone", "code"]
    assert [name for name, _label in client.get("/leads/").context["columns"]] == ["phone", "code"]


def test_masked_roles_are_not_offered_columns_of_contacts(lead: Lead, marketer: User, client_of: ClientOf) -> None:
    client = client_of(marketer)
    client.post("/leads/columns/", {"columns": ["phone"]})
    assert columns_chosen(actor=marketer) == ()
    assert "phone" not in [name for name, *_rest in client.get("/leads/").context["all_columns"]]


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_or_chosen_is_there_on_the_very_next_page(
    lead: Lead, manager: User, marketer: User, client_of: ClientOf, now: datetime
) -> None:
    pages = client_of(manager), client_of(marketer)
    assert ["Ours" in page.get("/leads/").content.decode() for page in pages] == [False, False]
    ours = saved_filters.keep(name="Ours", query="verdict=target", is_shared=True, by=manager, at=now)
    assert ["Ours" in page.get("/leads/").content.decode() for page in pages] == [True, True]
    saved_filters.archive(saved=ours, by=manager, at=now)
    assert ["Ours" in page.get("/leads/").content.decode() for page in pages] == [False, False]
    saved_filters.choose_columns(columns=["code"], by=manager)
    assert [page.get("/leads/").context["columns"][0][0] for page in pages] == ["code", "came"]
