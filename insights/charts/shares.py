"""The parts a cohort falls into, in the order every chart stacks them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.rules import formats


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How many leads of a cohort are in a state, and where to see them."""

    code: str
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """A whole: its parts add up to n. Of restated leads there may be some of whom nothing can be said."""

    n: int
    non_target: Part
    waiting: Part
    overdue: Part
    target: Part
    not_restated: Part | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        lost = (self.not_restated,) if self.not_restated else ()
        return (self.non_target, self.waiting, self.overdue, *lost, self.target)

    @property
    def undecided(self) -> int:
        return self.n - self.non_target.count - self.target.count


LOOKS = {
    "non_target": ("nt", ""),
    "waiting": ("edge", "hatch-wait"),
    "overdue": ("ov", ""),
    "not_restated": ("edge", "hatch-key"),
    "target": ("tg", ""),
}


def names() -> dict[str, str]:
    """Name the parts in the reader's language."""
    return {
        "non_target": _("Non-target"),
        "waiting": _("Not decided, in time"),
        "overdue": _("Not decided, overdue"),
        "not_restated": _("Cannot be restated"),
        "target": _("Target"),
    }


def spoken(part: Part, n: int) -> str:
    """Say a part with its whole, as a reader hears it."""
    return f"{names()[part.code]}: {formats.k_of_n(part.count, n)} — {formats.share(part.count, n)}"
