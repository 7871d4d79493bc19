"""What a report says of the rows: whose cell was wrong, what nobody could read, what came in before a break."""

from collections.abc import Callable
from functools import partial

import pytest

from crm.models import AuditEvent, User
from crm.rules.permissions import NotAllowed
from leads.models import ContactPoint, ImportBatch, Lead
from leads.operations.imports import BatchAlreadyUndone, ImportReport, undo_import
from tests.factories.funnels import Rules, make_rules
from tests.leads.spreadsheet import AT, COLUMNS, DOCUMENT, counts, import_rows, line

pytestmark = pytest.mark.django_db

Import = Callable[..., ImportReport]


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def bring_in(rules: Rules) -> Import:
    return partial(import_rows, rules)


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"created_at": "2000-01-01 01:00"}, "created_at"),
        ({"created_at": "2030-01-01"}, "created_at"),
        ({"first_touch_at": "2030-01-01"}, "first_touch_at"),
        ({"lost_at": "2030-01-01", "lost_reason": "price", "stage": "offer"}, "lost_at"),
        ({"lost_at": "2026-03-20"}, "lost_reason"),
        ({"lost_reason": "other"}, "lost_note"),
        ({"lost_reason": "unheard of"}, "lost_reason"),
        ({"stage": "unheard of"}, "stage"),
        ({"won": "1", "amount": "-5"}, "amount"),
        ({"owner": "nobody@example.com"}, "owner"),
    ],
)
def test_a_refusal_names_the_column(bring_in: Import, cells: dict[str, str], key: str) -> None:
    (failure,) = bring_in(line(external_id="1", **cells)).errors
    assert failure.column == COLUMNS[key], failure.message


def test_a_reason_of_another_stage_is_told_by_names_and_by_the_column_that_said_it(bring_in: Import) -> None:
    columns = {key: name for key, name in COLUMNS.items() if key != "lost_reason"}
    document = {"columns": columns, "tag_values": {"hasty": {"lost": ["early"]}}}
    (failure,) = bring_in(line(external_id="1", tag="hasty", stage="offer"), document=document).errors
    assert failure.column == COLUMNS["tag"]
    assert "“Early”" in failure.message
    assert "“Offer”" in failure.message


def test_a_reason_without_its_note_is_told_by_its_name(bring_in: Import) -> None:
    (failure,) = bring_in(line(external_id="1", lost_reason="other")).errors
    assert "“Other”" in failure.message


def test_the_time_of_a_win_is_named_too(bring_in: Import) -> None:
    document = DOCUMENT | {"columns": COLUMNS | {"won_at": "when won"}}
    header = "id;when won;" + ";".join(name for name in COLUMNS.values() if name != "id")
    (failure,) = bring_in("1;2030-01-01" + ";" * (len(COLUMNS) - 1), document=document, header=header).errors
    assert failure.column == "when won"


def test_a_row_of_nobody_is_no_lead(bring_in: Import) -> None:
    report = bring_in(line(source="Fair", tag="dead"), line(name="Анна"), line(external_id="3"))
    assert counts(report) == (2, 0, 0, 1)
    assert (report.errors[0].line, report.errors[0].column) == (2, "")
    assert "Nothing tells who this is" in report.errors[0].message


def test_every_number_of_a_cell_comes_in_and_what_is_not_understood_is_counted(bring_in: Import) -> None:
    report = bring_in(
        line(external_id="1", phone="+7 917 220-00-11, +7 917 220-00-12"),
        line(external_id="2", phone="8 917 220"),
        line(external_id="3", phone="8 917 220-00-13 / 8 917", email="anna@"),
        line(external_id="2", phone="8 917 220"),
    )
    assert (report.unread_phones, report.unread_emails) == (2, 1)
    points = set(ContactPoint.objects.values_list("value", flat=True))
    assert points == {"+79172200011", "+79172200012", "+79172200013"}
    assert Lead.objects.get(external_id="2").attributes == {"phone_as_told": "8 917 220"}


def test_an_import_that_breaks_off_is_finished_with_true_counts(bring_in: Import) -> None:
    def pull_the_plug(done: int, _count: int) -> None:
        raise ConnectionResetError(done)

    with pytest.raises(ConnectionResetError):
        bring_in(*(line(external_id=str(number)) for number in range(250)), on_progress=pull_the_plug)
    batch = ImportBatch.objects.get()
    assert (batch.finished_at, batch.created_count) == (AT, Lead.objects.count())
    assert batch.created_count == 200
    assert AuditEvent.objects.filter(action="import.broken_off").count() == 1
    assert undo_import(batch=batch, by=None, at=AT) == 200


def test_only_those_who_may_import_import_and_undo(bring_in: Import, marketer: User, manager: User, head: User) -> None:
    for person in (marketer, manager):
        with pytest.raises(NotAllowed):
            bring_in(line(external_id="1"), by=person)
    assert not ImportBatch.objects.exists()
    bring_in(line(external_id="1"), by=head)
    with pytest.raises(NotAllowed):
        undo_import(batch=ImportBatch.objects.get(), by=marketer, at=AT)
    assert Lead.objects.exists()


def test_an_import_that_is_undone_while_it_runs_goes_no_further(bring_in: Import) -> None:
    def undo(_done: int, _count: int) -> None:
        undo_import(batch=ImportBatch.objects.get(), by=None, at=AT)

    with pytest.raises(BatchAlreadyUndone):
        bring_in(*(line(external_id=str(number)) for number in range(250)), on_progress=undo)
    assert not Lead.objects.exists()
    assert ImportBatch.objects.get().undone_at == AT


def test_a_person_of_a_new_source_is_not_overtaken_by_a_later_row(bring_in: Import) -> None:
    bring_in(line(external_id="0", source="Site"))
    bring_in(
        line(external_id="1", source="Brand new", phone="8 917 220-00-11"),
        line(external_id="2", source="Site", phone="8 917 220-00-11"),
    )
    assert Lead.objects.get(external_id="1").duplicate_of is None
    assert Lead.objects.get(external_id="2").duplicate_of == Lead.objects.get(external_id="1")
