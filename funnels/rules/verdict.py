"""The verdict is computed from criteria, never typed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import pgettext_lazy

from funnels.rules.criteria import Result


class Verdict(StrEnum):
    TARGET = "TARGET"
    NON_TARGET = "NON_TARGET"
    UNDECIDED = "UNDECIDED"


VERDICT_LABELS = {
    Verdict.TARGET: pgettext_lazy("a lead", "Target"),
    Verdict.NON_TARGET: pgettext_lazy("a lead", "Non-target"),
    Verdict.UNDECIDED: pgettext_lazy("a lead", "Not decided"),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the three masks that explain it."""

    verdict: Verdict
    fail_mask: int
    soft_fail_mask: int
    assessed_mask: int


def verdict(*, results: Mapping[int, Result], blocking: Collection[int]) -> Judgement:
    """Derive the verdict from the result of each criterion, keyed by the criterion's bit.

    One failed blocking criterion is enough for NON_TARGET; TARGET needs every blocking criterion met. A definition
    that blocks on nothing cannot call a lead target, so everything under it stays undecided.
    """
    failed = {bit for bit, result in results.items() if result == Result.FAILED}
    met = {bit for bit, result in results.items() if result == Result.MET}
    must = set(blocking)
    if failed & must:
        answer = Verdict.NON_TARGET
    elif must and must <= met:
        answer = Verdict.TARGET
    else:
        answer = Verdict.UNDECIDED
    return Judgement(
        verdict=answer,
        fail_mask=mask_of(failed & must),
        soft_fail_mask=mask_of(failed - must),
        assessed_mask=mask_of(failed | met),
    )


def mask_of(bits: Iterable[int]) -> int:
    """Pack bit indices into one integer."""
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


def bits_of(mask: int) -> list[int]:
    """Unpack an integer into its bit indices, lowest first."""
    return [bit for bit in range(mask.bit_length()) if mask >> bit & 1]
