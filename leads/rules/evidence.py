"""When "could not be reached" may be said: a machine's word, or enough attempts on enough days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.calendar import civil_day
from crm.rules.errors import DomainError
from funnels.rules.criteria import EvidenceRule, Result
from leads.rules.answers import Answer
from leads.rules.facts import Evidence, TouchChannel, TouchResult

MACHINE_EVIDENCE = (Evidence.NUMBER_DOES_NOT_EXIST, Evidence.WRONG_PERSON, Evidence.BOUNCED)
PROVING_RESULTS = {
    TouchResult.NUMBER_DOES_NOT_EXIST: Evidence.NUMBER_DOES_NOT_EXIST,
    TouchResult.WRONG_PERSON: Evidence.WRONG_PERSON,
    TouchResult.BOUNCED: Evidence.BOUNCED,
}
UNANSWERED = (TouchResult.NO_ANSWER, TouchResult.BUSY, TouchResult.SENT)


class EvidenceMissing(DomainError):
    """ "Unreachable" without a machine's word and before enough attempts."""

    def __init__(self, *, code: str, missing: "Missing") -> None:
        message = format_lazy(
            _(
                "“{code}” cannot be called failed yet: it takes proof that the contact is dead, or more attempts. "
                "Still missing: {missing}."
            ),
            code=code,
            missing=missing.words,
        )
        super().__init__("evidence_missing", message, code)


class NoteMissing(DomainError):
    """A failed criterion that has to be explained, unexplained."""

    def __init__(self, *, code: str) -> None:
        super().__init__("note_missing", format_lazy(_("Say in a note why “{code}” is not met."), code=code), "note")


@dataclass(frozen=True, slots=True)
class Needed:
    """How much effort the organisation asks for."""

    attempts: int
    days: int
    channels: int


@dataclass(frozen=True, slots=True)
class Missing:
    """How much of it is still to be made."""

    attempts: int
    days: int
    channels: int

    def __bool__(self) -> bool:
        return bool(self.attempts or self.days or self.channels)

    @property
    def words(self) -> Promise | str:
        """Name what is missing, and nothing that is not."""
        told = ((self.attempts, _("attempts {n}")), (self.days, _("days {n}")), (self.channels, _("channels {n}")))
        parts = [format_lazy(words, n=number) for number, words in told if number]
        return format_lazy(", ".join(["{}"] * len(parts)), *parts)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a person to reach the contact that came to nothing; `at` is from when it counts."""

    at: datetime
    channel: TouchChannel


@dataclass(frozen=True, slots=True)
class EvidenceAtHand:
    """What the log of touches proves: a machine's word, if any, and what is missing without one."""

    proof: Evidence = Evidence.NONE
    proof_ref: str = ""
    missing: Missing = Missing(0, 0, 0)

    @property
    def is_enough(self) -> bool:
        """Whether "unreachable" may be said without further proof."""
        return bool(self.proof) or not self.missing


def missing_effort(*, attempts: Sequence[Attempt], needed: Needed, zone: str) -> Missing:
    """Count what is still missing: attempts, different days of the organisation's calendar, different channels."""
    days = {civil_day(attempt.at, zone) for attempt in attempts}
    channels = {attempt.channel for attempt in attempts}
    return Missing(
        attempts=max(0, needed.attempts - len(attempts)),
        days=max(0, needed.days - len(days)),
        channels=max(0, needed.channels - len(channels)),
    )


def is_accepted(*, code: str, answer: Answer, rule: EvidenceRule, note: str, from_file: bool) -> bool:
    """Tell whether an answer stands as it is; if not, the log of touches has to prove it.

    Of a file nothing more can be asked than its tag: it stands, marked as imported, so that it can be counted apart.
    """
    if answer.result != Result.FAILED or rule == EvidenceRule.NONE:
        return True
    if from_file and answer.evidence == Evidence.IMPORTED:
        return True
    if rule == EvidenceRule.NOTE:
        if not note.strip():
            raise NoteMissing(code=code)
        return True
    return answer.evidence in MACHINE_EVIDENCE


def proven(*, code: str, answer: Answer, at_hand: EvidenceAtHand) -> Answer:
    """Return the answer with what it rests on, or refuse it for want of evidence."""
    if at_hand.proof:
        return replace(answer, evidence=at_hand.proof, evidence_ref=answer.evidence_ref or at_hand.proof_ref)
    if at_hand.missing:
        raise EvidenceMissing(code=code, missing=at_hand.missing)
    return replace(answer, evidence=Evidence.ATTEMPTS)
