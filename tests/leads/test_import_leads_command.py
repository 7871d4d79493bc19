"""The spreadsheet from the command line."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crm.models import User
from leads.models import ImportBatch, Lead
from tests.factories.funnels import make_rules

pytestmark = pytest.mark.django_db

DOCUMENT = {
    "columns": {"external_id": "номер", "source": "источник", "tag": "тег"},
    "tag_values": {"мёртвый": {"fails": ["contact_valid"]}, "": {}},
}
TEXT = "номер;источник;тег\n1;Директ;Мёртвый\n2;Директ;неведомый\n3;Директ;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_rules()
    (tmp_path / "mapping.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    (tmp_path / "leads.csv").write_bytes(TEXT.encode("cp1251"))
    return tmp_path


def run(folder: Path, *arguments: str, arrived: str = "2026-03-02") -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    paths = [str(folder / "leads.csv"), "--mapping", str(folder / "mapping.json"), "--arrived-at", arrived]
    call_command("import_leads", *paths, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_reports_counts_failures_with_lines_and_progress(folder: Path) -> None:
    out, err = run(folder)
    assert "created: 2" in out
    assert "failed: 1" in out
    assert "line 3: тег: The tag “неведомый” is not in the mapping" in out
    assert "3 / 3" in err
    assert Lead.objects.filter(source__code="Директ").count() == 2


def test_the_rows_that_failed_come_back_in_the_same_encoding(folder: Path) -> None:
    run(folder)
    back = (folder / "leads-failed.csv").read_bytes().decode("cp1251")
    assert back.splitlines() == ["номер;источник;тег", "2;Директ;неведомый"]
    run(folder, "--failed-rows", str(folder / "again.csv"))
    assert (folder / "again.csv").exists()


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    out, _err = run(folder, "--dry-run")
    assert "created: 2" in out
    assert "nothing was changed" in out
    assert not Lead.objects.exists()


def test_undo_takes_the_last_import_back(folder: Path) -> None:
    run(folder)
    out = StringIO()
    call_command("undo_import", "last", stdout=out)
    assert "2 leads removed" in out.getvalue()
    assert not Lead.objects.exists()
    with pytest.raises(CommandError, match="no such import"):
        call_command("undo_import", "last")
    with pytest.raises(CommandError, match="already been undone"):
        call_command("undo_import", str(ImportBatch.objects.get().pk))


def test_it_says_who_imported(folder: Path, head: User) -> None:
    run(folder, "--by", head.email.upper())
    assert ImportBatch.objects.get().started_by == head


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--funnel", "nowhere"], "nowhere"),
        (["--by", "nobody@example.com"], "nobody@example.com"),
    ],
)
def test_what_is_not_known_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(folder, *arguments)
    assert not ImportBatch.objects.exists()


def test_an_unreadable_time_or_file_is_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match="yesterday"):
        run(folder, arrived="yesterday")
    (folder / "leads.csv").unlink()
    with pytest.raises(CommandError, match=r"leads\.csv"):
        run(folder)


def test_several_funnels_must_be_told_apart(folder: Path) -> None:
    make_rules(code="second")
    with pytest.raises(CommandError, match="which funnel"):
        run(folder)
    run(folder, "--funnel", "second")
    assert set(Lead.objects.values_list("funnel__code", flat=True)) == {"second"}


@pytest.mark.parametrize("name", ["leads.csv", "mapping.json", "notes.txt"])
def test_no_file_is_written_over(folder: Path, name: str) -> None:
    (folder / "notes.txt").write_text("Precious")
    before = (folder / name).read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        run(folder, "--failed-rows", str(folder / name))
    assert (folder / name).read_bytes() == before
    assert not ImportBatch.objects.exists()


def test_earlier_failed_rows_are_kept(folder: Path) -> None:
    for _time in range(3):
        run(folder)
    names = ["leads-failed-2.csv", "leads-failed-3.csv", "leads-failed.csv"]
    assert sorted(path.name for path in folder.glob("*-failed*")) == names


def test_a_dry_run_writes_no_file(folder: Path) -> None:
    before = sorted(folder.iterdir())
    out, _err = run(folder, "--dry-run", "--failed-rows", str(folder / "back.csv"))
    assert "failed: 1" in out
    assert "The rows that failed are in" not in out
    assert sorted(folder.iterdir()) == before


def test_only_those_who_may_import_do(folder: Path, marketer: User, head: User) -> None:
    with pytest.raises(CommandError, match="does not allow"):
        run(folder, "--by", marketer.email)
    assert not ImportBatch.objects.exists()
    run(folder, "--by", head.email)
    with pytest.raises(CommandError, match="does not allow"):
        call_command("undo_import", "last", "--by", marketer.email)
    assert Lead.objects.count() == 2


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000])
def test_a_number_no_import_has_is_refused(number: str) -> None:
    with pytest.raises(CommandError, match="number of an import"):
        call_command("undo_import", number)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"date_formats": ["%d.%d.%Y"]}, "date_formats"),
        ({"date_formats": ["%d.%m"]}, "date_formats"),
        ({"date_formats": ["%H:%M"]}, "date_formats"),
        ({"encoding": "undefined"}, "encoding"),
        ({"encoding": "utf-8\0"}, "no database keeps"),
        ({"empty_values": ["\0"]}, "no database keeps"),
        ({"empty_values": ["\ud800"]}, "no database keeps"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_before_the_first_row(
    folder: Path, document: dict[str, Any], said: str
) -> None:
    (folder / "mapping.json").write_text(json.dumps(DOCUMENT | document))
    with pytest.raises(CommandError, match=said):
        run(folder)
    assert not ImportBatch.objects.exists()


def test_a_number_too_long_to_read_is_refused(folder: Path) -> None:
    (folder / "mapping.json").write_text('{"columns": ' + "9" * 5000 + "}")
    with pytest.raises(CommandError, match="not JSON"):
        run(folder)
