"""Definitions of "target": who signs them and when they may be published."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from funnels.rules.criteria import MAXIMUM_CRITERIA

STAMP_LENGTH = 20


class Side(StrEnum):
    """Whose part of the common work a reason or a signature belongs to."""

    MARKETING = "marketing"
    SALES = "sales"
    PRODUCT = "product"
    CLIENT = "client"


SIDE_LABELS = {
    Side.MARKETING: _("Marketing"),
    Side.SALES: _("Sales"),
    Side.PRODUCT: _("Product"),
    Side.CLIENT: _("Client"),
}

SIGNING_PERMISSIONS = {
    Side.MARKETING: Permission.SIGN_FOR_MARKETING,
    Side.SALES: Permission.SIGN_FOR_SALES,
}


class TooManyCriteria(DomainError):
    """One criterion more than a mask holds."""

    def __init__(self) -> None:
        super().__init__("too_many_criteria", _("A funnel holds at most 31 criteria, archived ones included."))


class DefinitionBlocksNothing(DomainError):
    """A definition under which no lead could ever be target or non-target."""

    def __init__(self) -> None:
        super().__init__("definition_blocks_nothing", _("A definition needs at least one blocking criterion."))


class DefinitionNeedsTwoSignatures(DomainError):
    """Publishing before both departments signed."""

    def __init__(self) -> None:
        super().__init__(
            "definition_needs_two_signatures",
            _("A definition is published when marketing and sales have both signed it."),
        )


class SignedByOnePerson(DomainError):
    """One person signing for both departments."""

    def __init__(self) -> None:
        super().__init__("signed_by_one_person", _("Marketing and sales sign by two different people."))


class MayNotSignForThisSide(DomainError):
    """A signature of somebody who does not speak for the side."""

    def __init__(self) -> None:
        super().__init__("may_not_sign_for_this_side", _("You cannot sign for this side."), "side")


class AlreadySigned(DomainError):
    """A second signature of the same side."""

    def __init__(self) -> None:
        super().__init__("already_signed", _("This side has already signed."), "side")


class DefinitionAlreadyPublished(DomainError):
    """A change of a published definition."""

    def __init__(self) -> None:
        super().__init__("definition_already_published", _("This definition is published; draft the next version."))


class DefinitionIsDiscarded(DomainError):
    """An act upon a draft that was put away."""

    def __init__(self) -> None:
        super().__init__("definition_discarded", _("This draft was discarded; take it back first."))


class DefinitionChangedMeanwhile(DomainError):
    """Signing or publishing a draft whose comparison is out of date: another definition was published since."""

    def __init__(self, *, number: int) -> None:
        super().__init__(
            "definition_changed_meanwhile",
            format_lazy(
                _("Version {number} was published after this draft was written. Open the draft, compare and save it."),
                number=number,
            ),
        )


class DraftChangedMeanwhile(DomainError):
    """Signing or rewriting a draft by looking at a text that somebody has changed since."""

    def __init__(self) -> None:
        super().__init__(
            "draft_changed_meanwhile",
            _("Somebody changed this draft while you had it open. Read what it says now, then do it once more."),
        )


class DefinitionWouldBeOvertaken(DomainError):
    """A definition that would come into force before, or together with, the one it replaces."""

    def __init__(self) -> None:
        super().__init__(
            "definition_would_be_overtaken",
            _("A later definition is already published; this one must come into force after it."),
            "effective_from_at",
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed; None is the system installing a preset."""

    by_id: int | None


def next_bit(*, used: Collection[int]) -> int:
    """Give a criterion its bit: one after the highest ever used, so that old masks keep their meaning."""
    bit = max(used, default=-1) + 1
    if bit >= MAXIMUM_CRITERIA:
        raise TooManyCriteria
    return bit


def text_stamp(*, asked: Sequence[int], note: str, effective_from_at: datetime, based_on: int | None) -> str:
    """Name what a draft says, so that a later text of it is told from the one somebody has read."""
    said = repr((list(asked), note, effective_from_at.timestamp(), based_on))
    return sha256(said.encode()).hexdigest()[:STAMP_LENGTH]


def check_draft(*, blocking: Collection[bool]) -> None:
    """Refuse a set of criteria that decides nothing; `blocking` says of each whether it blocks."""
    if not any(blocking):
        raise DefinitionBlocksNothing


def check_sign(*, side: Side, role: str, by_id: int, signed: Mapping[Side, Signature]) -> None:
    """Refuse a signature that does not speak for its side, or one person's second."""
    if side not in SIGNING_PERMISSIONS or not is_granted(role, SIGNING_PERMISSIONS[side]):
        raise MayNotSignForThisSide
    if side in signed:
        raise AlreadySigned
    if any(other.by_id == by_id for other in signed.values()):
        raise SignedByOnePerson


def check_publish(
    *, signed: Mapping[Side, Signature], effective_from_at: datetime, previous_effective_from_at: datetime | None
) -> None:
    """Refuse to publish what the two departments have not both agreed on, or what is already overtaken."""
    if not all(side in signed for side in SIGNING_PERMISSIONS):
        raise DefinitionNeedsTwoSignatures
    marketing, sales = (signed[side].by_id for side in SIGNING_PERMISSIONS)
    if marketing is not None and marketing == sales:
        raise SignedByOnePerson
    if previous_effective_from_at is not None and effective_from_at <= previous_effective_from_at:
        raise DefinitionWouldBeOvertaken
