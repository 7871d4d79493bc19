"""Take in requests that are news in every respect: for them nobody has to wait, and one statement writes them all."""

from collections.abc import Sequence

from crm.rules.errors import DomainError
from leads.models import Source
from leads.operations import assignment, contacts
from leads.operations.arrivals.arrival import Arrival, Received
from leads.queries.duplicates import seen_before
from leads.rules.facts import Channel

Told = tuple[Arrival, Source | None]  # a request, and the source it names if that is known


def news_among(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Pick the requests that are news in every respect; the others are to be received with care.

    News is a request of a source and campaign known by name, with an id and a person that neither the database nor
    an earlier request among these knows, and meant for nobody by name, unless it is a row of a file: those are handed
    out by no rule, so nobody else waits for them. That they are news is only seen here; the
    constraints of the tables hold whoever writes the rows to it: an IntegrityError says that somebody was faster, and
    then all of them are to be received with care.
    """
    told = [(one, one.source_known) for one in arrivals if not _is_refused(one)]
    seen = _Seen(told)
    firsts = [(one, source) for one, source in told if seen.is_first(one, source)]
    return [one for one, source in firsts if source is not None and _names_nothing_new(one, source)]


def take_in_news(arrival: Arrival) -> Received:
    """Add what a request that is news writes to the rows of its desk; whoever set the desk up has them written."""
    row, rows = arrival.row, arrival.desk.rows
    points = arrival.person.points
    return arrival.take_in(
        contacts.newcomer(points=points, name=row.name, company=row.company, at=arrival.at, rows=rows)
    )


def _is_refused(arrival: Arrival) -> bool:
    """Tell whether a request can be no lead; why, it is told when it is received with care."""
    try:
        arrival.check()
    except DomainError:
        return True
    return False


def _names_nothing_new(arrival: Arrival, source: Source) -> bool:
    row = arrival.row
    return (
        (not row.owner.strip() or arrival.channel == Channel.IMPORT)
        and arrival.visits_known
        and (not row.campaign.strip() or arrival.campaign_known(source) is not None)
        and (not row.segment.strip() or arrival.segment_known is not None)
        and not _waits_for_others(arrival, source)
    )


def _waits_for_others(arrival: Arrival, source: Source) -> bool:
    """Tell whether whoever gets it is chosen by what others are getting now: then it has to wait for them."""
    if arrival.channel == Channel.IMPORT or arrival.row.is_test:
        return False
    segment = arrival.segment_known
    return assignment.needs_care(
        funnel=arrival.funnel.pk,
        source=source.pk,
        segment=segment.pk if segment else None,
        desk=arrival.desk,
        at=arrival.at,
    )


class _Seen:
    """The ids and persons of these requests that are known already; then also those of the ones that went before."""

    def __init__(self, told: Sequence[Told]) -> None:
        self._points, self._ids = seen_before(
            points=[point for one, _source in told for point in one.person.points],
            sent=[(source.pk, one.row.external_id) for one, source in told if source and one.row.external_id],
        )

    def is_first(self, arrival: Arrival, source: Source | None) -> bool:
        """Tell whether nothing of a request was seen before; from now on it was."""
        ids = {(source.pk, arrival.row.external_id)} if source and arrival.row.external_id else set()
        points = set(arrival.person.points)
        is_first = not ids & self._ids and not points & self._points
        self._ids |= ids
        self._points |= points
        return is_first
