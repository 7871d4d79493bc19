"""Weekly letters about a saved board: asked for, stopped, and given to be sent once a week.

The outbox says when to look, the subscription what is due: a message that comes twice, late, or after the hour was
changed finds nothing to do. The week is written down before its letter is given away, so no week has two letters; a
letter that comes to nothing is due again a little later.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit, jobs
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from insights.models import BoardSubscription, SavedBoard
from insights.operations.saved_boards import opened
from insights.queries.saved_boards import is_open_to
from insights.rules.letters import A_WEEK, delay, last_slot, next_slot

JOB = "letters.send"

log = structlog.get_logger("razbor.mail")


class NoSuchHour(DomainError):
    """A day or an hour that no week has."""

    def __init__(self) -> None:
        super().__init__("no_such_hour", _("Choose a day of the week and an hour."), "hour")


@transaction.atomic
def subscribe(
    *, board: SavedBoard, weekday: int, hour: int, origin: str, language: str, by: User, at: datetime
) -> BoardSubscription:
    """Have a board sent to a person once a week, or at another hour than before."""
    board = opened(board=board, by=by)
    if weekday not in range(1, 8) or hour not in range(24):
        raise NoSuchHour
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # asked for twice at once, there is one letter
    known = BoardSubscription.objects.filter(board=board, person=by).first()
    letter = known or BoardSubscription(board=board, person=by, created_at=at)
    letter.weekday, letter.hour, letter.origin, letter.language = weekday, hour, origin, language
    _put_next(letter, at=at)
    changes = {"weekday": weekday, "hour": hour}
    audit.record(action="board.subscribe", obj=board, by=by, at=at, changes=changes)
    return letter


@transaction.atomic
def unsubscribe(*, subscription: BoardSubscription, by: User | None, at: datetime) -> None:
    """Stop a letter; None is whoever has the letter itself."""
    audit.record(action="board.unsubscribe", obj=subscription.board, by=by, at=at)
    subscription.delete()


@transaction.atomic
def claim(*, subscription: int, at: datetime) -> BoardSubscription | None:
    """Take the letter that is due upon oneself: nobody else will be given it. None when there is none to send.

    A letter whose hour has passed unnoticed is still due, of several weeks the last one. Whoever may not see the
    board now gets none.
    """
    held = BoardSubscription.objects.select_for_update(of=("self",)).select_related("board", "person")
    letter = held.filter(pk=subscription, due_at__lte=at).first()
    if letter is None:
        return None
    week, _slot = last_slot(at=at, weekday=letter.weekday, hour=letter.hour, zone=_zone(at))
    is_new = letter.sent_on is None or week.first_on > letter.sent_on
    is_wanted = is_new and letter.person.is_active and is_open_to(board=letter.board, person=letter.person)
    if is_wanted:
        letter.sent_on = week.first_on
    _put_next(letter, at=at)
    return letter if is_wanted else None


@transaction.atomic
def note_sent(*, subscription: BoardSubscription) -> None:
    """Forget the tries that a letter took."""
    BoardSubscription.objects.filter(pk=subscription.pk, tries__gt=0).update(tries=0)


@transaction.atomic
def try_again(*, subscription: BoardSubscription, at: datetime) -> None:
    """Let a claimed letter that could not be sent be due again a little later.

    After about a day it is given up, and the next week's is due at its hour.
    """
    held = BoardSubscription.objects.select_for_update()
    letter = held.filter(pk=subscription.pk, sent_on=subscription.sent_on).first()
    if letter is None or letter.sent_on is None:
        return
    letter.tries += 1
    wait = delay(tries=letter.tries)
    if wait is None:
        letter.tries = 0
        log.error("letter_given_up", subscription=letter.pk)
    else:
        letter.sent_on, letter.due_at = letter.sent_on - A_WEEK, at + wait
        jobs.enqueue(name=JOB, at=at, due_at=letter.due_at, subscription=letter.pk)
    letter.save()


def _put_next(letter: BoardSubscription, *, at: datetime) -> None:
    """Write when the next letter is due, and have somebody look then."""
    letter.due_at = next_slot(at=at, weekday=letter.weekday, hour=letter.hour, zone=_zone(at), sent_on=letter.sent_on)
    letter.save()
    jobs.enqueue(name=JOB, at=at, due_at=letter.due_at, subscription=letter.pk)


def _zone(at: datetime) -> ZoneInfo:
    return ZoneInfo(settings_at(at).time_zone)
