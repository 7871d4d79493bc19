"""Add, rename and reorder the stages of a funnel. Numbers stand on milestones, so none of this moves a number."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.rules.errors import DomainError
from funnels.models import Funnel, Stage, StageLossReason
from funnels.operations.dictionaries import create_stage
from funnels.queries import stages_of
from funnels.rules.codes import code_of
from funnels.rules.moves import Milestone, check_order, place_for


class StageNameIsTaken(DomainError):
    """Two stages of one funnel that nobody could tell apart."""

    def __init__(self) -> None:
        super().__init__("stage_name_taken", _("A stage in use is already called so."), "name")


class StageIsAtTheEnd(DomainError):
    """Moving the first stage up, or the last down."""

    def __init__(self) -> None:
        super().__init__("stage_at_the_end", _("There is no place to move this stage to."))


@transaction.atomic
def add_stage(*, funnel: Funnel, name: str, milestone: Milestone, by: User | None, at: datetime) -> Stage:
    """Add a stage after the last of its milestone; leads are lost there for the reasons of the stage before it."""
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    name = " ".join(name.split())
    stages = list(stages_of(funnel=funnel))
    _refuse_name(stages, name)
    index = place_for(milestone=milestone, milestones=[Milestone(stage.milestone) for stage in stages])
    codes = list(Stage.objects.filter(funnel=funnel).values_list("code", flat=True))
    free = _free_position(funnel)
    stage = create_stage(
        funnel=funnel, code=code_of(name=name, taken=codes), name=name, milestone=milestone, position=free, by=by, at=at
    )
    _put_in_order(funnel, [*stages[:index], stage, *stages[index:]])
    if index and milestone != Milestone.WON:
        listed = StageLossReason.objects.filter(stage=stages[index - 1]).values_list("loss_reason_id", flat=True)
        StageLossReason.objects.bulk_create([StageLossReason(stage=stage, loss_reason_id=pk) for pk in listed])
    return stage


@transaction.atomic
def rename_stage(*, stage: Stage, name: str, by: User | None, at: datetime) -> Stage:
    """Call a stage something else; its code and its milestone stay."""
    Funnel.objects.select_for_update().get(pk=stage.funnel_id)
    name = " ".join(name.split())
    if name == stage.name:
        return stage
    _refuse_name([other for other in stages_of(funnel=stage.funnel) if other != stage], name)
    changes = {"code": stage.code, "from": stage.name, "to": name}
    stage.name = name
    stage.save(update_fields=["name"])
    agreements.record(action="stage.rename", obj=stage, by=by, at=at, changes=changes)
    return stage


@transaction.atomic
def move_stage(*, stage: Stage, up: bool, by: User | None, at: datetime) -> Stage:
    """Change places with the stage before or after; milestones may not run backwards."""
    Funnel.objects.select_for_update().get(pk=stage.funnel_id)
    stages = list(stages_of(funnel=stage.funnel))
    here = stages.index(stage) if stage in stages else -1
    there = here - 1 if up else here + 1
    if here < 0 or not 0 <= there < len(stages):
        raise StageIsAtTheEnd
    stages[here], stages[there] = stages[there], stages[here]
    check_order(milestones=[Milestone(other.milestone) for other in stages])
    _put_in_order(stage.funnel, stages)
    agreements.record(
        action="stage.move", obj=stage, by=by, at=at, changes={"code": stage.code, "order": [s.code for s in stages]}
    )
    return stage


@transaction.atomic
def restore_stage(*, stage: Stage, by: User | None, at: datetime) -> Stage:
    """Take an archived stage into use again, after the last of its milestone."""
    Funnel.objects.select_for_update().get(pk=stage.funnel_id)
    if stage.archived_at is None:
        return stage
    stages = list(stages_of(funnel=stage.funnel))
    _refuse_name(stages, stage.name)
    milestones = [Milestone(other.milestone) for other in stages]
    index = place_for(milestone=Milestone(stage.milestone), milestones=milestones)
    check_order(milestones=[*milestones[:index], Milestone(stage.milestone), *milestones[index:]])
    stage.archived_at, stage.position = None, _free_position(stage.funnel)
    stage.save(update_fields=["archived_at", "position"])
    _put_in_order(stage.funnel, [*stages[:index], stage, *stages[index:]])
    agreements.record(action="stage.restore", obj=stage, by=by, at=at, changes={"code": stage.code})
    return stage


def _refuse_name(others: Sequence[Stage], name: str) -> None:
    if name.casefold() in {other.name.casefold() for other in others}:
        raise StageNameIsTaken


def _free_position(funnel: Funnel) -> int:
    last = Stage.objects.filter(funnel=funnel).order_by("position").last()
    return last.position + 1 if last else 1


def _put_in_order(funnel: Funnel, stages: Sequence[Stage]) -> None:
    """Number the stages anew, by way of positions nobody has: no two may share one even for a moment."""
    check_order(milestones=[Milestone(stage.milestone) for stage in stages])
    beyond = _free_position(funnel)
    for start in (beyond, 1):
        for position, stage in enumerate(stages, start=start):
            stage.position = position
            stage.save(update_fields=["position"])
