"""Change reasons of loss and where they are offered. Losses that gave a reason keep it, whatever becomes of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.rules.errors import DomainError
from funnels.models import Criterion, Funnel, LossReason, Stage, StageLossReason
from funnels.operations.dictionaries import BelongsToAnotherFunnel, create_reason, restore
from funnels.rules.codes import code_of
from funnels.rules.definitions import Side

Offer = tuple[int, int]
"""A stage and a reason that is offered there, by their keys."""


class ReasonNameIsTaken(DomainError):
    """Two reasons of one funnel that nobody could tell apart."""

    def __init__(self) -> None:
        super().__init__("reason_name_taken", _("A reason in use is already called so."), "name")


class ReasonIsAtTheEnd(DomainError):
    """Moving the first reason up, or the last down."""

    def __init__(self) -> None:
        super().__init__("reason_at_the_end", _("There is no place to move this reason to."))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonContent:
    """What a reason says, but for its stages."""

    name: str
    side: Side
    group: str = ""
    needs_note: bool = False
    implied_criterion: Criterion | None = None


@transaction.atomic
def add_reason(
    *, funnel: Funnel, content: ReasonContent, stages: Collection[Stage], by: User | None, at: datetime
) -> LossReason:
    """Add a reason after the others and offer it at these stages."""
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    _refuse_name(funnel, content.name, but=None)
    known = LossReason.objects.filter(funnel=funnel)
    last = known.order_by("position").last()
    return create_reason(
        funnel=funnel,
        code=code_of(name=content.name, taken=list(known.values_list("code", flat=True))),
        name=content.name,
        side=content.side,
        stages=list(stages),
        group=content.group,
        needs_note=content.needs_note,
        implied_criterion=content.implied_criterion,
        position=last.position + 1 if last else 1,
        by=by,
        at=at,
    )


@transaction.atomic
def change_reason(*, reason: LossReason, content: ReasonContent, by: User | None, at: datetime) -> LossReason:
    """Change what a reason says from now on; its code stays."""
    reason = _hold(reason)
    _refuse_name(reason.funnel, content.name, but=reason)
    if content.implied_criterion is not None and content.implied_criterion.funnel_id != reason.funnel_id:
        raise BelongsToAnotherFunnel
    said = {
        "name": content.name,
        "side": content.side.value,
        "group": content.group,
        "needs_note": content.needs_note,
        "implied_criterion": content.implied_criterion,
    }
    changed = [name for name, value in said.items() if getattr(reason, name) != value]
    if not changed:
        return reason
    before = {name: _written(getattr(reason, name)) for name in changed}
    for name in changed:
        setattr(reason, name, said[name])
    reason.save(update_fields=changed)
    after = {name: _written(said[name]) for name in changed}
    agreements.record(
        action="loss_reason.change",
        obj=reason,
        by=by,
        at=at,
        changes={"code": reason.code, "from": before, "to": after},
    )
    return reason


@transaction.atomic
def offer_reasons(
    *, funnel: Funnel, shown: Collection[Offer], chosen: Collection[Offer], by: User | None, at: datetime
) -> int:
    """Offer reasons at stages as ticked; return how many ticks changed.

    `shown` is what the person saw ticked: only what they changed is changed, so two people at one table do not undo
    each other.
    """
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    stages = set(Stage.objects.filter(funnel=funnel).values_list("pk", flat=True))
    reasons = set(LossReason.objects.filter(funnel=funnel).values_list("pk", flat=True))
    if any(stage not in stages or reason not in reasons for stage, reason in {*shown, *chosen}):
        raise BelongsToAnotherFunnel
    listed = StageLossReason.objects.filter(stage__in=stages)
    now = set(listed.values_list("stage_id", "loss_reason_id"))
    added = sorted(set(chosen) - set(shown) - now)
    removed = sorted((set(shown) - set(chosen)) & now)
    if not added and not removed:
        return 0
    StageLossReason.objects.bulk_create(
        [StageLossReason(stage_id=stage, loss_reason_id=reason) for stage, reason in added]
    )
    for stage, reason in removed:
        listed.filter(stage=stage, loss_reason=reason).delete()
    agreements.record(
        action="loss_reason.offer", obj=funnel, by=by, at=at, changes={"added": added, "removed": removed}
    )
    return len(added) + len(removed)


@transaction.atomic
def move_reason(*, reason: LossReason, up: bool, by: User | None, at: datetime) -> None:
    """Change places with the reason of the same side before or after."""
    Funnel.objects.select_for_update().get(pk=reason.funnel_id)
    in_use = LossReason.objects.filter(funnel=reason.funnel_id, archived_at__isnull=True).order_by("position", "id")
    reasons = list(in_use)
    same = [other for other in reasons if other.side == reason.side]
    here = same.index(reason) if reason in same else -1
    there = here - 1 if up else here + 1
    if here < 0 or not 0 <= there < len(same):
        raise ReasonIsAtTheEnd
    one, other = reasons.index(reason), reasons.index(same[there])
    reasons[one], reasons[other] = reasons[other], reasons[one]
    for position, each in enumerate(reasons, start=1):
        if each.position != position:
            each.position = position
            each.save(update_fields=["position"])
    agreements.record(action="loss_reason.move", obj=reason, by=by, at=at, changes={"code": reason.code, "up": up})


@transaction.atomic
def restore_reason(*, reason: LossReason, by: User | None, at: datetime) -> None:
    """Offer an archived reason again where it was offered."""
    reason = _hold(reason)
    if reason.archived_at is not None:
        _refuse_name(reason.funnel, reason.name, but=reason)
    restore("loss_reason.restore", reason, by=by, at=at)


def _hold(reason: LossReason) -> LossReason:
    """Read a reason as it is now, while nobody else names reasons of its funnel."""
    Funnel.objects.select_for_update().get(pk=reason.funnel_id)
    return LossReason.objects.select_related("funnel", "implied_criterion").get(pk=reason.pk)


def _refuse_name(funnel: Funnel, name: str, *, but: LossReason | None) -> None:
    in_use = LossReason.objects.filter(funnel=funnel, archived_at__isnull=True)
    if name.casefold() in {reason.name.casefold() for reason in in_use if reason != but}:
        raise ReasonNameIsTaken


def _written(value: object) -> object:
    return value.code if isinstance(value, Criterion) else value
