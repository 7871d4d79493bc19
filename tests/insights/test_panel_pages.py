"""A page of its own for each panel: the same slice and numbers as the board, every number opens, every file too."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from crm.models import User
from crm.rules.roles import Role
from insights.queries.catalogue import CATALOGUE
from insights.rules.slice import GroupBy
from insights.views.pages import PAGES
from tests.factories.crm import OrganisationSettingsFactory, UserFactory
from tests.factories.leads import MONDAY, judge, make_lead
from tests.insights.opened import Link, links, links_to, listed
from tests.insights.small_company import ASKED, EVIL_SOURCE, NOW, Company, make_company

LEADS = "/board/leads/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GROUPED = [(page.code, by.value if by else "") for page in PAGES.values() for by in page.groups]

pytestmark = pytest.mark.django_db
Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def get(client_of: Callable[[User], Client]) -> Get:
    def ask(user: User, path: str, query: dict[str, Any] | None = None, language: str = "en") -> HttpResponse:
        response: HttpResponse = client_of(user).get(path, query or {}, headers={"accept-language": language})
        return response

    return ask


def _page(code: str) -> str:
    return f"/board/{code}/"


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_stranger_is_asked_to_sign_in(code: str) -> None:
    response = Client().get(_page(code))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("crm:login"))


def test_there_is_no_page_of_an_unknown_panel(company: Company, get: Get) -> None:
    assert get(company.people[Role.ADMIN], _page("happiness")).status_code == 404


@pytest.mark.parametrize("code", sorted(PAGES))
def test_before_there_is_a_funnel_a_page_leads_to_the_rules(code: str, get: Get) -> None:
    assert "To the rules" in get(UserFactory(role=Role.ADMIN), _page(code)).content.decode()


@pytest.mark.parametrize(("code", "by"), GROUPED)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_role_opens_a_page_laid_out_by_everything(
    language: str, code: str, by: str, company: Company, get: Get
) -> None:
    for user in company.people.values():
        response = get(user, _page(code), {**ASKED, "group_by": by}, language)
        assert response.status_code == 200
        assert f'<html lang="{language}"' in response.content.decode()


@pytest.mark.parametrize(("code", "by"), GROUPED)
def test_no_page_tells_whose_leads_they_are(code: str, by: str, company: Company, get: Get) -> None:
    shown = get(company.people[Role.EXECUTIVE], _page(code), {**ASKED, "group_by": by}).content.decode()
    assert [secret for secret in company.secrets if secret in shown] == []


@pytest.mark.parametrize(("code", "by"), GROUPED)
def test_every_number_of_a_page_opens_to_as_many_leads(code: str, by: str, company: Company, get: Get) -> None:
    head = company.people[Role.HEAD]
    promised = {(link.href, link.count) for link in links_to(get(head, _page(code), {**ASKED, "group_by": by}), LEADS)}
    assert promised
    for href, count in promised:
        assert listed(get(head, href)) == count, href


def test_every_number_of_the_period_before_opens_too(company: Company, get: Get) -> None:
    """The first of two short periods holds the older leads; both are ripe at two days."""
    head = company.people[Role.HEAD]
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_show=2, minimum_sample_to_rank=3)
    asked = {"from": "2026-03-09", "to": "2026-03-15", "age": "2"}
    response = get(head, _page("sources"), asked)
    before = [link for link in links_to(response, LEADS) if link.query["from"] == ["2026-03-02"]]
    assert len(before) >= 4
    for link in before:
        assert listed(get(head, link.href)) == link.count, link.href
    assert "What the shift is made of" in response.content.decode()
    assert "= mix" in get(head, "/", asked).content.decode()


def test_a_filter_of_the_board_goes_to_the_page_and_back(company: Company, get: Get) -> None:
    head, asked = company.people[Role.HEAD], {**ASKED, "source": "vk", "age": "3"}
    kept = {"source": ["vk"], "age": ["3"], "from": ["2026-03-02"], "to": ["2026-03-22"]}
    to_pages = [link for link in links(get(head, "/", asked)) if link.path in {_page(code) for code in PAGES}]
    assert {link.path for link in to_pages} == {_page(code) for code in PAGES}
    assert all(_kept(link, kept) for link in to_pages)
    back = links_to(get(head, _page("sources"), asked), "/")
    assert any(_kept(link, kept) for link in back)


def test_changing_the_question_keeps_the_page_and_what_it_is_laid_out_by(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], _page("sources"), {**ASKED, "group_by": "segment"})
    ways = [link for link in links_to(response, _page("sources")) if "group_by" in link.query]
    assert len([link for link in ways if link.query["group_by"] == ["segment"]]) > 5
    assert {link.query["group_by"][0] for link in ways} == {"source", "campaign", "segment", "owner"}
    assert '<input type="hidden" name="group_by" value="segment" />' in response.content.decode()


@pytest.mark.parametrize("by", ["source", "campaign", "segment", "owner"])
def test_the_name_of_a_group_leads_to_what_it_is_non_target_for(by: str, company: Company, get: Get) -> None:
    """From the table of groups and from the split of the change alike, of the same period."""
    head, asked = company.people[Role.HEAD], {"from": "2026-03-09", "to": "2026-03-22", "age": "2"}
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_show=2, minimum_sample_to_rank=3)
    page = get(head, _page("sources"), {**asked, "group_by": by})
    found = [link for link in links_to(page, _page("criteria")) if by in link.query]
    assert len({link.href for link in found}) >= 2
    assert len(found) > len({link.href for link in found}), "the split names them too"
    for link in found:
        assert _kept(link, {"from": ["2026-03-09"], "to": ["2026-03-22"], "age": ["2"]})
        assert get(head, link.href).status_code == 200


def _kept(link: Link, kept: dict[str, list[str]]) -> bool:
    return {name: link.query.get(name) for name in kept} == kept


@pytest.mark.parametrize(
    ("query", "named"), [({"group_by": "week"}, "week"), ({"sorce": "vk"}, "sorce"), ({"source": "gogle"}, "gogle")]
)
def test_what_is_not_understood_is_named(query: dict[str, str], named: str, company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], _page("sources"), query)
    assert response.status_code == 400
    assert f"“{named}”" in response.content.decode()


def test_which_source_breaks_what_stands_on_the_page_of_sources(company: Company, get: Get) -> None:
    """Few leads stay grey until the organisation agrees on a smaller number."""
    head = company.people[Role.HEAD]
    assert get(head, _page("sources"), ASKED).context["heat"].rows[0].total.shade == "few"
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_rank=2)
    assert get(head, _page("sources"), ASKED).context["heat"].rows[0].total.shade.startswith("heat-")


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_without_leads_says_so(code: str, company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], _page(code), {"from": "2025-01-06", "to": "2025-01-12"})
    assert response.status_code == 200
    assert "No leads" in response.content.decode()
    assert '<svg class="chart' not in response.content.decode()


# --- Files ----------------------------------------------------------------------------------------------------------
def _sheets(response: HttpResponse) -> list[list[list[Any]]]:
    """Read the question and the numbers of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return [book.get_sheet_by_index(number).to_python() for number in range(2)]


def _has_formulas(response: HttpResponse) -> bool:
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    return any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_workbook_holds_the_question_and_the_numbers_and_no_formula(
    language: str, code: str, company: Company, get: Get
) -> None:
    by_source = GroupBy.SOURCE in CATALOGUE[code].groups
    query = {**ASKED, "age": "7", "group_by": "source" if by_source else ""}
    response = get(company.people[Role.EXECUTIVE], f"/board/export/{code}.xlsx", query, language)
    assert response["Content-Type"] == XLSX
    assert response["Content-Disposition"].startswith(f'attachment; filename="razbor-{code}-')
    asked, numbers = _sheets(response)
    assert len(asked) >= 10
    assert all(name and value for name, value in asked)
    assert not _has_formulas(response)
    assert not by_source or EVIL_SOURCE in {row[0] for row in numbers}


def test_a_workbook_holds_the_numbers_of_the_query_as_numbers(company: Company, get: Get) -> None:
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_show=2)
    query = {**ASKED, "age": "none", "group_by": "source"}
    _asked, (heading, *lines) = _sheets(get(company.people[Role.HEAD], "/board/export/quality.xlsx", query))
    found = {line[0]: dict(zip(heading, line, strict=True)) for line in lines}
    vk = found["vk"]
    assert vk["Leads"] == vk["Target"] + vk["Non-target"] + vk["Not decided"] == 3
    assert vk["Non-target of all"] == pytest.approx(vk["Non-target"] / 3)


def test_signals_and_criteria_are_written_in_words(company: Company, get: Get) -> None:
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_rank=2)
    for number in range(12):
        at = MONDAY + timedelta(hours=number)
        judge(make_lead(company.rules, at=at, source="vk"), at=at, failed=("budget",))
        judge(make_lead(company.rules, at=at, source="google"), at=at, met=("contact_valid", "need", "budget"))
    path, query = "/board/export/sources.xlsx", {**ASKED, "group_by": "source"}
    told = {language: _sheets(get(company.people[Role.HEAD], path, query, language))[1] for language in ("en", "ru")}
    assert {row[-1] for row in told["en"][1:]} == {"", "worse than all others", "better than all others"}
    assert not {row[1] for row in told["en"][1:]} & {"contact_valid", "need", "budget"}
    assert not {"worse", "better"} & {cell for row in told["ru"] for cell in row}


def test_a_share_of_few_leads_is_left_empty(company: Company, get: Get) -> None:
    query = {**ASKED, "group_by": "source"}
    _asked, (heading, *lines) = _sheets(get(company.people[Role.HEAD], "/board/export/sources.xlsx", query))
    assert {line[heading.index("Share")] for line in lines} == {""}
    assert all(isinstance(line[heading.index("Failed")], float) for line in lines)


def test_a_part_of_the_stream_is_told_of_few_leads_too_since_it_is_a_part_of_all(company: Company, get: Get) -> None:
    query = {"from": "2026-03-02", "to": "2026-03-22", "age": "none", "group_by": "source"}
    _asked, (heading, *lines) = _sheets(get(company.people[Role.HEAD], "/board/export/mix.xlsx", query))
    found = {line[0]: dict(zip(heading, line, strict=True)) for line in lines}
    assert found["vk"]["Leads"] == 3
    assert found["vk"]["Part of the stream"] == pytest.approx(3 / 15)
    assert found["vk"]["Non-target share"] == ""


def test_files_linked_from_the_pages_open_with_their_filters(company: Company, get: Get) -> None:
    user = company.people[Role.EXECUTIVE]
    for code in PAGES:
        page = get(user, _page(code), {**ASKED, "source": "vk"})
        files = {link.href for link in links(page) if link.path.startswith("/board/export/")}
        assert {href.partition("?")[0].rpartition(".")[2] for href in files} == {"csv", "xlsx"}
        for href in files:
            assert "source=vk" in href
            assert get(user, href).status_code == 200
