"""An import part by part: tried without a trace, taken in once whatever breaks, stopped, started once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings

from crm.models import AuditEvent, OutboxMessage, User
from crm.operations import jobs
from crm.rules.permissions import NotAllowed
from leads.models import ImportBatch, ImportDraft, Lead, Submission
from leads.operations.imports import background, drafts, undo_import, undoing
from leads.operations.imports.background import TrialIsDueFirst
from leads.operations.imports.drafts import (
    ImportHasStarted,
)
from leads.rules.imports import ImportState
from tests.factories.funnels import Rules, make_rules
from tests.leads.import_drafts import AT, counts, drained, imported, prepared, rows, tried
from tests.leads.spreadsheet import facts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_parts")]


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def test_who_may_not_import_tries_stops_and_undoes_nothing(rules: Rules, admin: User, manager: User) -> None:
    draft = prepared(rules, admin, *rows(4))
    for act in (background.start_trial, background.start, background.cancel, undoing.undo):
        with pytest.raises(NotAllowed):
            act(draft=draft, by=manager, at=AT)
    assert ImportDraft.objects.get().state == ImportState.PREPARED


def test_the_same_form_sent_at_the_same_moment_keeps_one_file(
    rules: Rules, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, told = drafts._read, {"request_id": uuid4()}
    first: list[ImportDraft] = []

    def read_after_the_other(*args: Any) -> Any:
        monkeypatch.setattr(drafts, "_read", read)
        first.append(prepared(rules, admin, *rows(2), **told))
        return read(*args)

    monkeypatch.setattr(drafts, "_read", read_after_the_other)
    assert [prepared(rules, admin, *rows(2), **told)] == first
    assert ImportDraft.objects.count() == 1


def test_a_trial_tells_exactly_what_the_import_does_and_leaves_no_trace(rules: Rules, admin: User) -> None:
    lines = [
        *rows(4),
        "0;Анна again;;Fair;",  # the id of the first row, two parts before
        "90;Same person;+79000000001;Fair;",  # the phone of the second row, in an earlier part
        "91;Same person;+79000000001;Fair;",
        ";;;;",
        ";;;Fair;",
        *rows(2),
    ]
    before = facts()
    draft = tried(prepared(rules, admin, *lines), admin)
    assert facts() == before
    assert not ImportBatch.objects.exists()
    assert not Submission.objects.exists()
    foretold = counts(draft)
    assert foretold == (4, 3, 2, 1)
    done = drained(background.start(draft=draft, by=admin, at=AT))
    assert counts(done) == foretold
    assert done.batch is not None
    assert (done.batch.created_count, done.batch.failed_count) == (4, 1)
    assert Lead.objects.count() == 6


@pytest.mark.parametrize("done_before", [0, 1, 2])
def test_a_killed_worker_leaves_every_row_in_exactly_once(
    rules: Rules, admin: User, monkeypatch: pytest.MonkeyPatch, done_before: int
) -> None:
    draft = tried(prepared(rules, admin, *rows(10)), admin)
    background.start(draft=draft, by=admin, at=AT)
    while Lead.objects.count() < 3 * done_before:
        drained(draft, times=1)
    taken = background.Taking.take

    def killed(self: Any, chunk: Any) -> None:
        taken(self, chunk)
        raise KeyboardInterrupt

    monkeypatch.setattr(background.Taking, "take", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.drain(at=AT + timedelta(minutes=1))
    assert Lead.objects.count() == 3 * done_before
    monkeypatch.setattr(background.Taking, "take", taken)
    done = drained(draft)
    assert (done.state, counts(done)) == (ImportState.DONE, (10, 0, 0, 0))
    assert sorted(Lead.objects.values_list("external_id", flat=True)) == sorted(map(str, range(10)))


def test_two_chains_of_work_take_each_row_in_once(rules: Rules, admin: User) -> None:
    draft = background.start(draft=tried(prepared(rules, admin, *rows(7)), admin), by=admin, at=AT)
    jobs.enqueue(name=background.JOB, at=AT, draft=draft.pk, attempt=draft.attempt)
    assert counts(drained(draft)) == (7, 0, 0, 0)
    assert not OutboxMessage.objects.filter(done_at__isnull=True).exclude(name__startswith="events").exists()


def test_equal_rows_without_an_id_are_different_leads_also_across_parts(rules: Rules, admin: User) -> None:
    lines = [";Анна;;Fair;"] * 5
    assert counts(imported(prepared(rules, admin, *lines), admin)) == (5, 0, 0, 0)
    assert counts(imported(prepared(rules, admin, *lines), admin)) == (0, 5, 0, 0)


def test_starting_twice_starts_once(rules: Rules, admin: User) -> None:
    draft = tried(prepared(rules, admin, *rows(2)), admin)
    first = background.start(draft=draft, by=admin, at=AT)
    again = background.start(draft=draft, by=admin, at=AT)
    assert first.batch_id == again.batch_id
    assert ImportBatch.objects.count() == 1
    assert AuditEvent.objects.filter(action="import.started").count() == 1
    assert counts(drained(draft)) == (2, 0, 0, 0)
    finished = AuditEvent.objects.get(action="import.finished")
    assert finished.changes == {"created": 2, "recognised": 0, "duplicate": 0, "failed": 0}


def test_the_same_form_sent_twice_keeps_the_file_once(rules: Rules, admin: User) -> None:
    number = uuid4()
    first = prepared(rules, admin, *rows(1), request_id=number)
    assert prepared(rules, admin, *rows(1), request_id=number).pk == first.pk


def test_a_stopped_import_keeps_what_is_in_and_does_no_more(rules: Rules, admin: User) -> None:
    draft = background.start(draft=tried(prepared(rules, admin, *rows(9)), admin), by=admin, at=AT)
    drained(draft, times=1)
    background.cancel(draft=draft, by=admin, at=AT)
    stopped = drained(draft)
    assert (stopped.state, stopped.cancelled_by) == (ImportState.STOPPED, admin)
    assert Lead.objects.count() == 3
    assert AuditEvent.objects.filter(action="import.stopped").exists()
    assert counts(imported(prepared(rules, admin, *rows(9)), admin)) == (6, 3, 0, 0)


def test_an_import_undone_while_it_runs_stops(rules: Rules, admin: User) -> None:
    draft = background.start(draft=tried(prepared(rules, admin, *rows(9)), admin), by=admin, at=AT)
    drained(draft, times=1)
    assert draft.batch is not None
    undo_import(batch=draft.batch, by=admin, at=AT)
    assert drained(draft).state == ImportState.STOPPED
    assert not Lead.objects.exists()


def test_a_changed_file_has_to_be_checked_again(rules: Rules, admin: User) -> None:
    draft = tried(prepared(rules, admin, *rows(2)), admin)
    drafts.say_columns(draft=draft, meanings=draft.column_meanings, empty_words=[], date_format="", at=AT)
    with pytest.raises(TrialIsDueFirst):
        background.start(draft=draft, by=admin, at=AT)


def test_nothing_changes_once_it_has_started(rules: Rules, admin: User) -> None:
    draft = background.start(draft=tried(prepared(rules, admin, *rows(2)), admin), by=admin, at=AT)
    with pytest.raises(ImportHasStarted):
        drafts.say_words(draft=draft, told={})
    with pytest.raises(ImportHasStarted):
        drafts.discard(draft=draft)


def test_no_request_waits_for_an_import(rules: Rules, admin: User, settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    draft = background.start_trial(draft=prepared(rules, admin, *rows(9)), by=admin, at=AT)
    jobs.drain(at=AT + timedelta(seconds=1), with_heavy=False)
    assert ImportDraft.objects.get(pk=draft.pk).totals["rows"] == 0
    for rows_done in (3, 6, 9):
        assert background.carry_on(draft=draft, at=AT).totals["rows"] == rows_done
    assert background.carry_on(draft=draft, at=AT).state == ImportState.TRIED


def test_who_looks_on_does_nothing_where_a_worker_does(rules: Rules, admin: User) -> None:
    draft = background.start_trial(draft=prepared(rules, admin, *rows(9)), by=admin, at=AT)
    assert background.carry_on(draft=draft, at=AT).totals["rows"] == 0
