"""Some rows are tried: taken in to be taken back, knowing what the rows before them would have brought."""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from leads.intake.mapping import ImportMapping
from leads.models import ImportPart
from leads.operations import dictionaries
from leads.operations.arrivals import Arrival, Received
from leads.operations.imports.apply import Importer
from leads.operations.imports.taking import Taking

PAIR = struct.Struct(">8si")  # a digest of an id or a person, and the day of the first request
NO_DAY = 0


class Trial(Taking):
    """Parts are taken back one by one, so a row that only an earlier part would know is told by what was seen there."""

    def __init__(
        self, importer: Importer, mapping: ImportMapping, source: str, turns: Mapping[int, int] | None = None
    ) -> None:
        super().__init__(importer, mapping, source, turns)
        self._before: dict[bytes, int] = {}
        self._here: dict[bytes, int] = {}

    def know(self, parts: Iterable[ImportPart]) -> None:
        """Learn what was seen in the parts before."""
        for part in parts:
            self._before |= dict(PAIR.iter_unpack(bytes(part.seen)))

    def seen_here(self) -> bytes:
        """Write down what was seen in these rows."""
        return b"".join(PAIR.pack(name, when) for name, when in self._here.items())

    def _prepare(self, told: Sequence[Arrival]) -> None:
        """Make the names that are new here: they are taken back, and would be new again in every part.

        A row with a new name is received by itself, which takes ten times as long as all of them together.
        """
        for arrival in told:
            row, source = arrival.row, arrival.source()
            if arrival.campaign_known(source) is None:
                dictionaries.resolve_campaign(source=source, name=row.campaign, at=arrival.at)
            if arrival.segment_known is None:
                dictionaries.resolve_segment(name=row.segment, at=arrival.at)

    def _count(self, arrival: Arrival, received: Received) -> None:
        own = _digest("id", received.lead.source.code, arrival.row.external_id)
        if own in self._before:
            self.report.recognised += 1
            return
        super()._count(arrival, received)
        day = received.lead.cohort_day
        points = [_digest(*map(str, point)) for point in arrival.person.points]
        if received.outcome == "created" and not arrival.row.is_test and self._is_duplicate(points, day, arrival):
            self.report.created -= 1
            self.report.duplicate += 1
        self._here[own] = NO_DAY
        if not arrival.row.is_test:
            self._here |= dict.fromkeys((point for point in points if point not in self._before), day.toordinal())

    def _is_duplicate(self, points: Iterable[bytes], day: date, arrival: Arrival) -> bool:
        window = arrival.organisation.duplicate_window_days
        firsts = [self._before[point] for point in points if point in self._before]
        return any(abs(day.toordinal() - first) <= window for first in firsts)


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode()).digest()[:8]
