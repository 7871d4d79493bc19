"""Draft, sign and publish what counts as a target lead."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.rules.errors import DomainError
from funnels.models import CriterionVersion, Definition, DefinitionCriterion, Funnel
from funnels.queries import last_agreed, stamp_of
from funnels.rules.definitions import (
    DefinitionAlreadyPublished,
    DefinitionChangedMeanwhile,
    DefinitionIsDiscarded,
    DraftChangedMeanwhile,
    Side,
    Signature,
    check_draft,
    check_publish,
    check_sign,
)


class CriteriaDoNotFit(DomainError):
    """A draft with a criterion of another funnel, an archived one, or one criterion twice."""

    def __init__(self) -> None:
        super().__init__(
            "criteria_do_not_fit",
            _("A definition asks criteria of its own funnel that are in use, each of them once."),
            "criteria",
        )


class FunnelAlreadyHasADefinition(DomainError):
    """Installing ready-made rules over rules people have agreed on."""

    def __init__(self) -> None:
        super().__init__("funnel_already_has_a_definition", _("This funnel already has a published definition."))


@transaction.atomic
def draft_definition(
    *,
    funnel: Funnel,
    versions: Sequence[CriterionVersion],
    note: str,
    effective_from_at: datetime,
    by: User | None,
    at: datetime,
) -> Definition:
    """Draft the next definition of a funnel; it decides nothing until it is signed and published.

    The same draft of the same person, sent once more, is the draft there is.
    """
    _check_fits(funnel, versions)
    check_draft(blocking=[version.is_blocking for version in versions])
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    alike = Definition.objects.filter(funnel=funnel, created_by=by, note=note, effective_from_at=effective_from_at)
    for draft in alike.filter(published_at__isnull=True, discarded_at__isnull=True):
        if _asked(draft) == [version.pk for version in versions]:
            return draft
    last = Definition.objects.filter(funnel=funnel).aggregate(last=Max("number"))["last"] or 0
    definition = Definition.objects.create(
        funnel=funnel,
        number=last + 1,
        note=note,
        effective_from_at=effective_from_at,
        created_at=at,
        created_by=by,
        based_on=last_agreed(funnel_id=funnel.pk),
    )
    changes = {"number": definition.number, "criteria": _write_entries(definition, versions)}
    agreements.record(action="definition.draft", obj=definition, by=by, at=at, changes=changes)
    return definition


@transaction.atomic
def change_draft(
    *,
    definition: Definition,
    versions: Sequence[CriterionVersion],
    note: str,
    effective_from_at: datetime,
    by: User | None,
    at: datetime,
    seen: str = "",
) -> Definition:
    """Rewrite a draft against what is agreed on now. Whoever had signed it signed something else: signatures go.

    A draft saved as it was, and still compared with the same definition, stays signed. `seen` is the text one was
    looking at, as `stamp_of` names it: what somebody else has written since is not overwritten unread.
    """
    locked = _lock_draft(definition)
    _check_fits(locked.funnel, versions)
    check_draft(blocking=[version.is_blocking for version in versions])
    agreed = last_agreed(funnel_id=locked.funnel_id)
    before = (_asked(locked), locked.note, locked.effective_from_at, locked.based_on_id)
    after = ([version.pk for version in versions], note, effective_from_at, agreed.pk if agreed else None)
    if before == after:
        return locked
    _require_seen(locked, seen)
    cleared = [side.value for side in _signatures(locked)]
    locked.note, locked.effective_from_at, locked.based_on = note, effective_from_at, agreed
    locked.marketing_signed_at = locked.marketing_signed_by = None
    locked.sales_signed_at = locked.sales_signed_by = None
    locked.save()
    locked.entries.all().delete()
    changes = {
        "number": locked.number,
        "criteria": _write_entries(locked, versions),
        "signatures_cleared": cleared,
    }
    agreements.record(action="definition.change_draft", obj=locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def discard_draft(*, definition: Definition, by: User | None, at: datetime) -> Definition:
    """Put a draft away; it keeps its number and can be taken back."""
    locked = _lock(definition)
    if locked.published_at is not None:
        raise DefinitionAlreadyPublished
    if locked.discarded_at is None:
        locked.discarded_at, locked.discarded_by = at, by
        locked.save(update_fields=["discarded_at", "discarded_by"])
        agreements.record(action="definition.discard", obj=locked, by=by, at=at, changes={"number": locked.number})
    return locked


@transaction.atomic
def take_back_draft(*, definition: Definition, by: User | None, at: datetime) -> Definition:
    """Take a discarded draft back, with the signatures it had."""
    locked = _lock(definition)
    if locked.discarded_at is not None:
        locked.discarded_at = locked.discarded_by = None
        locked.save(update_fields=["discarded_at", "discarded_by"])
        agreements.record(action="definition.take_back", obj=locked, by=by, at=at, changes={"number": locked.number})
    return locked


@transaction.atomic
def sign_definition(*, definition: Definition, side: Side, by: User, at: datetime, seen: str = "") -> Definition:
    """Sign a draft for marketing or for sales; a signature is for the text that was `seen`, as `stamp_of` names it."""
    locked = _lock_draft(definition)
    check_sign(side=side, role=by.role, by_id=by.pk, signed=_signatures(locked))
    _check_is_current(locked)
    _require_seen(locked, seen)
    _write_signature(locked, side=side, by=by, at=at)
    agreements.record(
        action="definition.sign", obj=locked, by=by, at=at, changes={"number": locked.number, "side": side.value}
    )
    return locked


@transaction.atomic
def publish_definition(*, definition: Definition, by: User | None, at: datetime) -> Definition:
    """Put a definition signed by both sides into force, from its date or from now, whichever is later.

    It never reaches back: leads are not judged by what had not been agreed on yet.
    """
    locked = _lock_draft(definition)
    effective_from_at = max(locked.effective_from_at, at)
    published = Definition.objects.filter(funnel=locked.funnel, published_at__isnull=False)
    check_publish(
        signed=_signatures(locked),
        effective_from_at=effective_from_at,
        previous_effective_from_at=published.aggregate(last=Max("effective_from_at"))["last"],
    )
    _check_is_current(locked)
    _check_fits(locked.funnel, list(locked.criterion_versions.select_related("criterion")))
    locked.effective_from_at = effective_from_at
    locked.published_at = at
    locked.save(update_fields=["effective_from_at", "published_at"])
    changes = {"number": locked.number, "effective_from_at": effective_from_at.isoformat()}
    agreements.record(action="definition.publish", obj=locked, by=by, at=at, changes=changes)
    return locked


@transaction.atomic
def publish_preset_definition(*, definition: Definition, at: datetime) -> Definition:
    """Publish a funnel's first definition as installed, signed for both sides by the system itself."""
    locked = _lock_draft(definition)
    if Definition.objects.filter(funnel=locked.funnel, published_at__isnull=False).exists():
        raise FunnelAlreadyHasADefinition
    for side in (Side.MARKETING, Side.SALES):
        _write_signature(locked, side=side, by=None, at=at)
    return publish_definition(definition=locked, by=None, at=at)


def _check_fits(funnel: Funnel, versions: Sequence[CriterionVersion]) -> None:
    criteria = [version.criterion for version in versions]
    if len({criterion.pk for criterion in criteria}) < len(criteria):
        raise CriteriaDoNotFit
    if any(criterion.funnel_id != funnel.pk or criterion.archived_at is not None for criterion in criteria):
        raise CriteriaDoNotFit


def _check_is_current(definition: Definition) -> None:
    """Refuse to act upon a comparison that is out of date."""
    agreed = last_agreed(funnel_id=definition.funnel_id)
    if agreed is not None and agreed.pk != definition.based_on_id:
        raise DefinitionChangedMeanwhile(number=agreed.number)


def _require_seen(definition: Definition, seen: str) -> None:
    if seen and seen != stamp_of(definition=definition, asked=_asked(definition)):
        raise DraftChangedMeanwhile


def _asked(definition: Definition) -> list[int]:
    return list(definition.entries.order_by("position").values_list("criterion_version_id", flat=True))


def _write_entries(definition: Definition, versions: Sequence[CriterionVersion]) -> list[str]:
    DefinitionCriterion.objects.bulk_create(
        DefinitionCriterion(definition=definition, criterion_version=version, position=position)
        for position, version in enumerate(versions, start=1)
    )
    return [f"{version.criterion.code} v{version.number}" for version in versions]


def _lock(definition: Definition) -> Definition:
    Funnel.objects.select_for_update().get(pk=definition.funnel_id)
    return Definition.objects.select_for_update().get(pk=definition.pk)


def _lock_draft(definition: Definition) -> Definition:
    locked = _lock(definition)
    if locked.published_at is not None:
        raise DefinitionAlreadyPublished
    if locked.discarded_at is not None:
        raise DefinitionIsDiscarded
    return locked


def _signatures(definition: Definition) -> dict[Side, Signature]:
    signed = {}
    if definition.marketing_signed_at is not None:
        signed[Side.MARKETING] = Signature(by_id=definition.marketing_signed_by_id)
    if definition.sales_signed_at is not None:
        signed[Side.SALES] = Signature(by_id=definition.sales_signed_by_id)
    return signed


def _write_signature(definition: Definition, *, side: Side, by: User | None, at: datetime) -> None:
    if side == Side.MARKETING:
        definition.marketing_signed_at, definition.marketing_signed_by = at, by
    else:
        definition.sales_signed_at, definition.sales_signed_by = at, by
    definition.save(update_fields=["marketing_signed_at", "marketing_signed_by", "sales_signed_at", "sales_signed_by"])
