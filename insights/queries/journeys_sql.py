"""Ways and stays counted by PostgreSQL in one statement: a third of the time that reading each lead's moves takes.

Whoever counts a million leads anew, or reads the leads of a day that has just changed, waits for this. SQLite's leads
are laid out by `insights.rules.journeys`, which says what is counted; the same tests hold both to it.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from funnels.rules.moves import Milestone, Outcome
from insights.queries.journey_rows import STAY, WAY, stay_that_ended, stay_that_goes_on, way_of
from insights.rules.journeys import CLOSING, MILESTONES
from insights.rules.tally import Counted
from insights.rules.waits import RATIO, SECOND
from leads.models import Lead
from leads.rules.facts import TransitionKind

BITS: Final = {milestone: 1 << rank for rank, milestone in enumerate(MILESTONES)}
WORDS: Final = {
    "bits": " ".join(f"WHEN '{milestone.value}' THEN {bit}" for milestone, bit in BITS.items()),
    "closing": ", ".join(f"'{kind.value}'" for kind in CLOSING),
    "lost": f"'{TransitionKind.LOSE.value}'",
    "way": f"'{WAY}'",
    "stay": f"'{STAY}'",
    "second": str(SECOND),
    "ratio": str(RATIO),
}
STATEMENT: Final = """
WITH moved AS (
    SELECT *, did IN ({closing}) AS closes, lead(act) OVER in_turn IS NULL AS is_last,
        lag(did) OVER in_turn AS did_before, lag(milestone) OVER in_turn AS milestone_before,
        bit_or(CASE milestone {bits} END) OVER of_lead AS touched
    FROM ({moves}) told
    WINDOW of_lead AS (PARTITION BY lead), in_turn AS (of_lead ORDER BY since, known_at, act)
),
-- A stay begins with a move to another milestone or after a closing, and ends with the next that does or closes. The
-- last move of a lead is kept whatever it does: it tells how the lead stands.
turned AS (
    SELECT *, closes OR (act IS NOT NULL AND coalesce(did_before IN ({closing}) OR milestone <> milestone_before, true))
        AS turns
    FROM moved
),
laid AS MATERIALIZED (
    SELECT "group", until, act, did, milestone, since, closes, is_last, turns, touched,
        CASE WHEN lead(turns) OVER in_turn THEN lead(since) OVER in_turn END AS ended
    FROM turned WHERE turns OR is_last
    WINDOW in_turn AS (PARTITION BY lead ORDER BY since, known_at, act)
)
SELECT {way}, "group", touched::text, closed, because, NULL::bigint, NULL::bigint, count(*), NULL::bigint, NULL::bigint
FROM (
    SELECT "group", touched, CASE WHEN closes THEN did END AS closed,
        CASE WHEN did = {lost} THEN (
            SELECT string_agg(loss_reason_id::text, ',') FROM leads_transitionreason WHERE transition_id = act
        ) END AS because
    FROM laid WHERE is_last
) way
GROUP BY "group", touched, closed, because
UNION ALL
SELECT {stay}, "group", milestone, NULL, NULL,
    floor(ln(greatest(ended - since, {second}) / {second}::float) / ln({ratio}::float))::bigint AS bucket, NULL,
    count(*), greatest(min(ended - since), 0), greatest(max(ended - since), 0)
FROM laid WHERE turns AND NOT closes AND ended IS NOT NULL GROUP BY "group", milestone, bucket
UNION ALL
SELECT {stay}, "group", milestone, NULL, NULL, since, until, count(*), NULL, NULL
FROM laid WHERE turns AND NOT closes AND ended IS NULL GROUP BY "group", milestone, since, until
"""


def counted_by_postgresql(moves: QuerySet[Lead, tuple[Any, ...]], instant: int) -> Iterator[Counted]:
    """Count the ways and stays of leads whose moves are read with the columns of `MOVE`."""
    statement, values = moves.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(moves=statement, **WORDS), values)
        rows = cursor.fetchall()
    for kind, group, told, closed, because, first, until, n, shortest, longest in rows:
        if kind == WAY:
            touched = frozenset(milestone for milestone, bit in BITS.items() if int(told or 0) & bit)
            outcome = CLOSING[TransitionKind(closed)] if closed else Outcome.OPEN
            yield way_of(
                group, touched, outcome, frozenset(map(int, because.split(","))) if because else frozenset(), n
            )
        elif shortest is None:
            yield from stay_that_goes_on(group, Milestone(told), first, until, n, instant)
        else:
            yield stay_that_ended(group, Milestone(told), first, n, shortest / SECOND, longest / SECOND)
