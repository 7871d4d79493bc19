"""What sales did with the leads they were given: from cells of counted leads to the numbers of panel 6 (B7, A5)."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from django.utils.translation import gettext_lazy as _

from funnels.rules.verdict import Verdict
from insights.rules.columns import Column, Format
from insights.rules.pick import Timing
from insights.rules.ratio import Ratio

DECIDED = (Verdict.TARGET, Verdict.NON_TARGET)


class Contact(StrEnum):
    """What the log of touches says of a contact: reached, proven dead, tried as much as agreed, or tried less."""

    REACHED = "R"
    DEAD = "D"
    TRIED = "T"
    LITTLE = "L"


class Proof(StrEnum):
    """What a verdict of "cannot be reached" rests on; not said when the verdict says no such thing."""

    NOT_SAID = "-"
    NOTHING = "nothing"
    ATTEMPTS = "attempts"
    MACHINE = "machine"


class Part(StrEnum):
    """The five parts of A5: whether a lead can be reached, and if nobody did, who it is up to."""

    DEAD = "dead"
    NO_ANSWER = "no_answer"
    UNDER_WORKED = "under_worked"
    WAITING = "waiting"
    REACHED = "reached"


class Step(StrEnum):
    """Whether somebody promised to do something next; closed leads need no promise."""

    CLOSED = "closed"
    PLANNED = "planned"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCell:
    """How many valid leads of a group were worked alike. Cells of two slices are added by adding counts."""

    group: str | None
    verdict: Verdict
    timing: Timing
    contact: Contact
    proof: Proof
    attempts: int
    is_touched: bool
    is_first_in_time: bool
    is_first_waiting: bool
    is_verdict_in_time: bool
    step: Step
    count: int

    @property
    def part(self) -> Part:
        """Where the lead stands among the five parts of A5."""
        return part_of(contact=self.contact, verdict=self.verdict, proof=self.proof, timing=self.timing)


def part_of(*, contact: Contact, verdict: Verdict, proof: Proof, timing: Timing) -> Part:
    """Tell to which of the five parts a lead belongs.

    The best result of contact goes first. A verdict that does not say "cannot be reached" rests on what the client
    told; one that says so without any proof, as a tag of an imported file may, leaves the work still to be done.
    """
    if contact is Contact.REACHED:
        return Part.REACHED
    if contact is Contact.DEAD or proof is Proof.MACHINE:
        return Part.DEAD
    if contact is Contact.TRIED or proof is Proof.ATTEMPTS:
        return Part.NO_ANSWER
    if verdict in DECIDED and proof is Proof.NOT_SAID:
        return Part.REACHED
    return Part.UNDER_WORKED if timing is Timing.OVERDUE else Part.WAITING


def stands_of(part: Part) -> list[tuple[Contact, Verdict, Proof, Timing]]:
    """List what leads of a part may look like, so that the database can be asked for them by the same rule."""
    return [
        (contact, verdict, proof, timing)
        for contact, verdict, proof, timing in product(Contact, Verdict, Proof, Timing)
        if part_of(contact=contact, verdict=verdict, proof=proof, timing=timing) is part
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCount:
    """How many leads were ever tagged non-target, and of how many such a tag turned out wrong (A8 c)."""

    tagged: int = 0
    overturned: int = 0

    def __add__(self, other: "TagCount") -> "TagCount":
        return TagCount(tagged=self.tagged + other.tagged, overturned=self.overturned + other.overturned)

    @property
    def ratio(self) -> Ratio:
        return Ratio(self.overturned, self.tagged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contactability:
    """The five parts of A5; they are the whole, always."""

    dead: int
    no_answer: int
    under_worked: int
    waiting: int
    reached: int

    @property
    def n(self) -> int:
        return self.dead + self.no_answer + self.under_worked + self.waiting + self.reached

    def count_of(self, part: Part) -> int:
        """Return how many leads are in a part."""
        count: int = getattr(self, part.value)
        return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Whether all leads were worked, and in time (B7). Shares are of `n`, but for tags and next steps.

    `first_waiting` and `verdict_waiting` are the leads whose time is not over: they may still keep it.
    """

    n: int
    first_in_time: int
    first_waiting: int
    verdict_in_time: int
    verdict_waiting: int
    overdue: int
    never: int
    under_worked: int
    attempts: float | None
    open: int
    without_step: int
    tags: TagCount

    @property
    def touched_share(self) -> float | None:
        return Ratio(self.first_in_time, self.n).share

    @property
    def verdict_share(self) -> float | None:
        return Ratio(self.verdict_in_time, self.n).share

    @property
    def tagged(self) -> int:
        return self.tags.tagged

    @property
    def overturned(self) -> int:
        return self.tags.overturned

    @property
    def overturned_share(self) -> float | None:
        return self.tags.ratio.share

    @property
    def overturned_low(self) -> float | None:
        interval = self.tags.ratio.interval
        return interval.low if interval else None

    @property
    def overturned_high(self) -> float | None:
        interval = self.tags.ratio.interval
        return interval.high if interval else None


CONTACT_COLUMNS = (
    Column("n", _("Leads")),
    Column("dead", _("Number does not exist")),
    Column("no_answer", _("Does not answer")),
    Column("under_worked", _("Under-worked")),
    Column("waiting", _("Not reached, in time")),
    Column("reached", _("Reached")),
)
WORK_COLUMNS = (
    Column("n", _("Leads")),
    Column("first_in_time", _("First contact in time")),
    Column("touched_share", _("First contact in time: share"), Format.SHARE),
    Column("first_waiting", _("First contact: still in time")),
    Column("verdict_in_time", _("Verdict in time")),
    Column("verdict_share", _("Verdict in time: share"), Format.SHARE),
    Column("verdict_waiting", _("Verdict: still in time")),
    Column("overdue", _("Overdue")),
    Column("never", _("Touched by nobody")),
    Column("under_worked", _("Under-worked")),
    Column("attempts", _("Attempts per lead not reached, median"), Format.NUMBER),
    Column("open", _("Open")),
    Column("without_step", _("Open without a next step")),
    Column("tagged", _("Ever tagged non-target")),
    Column("overturned", _("Tag overturned")),
    Column("overturned_share", _("Tag overturned: share"), Format.SHARE),
    Column("overturned_low", _("Tag overturned: lower limit"), Format.SHARE),
    Column("overturned_high", _("Tag overturned: upper limit"), Format.SHARE),
)


def contactability(cells: Iterable[WorkCell]) -> Contactability:
    """Divide the leads of one cohort into the five parts."""
    parts: Counter[str] = Counter()
    for cell in cells:
        parts[cell.part.value] += cell.count
    return Contactability(**{part.value: parts[part.value] for part in Part})


def work(cells: Iterable[WorkCell], tags: TagCount | None = None) -> Work:
    """Count what was done in time and what was not done at all in one cohort."""
    cells = list(cells)

    def count(holds: Callable[[WorkCell], bool]) -> int:
        return sum(cell.count for cell in cells if holds(cell))

    undecided = [cell for cell in cells if cell.verdict is Verdict.UNDECIDED]
    return Work(
        n=sum(cell.count for cell in cells),
        first_in_time=count(lambda cell: cell.is_first_in_time),
        first_waiting=count(lambda cell: cell.is_first_waiting),
        verdict_in_time=count(lambda cell: cell.is_verdict_in_time),
        verdict_waiting=sum(cell.count for cell in undecided if cell.timing is not Timing.OVERDUE),
        overdue=sum(cell.count for cell in undecided if cell.timing is Timing.OVERDUE),
        never=count(lambda cell: not cell.is_touched),
        under_worked=count(lambda cell: cell.part is Part.UNDER_WORKED),
        attempts=_median(_attempts(cells)),
        open=count(lambda cell: cell.step is not Step.CLOSED),
        without_step=count(lambda cell: cell.step is Step.NONE),
        tags=tags or TagCount(),
    )


def _attempts(cells: Iterable[WorkCell]) -> Counter[int]:
    """Count leads by attempts: those that nobody reached and whose contact is not proven dead."""
    found: Counter[int] = Counter()
    for cell in cells:
        if cell.part not in (Part.REACHED, Part.DEAD):
            found[cell.attempts] += cell.count
    return found


def _median(counts: Mapping[int, int]) -> float | None:
    """Return the middle of values given by how often each occurs; of two middles the mean."""
    n = sum(counts.values())
    if not n:
        return None
    middles = ((n - 1) // 2, n // 2)
    seen, found = 0, []
    for value in sorted(counts):
        found += [value for middle in middles if seen <= middle < seen + counts[value]]
        seen += counts[value]
    return sum(found) / 2
