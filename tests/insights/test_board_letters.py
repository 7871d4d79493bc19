"""The weekly letter: once a week, late rather than never, in the reader's words, to whoever may see the board."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from crm.models import AuditEvent, OutboxMessage, User
from crm.operations import jobs, people
from crm.rules.permissions import GRANTS, NotAllowed, Permission
from crm.rules.roles import Role
from insights.models import BoardSubscription, SavedBoard
from insights.operations import letters, saved_boards
from insights.operations.letters import NoSuchHour
from insights.queries.quality import quality
from insights.queries.saved_boards import slice_of
from insights.rules.letters import stop_token
from insights.tasks import send_letter
from tests.factories.crm import OrganisationSettingsFactory
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, judge, make_lead

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
NEXT = datetime.fromisoformat("2026-03-09T06:00+00:00")  # the next Monday, nine o'clock in Moscow
AT_NINE = {"weekday": 1, "hour": 9, "origin": "https://crm.example.com", "language": "en"}

pytestmark = pytest.mark.django_db
Worker = Callable[[datetime], int]


@pytest.fixture
def worker(django_capture_on_commit_callbacks: Callable[..., Any]) -> Worker:
    """Drain as a worker does; return how many letters have gone out until now."""

    def drain(at: datetime) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            jobs.drain(at=at)
        return len(mail.outbox)

    return drain


@pytest.fixture
def board(head: User) -> SavedBoard:
    rules = make_rules()
    for number in range(12):
        lead = make_lead(rules, at=MONDAY - WEEK + number * HOUR, source="google")
        if number < 5:
            judge(lead, at=MONDAY - DAY, failed=["need"])
    query = "funnel=sales&age=none&period=4w"
    return saved_boards.keep(name="Weekly", query=query, is_shared=True, by=head, at=MONDAY)


@pytest.fixture
def letter(board: SavedBoard, manager: User) -> BoardSubscription:
    return letters.subscribe(board=board, by=manager, at=MONDAY, **AT_NINE)


# --- Once a week ----------------------------------------------------------------------------------------------------
def test_a_letter_comes_at_its_hour_every_week(letter: BoardSubscription, worker: Worker) -> None:
    assert letter.due_at == NEXT
    assert worker(NEXT - timedelta(seconds=1)) == 0
    assert worker(NEXT) == 1
    assert worker(NEXT + WEEK - timedelta(seconds=1)) == 1
    assert worker(NEXT + WEEK) == 2


def test_a_worker_that_runs_twice_sends_once(
    letter: BoardSubscription, worker: Worker, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    for _again in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            send_letter(at=NEXT, subscription=letter.pk)
    assert worker(NEXT + HOUR) == 1


def test_a_worker_that_was_away_sends_late_and_the_last_letter_only(letter: BoardSubscription, worker: Worker) -> None:
    assert worker(NEXT + DAY) == 1
    assert worker(NEXT + WEEK) == 2
    assert worker(NEXT + 5 * WEEK + DAY) == 3
    assert worker(NEXT + 6 * WEEK - HOUR) == 3
    assert worker(NEXT + 6 * WEEK) == 4


def test_another_hour_brings_no_second_letter_into_a_week(
    letter: BoardSubscription, board: SavedBoard, manager: User, worker: Worker
) -> None:
    worker(NEXT)
    later = {**AT_NINE, "weekday": 3}
    changed = letters.subscribe(board=board, by=manager, at=NEXT + HOUR, **later)
    assert changed.pk == letter.pk
    assert worker(NEXT + 2 * DAY) == 1
    assert worker(NEXT + 2 * DAY + WEEK) == 2


def test_an_hour_changed_before_the_letter_moves_it(
    letter: BoardSubscription, board: SavedBoard, manager: User, worker: Worker
) -> None:
    letters.subscribe(board=board, by=manager, at=MONDAY, **{**AT_NINE, "weekday": 4})
    assert worker(NEXT - 4 * DAY) == 1  # Thursday of the same week
    assert worker(NEXT) == 1  # what was meant for the old hour finds nothing to do


def test_the_hour_is_the_organisations(board: SavedBoard, manager: User) -> None:
    OrganisationSettingsFactory(time_zone="Asia/Yekaterinburg")
    letter = letters.subscribe(board=board, by=manager, at=MONDAY, **AT_NINE)
    assert letter.due_at == NEXT - 2 * HOUR


def test_without_a_worker_no_request_waits_for_letters(letter: BoardSubscription, worker: Worker) -> None:
    jobs.drain(at=NEXT, with_heavy=False)
    assert mail.outbox == []
    assert worker(NEXT) == 1


# --- What goes wrong ------------------------------------------------------------------------------------------------
class Away(EmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("secret@example.com")


def test_a_letter_that_cannot_be_sent_is_tried_again(
    letter: BoardSubscription, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", lambda self: Away().send_messages([self]))
        assert worker(NEXT) == 0
        assert worker(NEXT + 6 * timedelta(minutes=1)) == 0
    letter.refresh_from_db()
    assert letter.tries == 2
    assert worker(letter.due_at) == 1
    letter.refresh_from_db()
    assert (letter.tries, letter.due_at) == (0, NEXT + WEEK)


def test_after_a_day_of_trying_the_next_weeks_letter_is_waited_for(
    letter: BoardSubscription, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(EmailMultiAlternatives, "send", lambda self: Away().send_messages([self]))
        for hour in range(0, 48):
            worker(NEXT + hour * HOUR)
            worker(NEXT + hour * HOUR + HOUR / 2)
    letter.refresh_from_db()
    assert (letter.tries, letter.due_at) == (0, NEXT + WEEK)
    assert worker(NEXT + WEEK - HOUR) == 0
    assert worker(NEXT + WEEK) == 1


# --- To whom --------------------------------------------------------------------------------------------------------
def test_whoever_is_switched_off_gets_none_until_switched_on(
    letter: BoardSubscription, manager: User, admin: User, worker: Worker
) -> None:
    people.switch_off(user=manager, by=admin, at=MONDAY)
    assert worker(NEXT) == 0
    people.switch_on(user=manager, by=admin, at=NEXT)
    assert worker(NEXT + WEEK) == 1


def test_whoever_may_not_see_the_board_gets_none(
    letter: BoardSubscription, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(GRANTS[Role.MANAGER], Permission.VIEW_BOARD)  # type: ignore[arg-type]
    assert worker(NEXT) == 0


@pytest.mark.parametrize("act", ["archive", "keep_to_oneself"])
def test_a_board_that_is_not_there_for_the_reader_sends_none(
    act: str, letter: BoardSubscription, board: SavedBoard, head: User, worker: Worker
) -> None:
    if act == "archive":
        saved_boards.archive(board=board, by=head, at=MONDAY)
    else:
        saved_boards.change(board=board, name="Weekly", is_shared=False, by=head, at=MONDAY)
    assert worker(NEXT) == 0


def test_nobody_is_sent_a_board_they_may_not_open(board: SavedBoard, head: User, manager: User) -> None:
    saved_boards.change(board=board, name="Weekly", is_shared=False, by=head, at=MONDAY)
    with pytest.raises(NotAllowed):
        letters.subscribe(board=board, by=manager, at=MONDAY, **AT_NINE)
    with pytest.raises(NoSuchHour):
        letters.subscribe(board=board, by=head, at=MONDAY, **{**AT_NINE, "hour": 24})


# --- What it says ---------------------------------------------------------------------------------------------------
def test_the_letter_says_what_the_board_says(
    letter: BoardSubscription, board: SavedBoard, manager: User, worker: Worker
) -> None:
    worker(NEXT)
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    total = quality(slice=slice_of(board=board, at=NEXT), at=NEXT).total
    assert (total.non_target, total.n) == (5, 12)
    (html, kind), *_others = sent.alternatives
    assert (sent.to, kind) == ([manager.email], "text/html")
    assert sent.subject == "Board “Weekly”: non-target 5 of 12"
    for body in (str(sent.body), str(html)):
        words = re.sub(r"<[^>]+>|\s+", " ", body)
        for said in ("5 of 12", "41.7%", "from 23 Feb", "not ripe yet", f"/boards/{board.pk}/"):
            assert said in words or said in body
        assert "https://crm.example.com" in body


def test_it_is_written_in_the_readers_language(letter: BoardSubscription, manager: User, worker: Worker) -> None:
    people.change_profile(user=manager, language="ru", by=manager, at=MONDAY)
    worker(NEXT)
    assert mail.outbox[0].subject == "Разбор «Weekly»: нецелевые 5 из 12"
    assert "41,7" in str(mail.outbox[0].body)


def test_an_empty_board_says_so(head: User, worker: Worker) -> None:
    make_rules()
    query = "funnel=sales&age=7&period=4w"
    empty = saved_boards.keep(name="Empty", query=query, is_shared=False, by=head, at=MONDAY)
    letters.subscribe(board=empty, by=head, at=MONDAY, **AT_NINE)
    worker(NEXT)
    assert "No leads came in this slice." in str(mail.outbox[0].body)


# --- Stopping it ----------------------------------------------------------------------------------------------------
def test_the_letters_own_link_asks_a_stranger_and_stops_it(letter: BoardSubscription, worker: Worker) -> None:
    worker(NEXT)
    sent = mail.outbox[0]
    found = re.search(r"https://crm\.example\.com(/boards/letters/\S+/)", str(sent.body))
    assert found
    assert sent.extra_headers["List-Unsubscribe"] == f"<{found[0]}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    client = Client(enforce_csrf_checks=True)
    assert client.get(found[1]).status_code == 200
    assert BoardSubscription.objects.exists()  # programs open links too
    assert client.post(found[1]).status_code == 200
    assert not BoardSubscription.objects.exists()
    assert client.post(found[1]).status_code == 200  # once more is no error
    assert worker(NEXT + WEEK) == 1
    assert AuditEvent.objects.filter(action="board.unsubscribe", actor_id=None).count() == 1


def test_a_made_up_link_stops_nothing(letter: BoardSubscription, client: Client) -> None:
    token = stop_token(subscription=letter.pk)
    for made_up in (token[:-1] + ("a" if token[-1] != "a" else "b"), f"{letter.pk}", "nonsense"):
        assert client.post(f"/boards/letters/{made_up}/").status_code == 404
    assert BoardSubscription.objects.exists()


def test_it_is_asked_for_and_stopped_on_the_page(
    board: SavedBoard, manager: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(manager)
    client.post(f"/boards/{board.pk}/letter/", {"weekday": "5", "hour": "18"})
    letter = BoardSubscription.objects.get()
    assert (letter.weekday, letter.hour, letter.person, letter.origin) == (5, 18, manager, "http://testserver")
    assert "comes by e-mail" in client.get("/boards/").content.decode()
    client.post(f"/boards/{board.pk}/letter/", {"weekday": "9", "hour": "18"})
    assert BoardSubscription.objects.get().weekday == 5
    client.post(f"/boards/{board.pk}/letter/stop/")
    assert not BoardSubscription.objects.exists()


def test_the_outbox_names_nobody(letter: BoardSubscription) -> None:
    assert OutboxMessage.objects.get(name=letters.JOB).payload == {"subscription": letter.pk}
