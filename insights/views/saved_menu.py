"""The saved boards as the board itself offers them: what one may turn to, and how to keep what is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlencode

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import ngettext

from crm.models import User
from crm.rules import formats
from insights.forms import BoardForm, flat
from insights.models import SavedBoard
from insights.queries.saved_boards import boards_of, slice_of
from insights.rules.period import DEFAULT_WEEKS
from insights.rules.saved import moving_weeks
from insights.rules.slice import Slice
from insights.rules.stages import Conversion
from insights.rules.words import period_words


@dataclass(frozen=True, slots=True)
class Choice:
    """A saved board one may turn to; `owner` is named where it is somebody else's."""

    name: str
    url: str
    owner: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class SavedMenu:
    """What one may turn to, and the question that is shown as it would be kept. `moving` is empty for fixed days."""

    choices: Sequence[Choice]
    current: str
    plain_url: str
    form: BoardForm
    query: str
    moving: str
    days: str


def saved_menu(*, slice: Slice, conversion: Conversion, actor: User, at: datetime) -> SavedMenu:
    """Lay out the saved boards beside the one that is shown."""
    choices = [
        Choice(
            name=board.name,
            url=opened_url(board),
            owner="" if board.owner_id == actor.pk else board.owner.name,
            is_current=slice_of(board=board, at=at) == slice and _conversion(board) is conversion,
        )
        for board in boards_of(actor=actor)
    ]
    today = localtime(at).date()
    weeks = moving_weeks(slice=slice, today=today)
    asked = {**slice.to_query(), "conversion": [conversion.value]}
    return SavedMenu(
        choices=choices,
        current=next((choice.name for choice in choices if choice.is_current), ""),
        plain_url=plain_url(),
        form=BoardForm(auto_id="save_%s"),
        query=urlencode(flat(asked)),
        moving=moving_words(weeks) if weeks else "",
        days=period_words(slice),
    )


def opened_url(board: SavedBoard) -> str:
    """Write the address of the board a saved question opens."""
    return f"{reverse('insights:board')}?{board.query}"


def plain_url() -> str:
    """Write the address of the plain board: without any question it would be the one a person begins with."""
    return f"{reverse('insights:board')}?period={DEFAULT_WEEKS}w"


def moving_words(weeks: int) -> str:
    """Say that a period goes with time."""
    words = ngettext("always the last %(count)s week", "always the last %(count)s weeks", weeks)
    return words % {"count": formats.number(weeks)}


def _conversion(board: SavedBoard) -> Conversion:
    return Conversion(parse_qs(board.query).get("conversion", [Conversion.STEP])[0])
