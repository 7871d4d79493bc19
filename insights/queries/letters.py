"""What the weekly letter about a board says, counted as the board itself counts it; and the letters a person has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm.models import User
from crm.queries.organisation import settings_at
from funnels.models import Funnel
from insights.models import BoardSubscription, SavedBoard
from insights.queries.criteria import criteria
from insights.queries.quality import quality
from insights.queries.saved_boards import slice_of
from insights.queries.scope import funnel_of
from insights.queries.sources import sources
from insights.rules.contrast import Contrast
from insights.rules.letters import subscription_of
from insights.rules.period import Week
from insights.rules.quality import CriterionCount, Quality
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table

LAST_WEEKS = 6
TOP_CRITERIA = 3
TOP_SOURCES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWeek:
    """A week of the letter's table."""

    monday_on: date
    numbers: Quality
    is_mature: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A criterion or a source, and its leads."""

    name: str
    k: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The three shares of a board, its last weeks, what is wrong with most leads and where most of them are from."""

    board: SavedBoard
    slice: Slice
    funnel: Funnel
    numbers: Quality
    weeks: Sequence[LetterWeek]
    criteria: Sequence[Named]
    sources: Sequence[Named]
    as_of: datetime


def letter_of(*, board: SavedBoard, at: datetime) -> Letter:
    """Count what a letter says."""
    slice = slice_of(board=board, at=at)
    weekly = quality(slice=slice, at=at, by=GroupBy.WEEK)
    return Letter(
        board=board,
        slice=slice,
        funnel=funnel_of(slice=slice),
        numbers=weekly.total,
        weeks=[
            LetterWeek(monday_on=Week.parse(row.key.value).first_on, numbers=row.numbers, is_mature=row.is_mature)
            for row in weekly.rows[-LAST_WEEKS:]
        ],
        criteria=_top_criteria(criteria(slice=slice, at=at)),
        sources=_top_sources(sources(slice=slice, at=at), enough=settings_at(at).minimum_sample_to_rank),
        as_of=weekly.as_of,
    )


def letters_of(*, person: User) -> Mapping[int, BoardSubscription]:
    """Read which boards a person is sent, by the number of the board."""
    return {letter.board_id: letter for letter in BoardSubscription.objects.filter(person=person)}


def letter_to_stop(*, token: str) -> BoardSubscription | None:
    """Find the subscription a letter's own link stops; none once it is stopped."""
    number = subscription_of(token=token)
    if number is None:
        return None
    return BoardSubscription.objects.select_related("board").filter(pk=number).first()


def _top_criteria(table: Table[CriterionCount]) -> list[Named]:
    """Take the criteria that most leads fail."""
    counts = sorted((row.numbers for row in table.rows), key=lambda count: (-count.failed, -count.sole))
    failed = [count for count in counts if count.failed]
    return [Named(name=table.names[count.criterion], k=count.failed, n=count.n) for count in failed[:TOP_CRITERIA]]


def _top_sources(table: Table[Contrast], *, enough: int) -> list[Named]:
    """Take the sources with the largest non-target share, of those with enough leads to be ranked."""
    rows = [row for row in table.rows if row.numbers.criterion is None and row.numbers.n >= enough]
    rows.sort(key=lambda row: (-(row.numbers.share or 0.0), -row.numbers.n, row.key.label))
    return [Named(name=row.key.label, k=row.numbers.failed, n=row.numbers.n) for row in rows[:TOP_SOURCES]]
