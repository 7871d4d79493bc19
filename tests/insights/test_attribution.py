"""By whichever visit sources are told, leads move between sources and no total changes (R10, I9)."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from crm.models import User
from crm.operations import keys
from crm.rules.roles import Role
from crm.rules.scopes import Scope
from insights.queries.criteria import criteria
from insights.queries.kept import is_kept
from insights.queries.mix import mix
from insights.queries.quality import quality
from insights.queries.restating import is_lengthy
from insights.queries.scope import counted
from insights.queries.sources import sources
from insights.queries.strictness import strictness
from insights.rules.columns import Format
from insights.rules.quality import QUALITY_COLUMNS
from insights.rules.saved import kept_query
from insights.rules.slice import Attribution, GroupBy, Slice
from leads.models import Lead, Source
from tests.insights import small_company
from tests.insights.opened import links_to
from tests.insights.opening import assert_every_number_opens
from tests.insights.small_company import ASKED, Company, make_company
from tests.insights.test_random_worlds import a_world, company, in_database
from tests.insights.worlds import NOW, SOURCES, Story, World, slices, worlds

__all__ = ["company"]
pytestmark = pytest.mark.django_db

FIRST, USUAL, LAST = Attribution
COUNTS = [column.code for column in QUALITY_COLUMNS if column.format is Format.COUNT and column.code != "n"]
visited = st.sampled_from([None, None, *SOURCES, "direct"])
visits = st.lists(st.tuples(visited, visited), min_size=7, max_size=7)
Visits = list[tuple[str | None, str | None]]


def tell(world: World, told: Visits) -> None:
    """Have leads tell of other visits."""
    for lead, (first, last) in zip(world.leads, told, strict=False):
        named = {"first_source": first, "last_source": last}
        found = {name: world.facts.source(code) for name, code in named.items() if code}
        Lead.objects.filter(pk=lead.pk).update(**found)


def told_by(lead: Lead, visit: Attribution) -> str:
    """Say naively under which source a lead is counted."""
    told = {FIRST: lead.first_source, USUAL: None, LAST: lead.last_source}[visit]
    return (told or lead.source).code


@in_database
@given(worlds, slices(), visits)
def test_no_reading_changes_a_total(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]], told: Visits
) -> None:
    with a_world(company, stories) as world:
        tell(world, told)
        asked = replace(world.asked(drawn), sources=())
        usual = {by: quality(slice=asked, at=NOW, by=by) for by in (None, *GroupBy)}
        for visit in (FIRST, LAST):
            read = replace(asked, attribution=visit)
            assert [row.numbers for row in criteria(slice=read, at=NOW).rows] == [
                row.numbers for row in criteria(slice=asked, at=NOW).rows
            ]
            for by, table in usual.items():
                other = quality(slice=read, at=NOW, by=by)
                assert (other.bridge, other.total) == (table.bridge, table.total)
                for column in ("n", *COUNTS):
                    assert sum(getattr(row.numbers, column) for row in other.rows) == getattr(table.total, column)
                if by is not GroupBy.SOURCE:
                    assert other.rows == table.rows
            compared = [row.numbers for row in sources(slice=read, at=NOW).rows if row.numbers.criterion is None]
            assert sum(numbers.n for numbers in compared) == usual[None].total.n
            assert sum(numbers.failed for numbers in compared) == usual[None].total.non_target


@in_database
@given(worlds, slices(), visits, st.sampled_from([FIRST, LAST]))
def test_each_reading_counts_under_the_source_of_its_visit_and_opens(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]], told: Visits, visit: Attribution
) -> None:
    with a_world(company, stories) as world:
        world.facts.source("direct")
        tell(world, told)
        asked = replace(world.asked(drawn), attribution=visit)
        every = counted(slice=replace(asked, sources=(), attribution=USUAL))
        expected = Counter(told_by(lead, visit) for lead in every)
        table = quality(slice=asked, at=NOW, by=GroupBy.SOURCE)
        within = {code: n for code, n in expected.items() if code in (asked.sources or expected)}
        assert {row.key.value: row.numbers.n for row in table.rows} == within
        for found in (table, sources(slice=asked, at=NOW), mix(slice=asked, at=NOW), strictness(slice=asked, at=NOW)):
            assert_every_number_opens(found, at=NOW)
        for code in (*SOURCES, "direct"):
            one = replace(asked, sources=(code,))
            assert quality(slice=one, at=NOW).total.n == expected[code]
            assert_every_number_opens(criteria(slice=one, at=NOW), at=NOW)


def test_only_the_usual_reading_is_kept_or_never_lengthy(monkeypatch: pytest.MonkeyPatch) -> None:
    make_company()
    monkeypatch.setattr("insights.queries.restating.MOST_AT_ONCE", 1)
    usual = Slice(funnel="sales")
    assert is_kept(slice=usual, by=GroupBy.SOURCE)
    assert not is_lengthy(slice=usual)
    for visit in (FIRST, LAST):
        assert not is_kept(slice=replace(usual, attribution=visit), by=GroupBy.SOURCE)
        assert is_lengthy(slice=replace(usual, attribution=visit))


def test_a_question_that_is_kept_keeps_its_reading() -> None:
    kept = kept_query(slice=Slice(funnel="sales", attribution=FIRST), weeks=4)
    assert kept["attribution"] == ["first_touch"]
    assert "attribution" not in kept_query(slice=Slice(funnel="sales"), weeks=4)


# --- The API ------------------------------------------------------------------------------------------------------
def asking(query: dict[str, Any], *, status: int = HTTPStatus.OK, bound_to: tuple[str, ...] = ()) -> Any:
    issued = keys.issue(name="BI", scopes=[Scope.READ_METRICS], sources=bound_to, by=None, at=small_company.NOW)
    headers = {"authorization": f"Bearer {issued.token}"}
    response = Client().get("/api/v1/metrics/quality", query, headers=headers)
    assert response.status_code == status, response.content.decode()
    return response.json()


def visited_vk(company: Company) -> None:
    """Have every lead from Google tell that the person first came from VK."""
    vk = Source.objects.get(code="vk")
    assert Lead.objects.filter(source__code="google").update(first_source=vk)


def test_a_program_may_ask_by_another_visit() -> None:
    visited_vk(make_company())
    by_source = {"group_by": "source"}
    usual, first = asking(by_source), asking(by_source | {"attribution": "first_touch"})
    assert (first["total"], first["bridge"]) == (usual["total"], usual["bridge"])
    assert first["slice"]["attribution"] == "first_touch"
    assert "attribution" not in usual["slice"]
    told, before = ({row["key"]["source"]: row["n"] for row in answer["rows"]} for answer in (first, usual))
    assert told["vk"] == before["vk"] + before["google"]
    assert "google" not in told
    assert asking(by_source | {"attribution": "last_non_direct_touch"})["rows"] == usual["rows"]


def test_a_reading_that_does_not_exist_is_refused() -> None:
    make_company()
    refused = asking({"attribution": "linear"}, status=HTTPStatus.BAD_REQUEST)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/attribution", "unknown_value")


def test_a_key_for_some_sources_counts_no_leads_of_others_by_another_visit() -> None:
    visited_vk(make_company())
    refused = asking({"attribution": "first_touch"}, status=HTTPStatus.FORBIDDEN, bound_to=("vk",))
    assert refused["code"] == "visit_not_allowed"
    assert asking({"attribution": "last_non_direct_touch"}, bound_to=("vk",))["total"]["n"]


# --- The page -----------------------------------------------------------------------------------------------------
@pytest.fixture
def now() -> Iterator[None]:
    with time_machine.travel(small_company.NOW, tick=False):
        yield


@pytest.fixture
def told(now: None) -> Company:
    return make_company()


@pytest.fixture
def read(told: Company, client_of: Callable[[User], Client]) -> Callable[..., Any]:
    reader = client_of(told.people[Role.HEAD])

    def get(path: str = "/", language: str = "en", **query: str) -> Any:
        response = reader.get(path, ASKED | query, headers={"accept-language": language})
        assert response.status_code == HTTPStatus.OK
        return response

    return get


def test_there_is_no_switch_where_no_lead_tells_of_another_visit(read: Callable[..., Any]) -> None:
    assert read().context["asked"].attributing is None
    assert read(attribution="first_touch").context["asked"].attributing is not None  # the way back


@pytest.mark.parametrize(("language", "words"), [("en", "by the first visit"), ("ru", "по первому визиту")])
def test_the_switch_changes_sources_and_no_total(
    language: str, words: str, read: Callable[..., Any], told: Company
) -> None:
    visited_vk(told)
    usual = read(language=language)
    switch = usual.context["asked"].attributing.options
    assert [option.is_current for option in switch] == [False, True, False]
    assert words in usual.content.decode()
    path, _mark, query = switch[0].url.partition("?")
    first = read(path, language, **dict(part.split("=") for part in query.split("&")))
    assert first.context["asked"].attributing.words == words
    assert first.context["numbers"] == usual.context["numbers"]
    by_source = [
        {line.name: line.numbers.n for line in page.context["frames"][3].panel.lines} for page in (usual, first)
    ]
    assert by_source[0] != by_source[1]
    assert sum(by_source[0].values()) == sum(by_source[1].values())
    for link in links_to(first, "/board/leads/"):
        assert "attribution=first_touch" in link.href


def test_a_list_behind_a_number_names_the_reading_and_shows_its_source(read: Callable[..., Any], told: Company) -> None:
    visited_vk(told)
    usual = read("/board/leads/", in_source="vk")
    first = read("/board/leads/", in_source="vk", attribution="first_touch")
    assert first.context["count"] > usual.context["count"]
    assert "sources by the first visit" in first.context["words"].where
    assert {row.source for row in first.context["rows"]} == {"vk"}
    named, own = (sum(bool(row.campaign) for row in page.context["rows"]) for page in (first, usual))
    assert named == own  # a campaign is one of the lead's own source
    assert not [words for words in usual.context["words"].where if "visit" in words]


@pytest.mark.parametrize("code", ["criteria", "sources", "work"])
def test_the_page_of_a_panel_names_the_reading(code: str, read: Callable[..., Any], told: Company) -> None:
    visited_vk(told)
    page = read(f"/board/{code}/", attribution="last_touch")
    assert page.context["asked"].attributing.words == "by the last visit"
    assert "sources by the last visit" in page.context["asked"].narrowed
