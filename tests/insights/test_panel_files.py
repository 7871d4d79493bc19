"""The numbers of panels as files: in words, as numbers, one sheet a metric, and never as a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.text import capfirst
from python_calamine import CalamineWorkbook

from crm.models import User
from crm.rules.roles import Role
from funnels.rules.moves import Milestone
from insights.queries.catalogue import CATALOGUE, Metric
from insights.rules.columns import Column, Format
from insights.rules.contrast import Signal
from insights.rules.control import Mark, Standing
from insights.rules.flow import What
from insights.rules.losses import Level
from insights.rules.pick_work import Flaw
from insights.rules.previous import Word
from insights.rules.slice import GroupBy, Slice
from insights.rules.strictness import Strictness
from insights.views.meanings import meanings
from insights.views.pages import PAGES
from tests.factories.crm import OrganisationSettingsFactory
from tests.factories.leads import MONDAY, judge, make_lead
from tests.insights.opened import links
from tests.insights.small_company import ASKED, EVIL_SOURCE, NOW, Company, make_company

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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


CODES = re.compile(r"[a-z]+_[a-z_]+|[A-Z]+_[A-Z_]+")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_no_code_is_left_where_people_read(code: str, company: Company, get: Get) -> None:
    """On the page, in the workbook and in the CSV; a Russian reader meets no word of the code at all."""
    metric = CATALOGUE[code]
    words = [column.code for column in _columns(metric) if column.format is Format.WORD]
    query = {**ASKED, "age": "7"}
    user = company.people[Role.EXECUTIVE]
    csv_lines = list(
        csv.reader(io.StringIO(get(user, f"/board/export/{code}.csv", query, "ru").content.decode("utf-8-sig")))
    )
    heading, *lines = csv_lines
    with translation.override("ru"):
        titles = [str(column.title) for column in _columns(metric) if column.format is Format.WORD]
    own = {"contact_valid", "need", "budget"}
    for title in titles:
        cells = {line[heading.index(title)] for line in lines} - {""}
        assert not cells & own
        assert not [cell for cell in cells if CODES.fullmatch(cell)]
        assert not [cell for cell in cells if cell in _every_code()], title
    assert code not in ("control", "stages", "losses", "throughput", "hygiene") or words


def _columns(metric: Metric) -> tuple[Column, ...]:
    return metric.query(slice=Slice(funnel="sales"), at=NOW).columns


def _every_code() -> set[str]:
    enums = (Mark, Standing, Signal, Word, Level, What, Strictness, Flaw, Milestone)
    return {member.value for enum in enums for member in enum}


def test_programs_are_given_the_codes(company: Company, get: Get) -> None:
    rows = get(company.people[Role.HEAD], "/api/v1/metrics/control", ASKED).json()["rows"]
    assert {row["standing"] for row in rows} <= {standing.value for standing in Standing}


def test_the_table_of_weeks_says_as_the_panel_does_why_a_week_is_not_judged(company: Company, get: Get) -> None:
    (table,) = get(company.people[Role.HEAD], _page("control"), {**ASKED, "age": "7"}).context["tables"]
    place = [title.words for title in table.titles].index("Judged") - 1
    judged = [row.cells[place].words for row in table.rows]
    assert judged[-1] == "not ripe yet"
    assert not {"young", "judged", "alone", "few"} & set(judged)


@pytest.mark.parametrize("code", sorted(PAGES))
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_workbook_of_a_page_has_a_sheet_for_each_of_its_metrics(
    language: str, code: str, company: Company, get: Get
) -> None:
    OrganisationSettingsFactory(valid_from_at=MONDAY, age_a2_days=7)
    page, user = PAGES[code], company.people[Role.EXECUTIVE]
    (link,) = {link.href for link in links(get(user, _page(code), ASKED)) if link.path == f"/board/{code}.xlsx"}
    response = get(user, link, language=language)
    assert response["Content-Type"] == XLSX
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    with translation.override(language):
        names = [capfirst(str(CATALOGUE[metric].name)) for metric in page.metrics]
        question = str(page.question)
        meaning = [str(definition.words) for definition in meanings(page.metrics)]
    first, *others = book.sheet_names
    assert others == names
    asked = book.get_sheet_by_name(first).to_python()
    assert asked[0][1] == question
    assert all(name and value for name, value in asked)
    assert all(any(words in value for _name, value in asked) for words in meaning)
    assert not _has_formulas(response)
    for name in names:
        assert len(book.get_sheet_by_name(name).to_python()) > 1


def test_a_workbook_is_laid_out_as_its_page(company: Company, get: Get) -> None:
    OrganisationSettingsFactory(valid_from_at=MONDAY, age_a2_days=7)
    user, query = company.people[Role.HEAD], {**ASKED, "group_by": "source"}
    (link,) = {
        link.href for link in links(get(user, _page("where_lost"), query)) if link.path == "/board/where_lost.xlsx"
    }
    book = CalamineWorkbook.from_filelike(io.BytesIO(get(user, link).content))
    assert {row[0] for row in book.get_sheet_by_name("Stages").to_python()} >= {"Source", "vk", "google"}


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [("happiness", {}, 404), ("work", {"group_by": "source"}, 400), ("weeks", {"sorce": "vk"}, 400)],
)
def test_a_workbook_of_what_is_not_understood_is_refused(
    path: str, query: dict[str, str], status: int, company: Company, get: Get
) -> None:
    assert get(company.people[Role.HEAD], f"/board/{path}.xlsx", query).status_code == status


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
        files = {link.href for link in links(page) if link.path.endswith((".csv", ".xlsx"))}
        assert {href.partition("?")[0].rpartition(".")[2] for href in files} == {"csv", "xlsx"}
        for href in files:
            assert "source=vk" in href
            assert get(user, href).status_code == 200
