"""Spreadsheet files: encodings, delimiters, broken rows and files that want to exhaust the server."""

import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from crm.rules.errors import DomainError
from leads.intake import failed_rows, limits, sheet

RUSSIAN = "Имя;Источник;Тег\nЁлкина Анна;Яндекс Директ;Не подходит\nПётр «Ромашка»;Гугл;неверный номер №2\n"


def refusal(content: bytes, **options: str) -> DomainError:
    with pytest.raises(DomainError) as caught:
        list(sheet.read(content, **options).rows())
    return caught.value


def workbook(fill: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    fill(book, book.add_worksheet())
    book.close()
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("hint", ["", "utf-8", "cp1251", "latin-1"])
def test_D15_every_encoding_reads_the_same_whatever_the_mapping_claims(encoding: str, hint: str) -> None:
    read = sheet.read(RUSSIAN.encode(encoding), encoding_hint=hint)
    assert [row.values for row in read.rows()] == [
        {"Имя": "Ёлкина Анна", "Источник": "Яндекс Директ", "Тег": "Не подходит"},
        {"Имя": "Пётр «Ромашка»", "Источник": "Гугл", "Тег": "неверный номер №2"},
    ]


def test_D15_a_western_encoding_is_refused_not_read_as_russian() -> None:
    error = refusal("Name;City\nMüller;Köln\n".encode("cp1252"))
    assert error.code == "encoding_not_recognised"
    assert "line 2" in str(error)


@pytest.mark.parametrize(
    "start", [b"GIF89a", b"RIFF\x24\x00\x00\x00WEBP", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"II*\x00"]
)
def test_a_picture_called_csv_is_told_from_a_text(start: bytes) -> None:
    assert refusal(start + bytes(range(256)) * 9).code == "not_a_spreadsheet"


def test_D15_another_russian_encoding_is_refused_or_read_by_its_name() -> None:
    text = "имя;источник\nпривет;сарафанное радио\n"
    assert refusal(text.encode("koi8-r")).code == "encoding_not_recognised"
    assert refusal(text.encode("cp866")).code == "encoding_not_recognised"
    assert next(sheet.read(text.encode("koi8-r"), encoding_hint="koi8-r").rows()).values["имя"] == "привет"


def test_D15_utf_8_with_one_broken_byte_is_refused_with_its_line() -> None:
    error = refusal(RUSSIAN.encode() + "Анна;\xff;x\n".encode("latin-1", "replace").replace(b"?", b"\xff"))
    assert error.code == "encoding_not_recognised"
    assert "line 4" in str(error)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_delimiter_is_told_from_the_header(delimiter: str, newline: str) -> None:
    text = newline.join([delimiter.join(["a", "b", "c"]), delimiter.join(["1", "2", "3"])])
    read = sheet.read(text.encode())
    assert read.delimiter == delimiter
    assert [row.values for row in read.rows()] == [{"a": "1", "b": "2", "c": "3"}]


def test_the_first_line_of_excel_names_the_delimiter() -> None:
    rows = list(sheet.read(b"sep=;\na;b,c,d\n1;2\n").rows())
    assert [(row.line, row.values) for row in rows] == [(3, {"a": "1", "b,c,d": "2"})]


def test_lines_are_counted_over_quoted_newlines_and_blank_lines() -> None:
    rows = list(sheet.read(b'a,b\n1,"two\nlines"\n\n3,4\n').rows())
    assert [(row.line, row.values["b"]) for row in rows] == [(2, "two\nlines"), (5, "4")]


def test_D15_a_ragged_row_is_reported_with_its_line_and_not_skipped() -> None:
    rows = list(sheet.read(b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n").rows())
    assert [row.line for row in rows if row.problem] == [3, 4]
    assert "2 cells where the header has 3" in str(rows[1].problem)
    assert rows[2].values["column 4"] == "4"


def test_a_nul_byte_is_a_broken_row_and_never_reaches_the_database() -> None:
    rows = list(sheet.read(b"a,b\n1,x\x00y\n3,4\n").rows())
    assert rows[0].problem is not None
    assert rows[0].problem.code == "nul_byte"
    assert rows[0].values == {"a": "1", "b": "xy"}
    assert rows[1].problem is None


def test_a_quote_that_is_never_closed_is_refused_with_its_line() -> None:
    error = refusal(b'a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert error.code == "quote_not_closed"
    assert "line 3" in str(error)


def test_a_cell_larger_than_any_cell_is_refused() -> None:
    assert refusal(b'a,b\n1,"' + b"x" * 200_000 + b'"\n').code == "quote_not_closed"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b";;;\n"])
def test_a_file_without_a_header_is_refused(content: bytes) -> None:
    assert refusal(content).code == "header_missing"


def test_a_repeated_column_keeps_both_and_is_named() -> None:
    read = sheet.read(b"a,b,a\n1,2,3\n")
    assert read.columns == ("a", "b", "a (2)")
    assert read.repeated == {"a"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a" * (limits.MAXIMUM_BYTES + 1), "file_too_big"),
        (b"a,b\n" + b"1,2\n" * (limits.MAXIMUM_ROWS + 1), "too_many_rows"),
        (b",".join([b"c"] * 1_000_000) + b"\n", "too_many_columns"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "old_excel"),
        (b"%PDF-1.7 ...", "not_a_spreadsheet"),
        (b"PK\x03\x04 torn", "not_a_spreadsheet"),
    ],
)
def test_a_file_beyond_the_limits_is_refused_quickly(content: bytes, code: str) -> None:
    started = time.monotonic()
    assert refusal(content).code == code
    assert time.monotonic() - started < 2


def test_a_workbook_reads_as_a_person_would_type_it() -> None:
    def fill(book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.write_row(0, 0, ["Имя", "Телефон", "Когда", "День", "Да"])
        page.write_string(2, 0, "Ёлкина")
        page.write_number(2, 1, 79172201408)
        page.write_datetime(2, 2, dt.datetime(2026, 3, 2, 10, 30), book.add_format({"num_format": "dd.mm.yyyy hh:mm"}))
        page.write_datetime(2, 3, dt.datetime(2026, 3, 2), book.add_format({"num_format": "dd.mm.yyyy"}))
        page.write_boolean(2, 4, True)

    rows = list(sheet.read(workbook(fill)).rows())
    assert [row.line for row in rows] == [3]
    assert rows[0].cells == ("Ёлкина", "79172201408", "2026-03-02 10:30:00", "2026-03-02", "TRUE")


def test_two_cells_far_apart_do_not_become_a_grid_of_everything_between() -> None:
    def wide(_book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.write(0, 0, "a")
        page.write(0, 16_383, "b")

    def tall(_book: xlsxwriter.Workbook, page: xlsxwriter.worksheet.Worksheet) -> None:
        page.write(0, 0, "a")
        page.write(1_048_575, 0, "b")

    assert refusal(workbook(wide)).code == "too_many_columns"
    assert refusal(workbook(tall)).code == "too_many_rows"


def repacked(content: bytes, name: str, body: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, body if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, body)
    return target.getvalue()


def small_workbook() -> bytes:
    return workbook(lambda _book, page: page.write_row(0, 0, ["a", "b"]) and None)


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    bomb = repacked(small_workbook(), "xl/media/bomb.xml", b"\0" * (limits.MAXIMUM_UNPACKED_BYTES + 1))
    assert len(bomb) < limits.MAXIMUM_BYTES
    started = time.monotonic()
    assert refusal(bomb).code == "file_too_big"
    assert time.monotonic() - started < 1


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    bomb = bytearray(repacked(small_workbook(), "xl/sharedStrings.xml", b"<sst>" + b" " * 60_000_000))
    true_size, told = (60_000_005).to_bytes(4, "little"), (5).to_bytes(4, "little")
    assert true_size in bomb
    assert refusal(bytes(bomb).replace(true_size, told)).code == "not_a_spreadsheet"


def test_billion_laughs_are_refused() -> None:
    body = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst>&b;</sst>'
    assert refusal(repacked(small_workbook(), "xl/sharedStrings.xml", body)).code == "not_a_spreadsheet"


def test_another_archive_is_not_a_workbook() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    assert refusal(target.getvalue()).code == "not_a_spreadsheet"


@pytest.mark.parametrize("content", [RUSSIAN.encode("utf-8-sig"), RUSSIAN.encode("cp1251"), RUSSIAN.encode("utf-16")])
def test_failed_rows_come_back_in_the_encoding_of_their_file(content: bytes) -> None:
    read = sheet.read(content)
    back = sheet.read(failed_rows.write(read, list(read.rows())[1:]))
    assert (back.encoding, back.delimiter, back.header) == (read.encoding, read.delimiter, read.header)
    assert [row.cells for row in back.rows()] == [row.cells for row in read.rows()][1:]


def test_failed_rows_of_a_workbook_come_back_as_a_workbook() -> None:
    read = sheet.read(workbook(lambda _book, page: page.write_row(0, 0, ["a", "b"]) or page.write_row(1, 0, [1, "x"])))
    back = sheet.read(failed_rows.write(read, read.rows()))
    assert back.kind == "xlsx"
    assert [row.values for row in back.rows()] == [{"a": "1", "b": "x"}]
