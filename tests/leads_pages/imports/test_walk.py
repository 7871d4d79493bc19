"""A whole import through its pages."""

import io

import pytest
import xlsxwriter

from funnels.rules.verdict import Verdict
from leads.models import ImportBatch, Lead
from tests.leads_pages.imports.walk import Walk

ROWS = [
    "Имя;Телефон;Почта;Источник;Статус;Тег;Ответственный;Город",
    "Анна Ёлкина;8 (917) 220-14-08;anna@example.com;google;Offer;целевой;;Казань",
    "Пётр;+7 903 111-22-33;;Новый источник;;Budget;;Москва",
    "Ольга;+7 903 111-22-34;;google;;;;",
]
TEXT = "\n".join(ROWS)


def _workbook() -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("Пустой").write_row(0, 0, ["nothing here"])
    page = book.add_worksheet("Лиды")
    for number, line in enumerate(ROWS):
        page.write_row(number, 0, line.split(";"))
    other = book.add_worksheet("Другие")
    other.write_row(0, 0, ["Имя"])
    other.write_row(1, 0, ["Никто"])
    book.close()
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("utf8.csv", TEXT.encode()),
        ("utf8-mark.csv", TEXT.encode("utf-8-sig")),
        ("cp1251.csv", TEXT.encode("cp1251")),
        ("utf16.csv", TEXT.encode("utf-16")),
        ("comma.csv", TEXT.replace(";", ",").encode()),
        ("tab.tsv", TEXT.replace(";", "\t").encode("cp1251")),
    ],
)
def test_a_file_in_any_spelling_comes_in_whole(walk: Walk, name: str, content: bytes) -> None:
    draft = walk.through(content, name)
    assert draft.state == "done"
    assert draft.totals["failed"] == 0, draft.totals["first"]
    anna, peter, olga = Lead.objects.order_by("id")
    assert (anna.contact.name, anna.source.code, anna.stage.code) == ("Анна Ёлкина", "google", "offer")
    assert anna.verdict == Verdict.TARGET
    assert anna.attributes["Город"] == "Казань"
    assert (peter.source.name, peter.verdict) == ("Новый источник", Verdict.NON_TARGET)
    assert olga.verdict == Verdict.UNDECIDED


def test_a_page_of_a_workbook_is_chosen(walk: Walk) -> None:
    walk.upload(_workbook(), "leads.xlsx")
    assert walk.draft.page == "Лиды"  # the first one with rows
    walk.client.post(walk.url("file"), {"page": "Другие", "again": "1"})
    assert (walk.draft.page, walk.draft.row_count) == ("Другие", 1)
    walk.client.post(walk.url("file"), {"page": "Лиды", "again": "1"})
    draft = walk.draft
    assert (draft.page, draft.pages, draft.row_count) == ("Лиды", ["Пустой", "Лиды", "Другие"], 3)
    walk.columns()
    walk.words(rest_is_ignored="on")
    walk.check()
    assert walk.start().batch.created_count == 3
    assert ImportBatch.objects.count() == 1
