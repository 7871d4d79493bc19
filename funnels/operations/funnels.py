"""Make, rename and archive funnels."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.rules.errors import DomainError
from funnels.models import Funnel
from funnels.operations.dictionaries import create_funnel, create_stage
from funnels.queries import funnels_in_use
from funnels.rules.codes import code_of
from funnels.rules.moves import MILESTONE_LABELS, Milestone


class FunnelNameIsTaken(DomainError):
    """Two funnels that nobody could tell apart."""

    def __init__(self) -> None:
        super().__init__("funnel_name_taken", _("A funnel in use is already called so."), "name")


class LastFunnel(DomainError):
    """Archiving the only funnel: no request could be taken in."""

    def __init__(self) -> None:
        super().__init__("last_funnel", _("This is the only funnel; make another one first."))


@transaction.atomic
def open_funnel(*, name: str, by: User | None, at: datetime) -> Funnel:
    """Make a funnel with a stage for every milestone, to be renamed as the company calls them."""
    agreements.hold()
    name = " ".join(name.split())
    _refuse_name(name, but=None)
    taken = list(Funnel.objects.values_list("code", flat=True))
    funnel = create_funnel(code=code_of(name=name, taken=taken).replace("_", "-"), name=name, by=by, at=at)
    for position, milestone in enumerate(Milestone, start=1):
        create_stage(
            funnel=funnel,
            code=milestone.value.lower(),
            name=str(MILESTONE_LABELS[milestone]),
            milestone=milestone,
            position=position,
            by=by,
            at=at,
        )
    return funnel


@transaction.atomic
def rename_funnel(*, funnel: Funnel, name: str, by: User | None, at: datetime) -> Funnel:
    """Call a funnel something else; its code stays what integrations send."""
    funnel, name = _hold(funnel), " ".join(name.split())
    if name == funnel.name:
        return funnel
    _refuse_name(name, but=funnel)
    changes = {"code": funnel.code, "from": funnel.name, "to": name}
    funnel.name = name
    funnel.save(update_fields=["name"])
    agreements.record(action="funnel.rename", obj=funnel, by=by, at=at, changes=changes)
    return funnel


@transaction.atomic
def archive_funnel(*, funnel: Funnel, by: User | None, at: datetime) -> None:
    """Take a funnel out of use; its leads and numbers stay."""
    funnel = _hold(funnel)
    if funnel.archived_at is not None:
        return
    if not funnels_in_use().exclude(pk=funnel.pk).exists():
        raise LastFunnel
    funnel.archived_at = at
    funnel.save(update_fields=["archived_at"])
    agreements.record(action="funnel.archive", obj=funnel, by=by, at=at, changes={"code": funnel.code})


@transaction.atomic
def restore_funnel(*, funnel: Funnel, by: User | None, at: datetime) -> None:
    """Take an archived funnel into use again."""
    funnel = _hold(funnel)
    if funnel.archived_at is None:
        return
    _refuse_name(funnel.name, but=funnel)
    funnel.archived_at = None
    funnel.save(update_fields=["archived_at"])
    agreements.record(action="funnel.restore", obj=funnel, by=by, at=at, changes={"code": funnel.code})


def _hold(funnel: Funnel) -> Funnel:
    """Read a funnel as it is now, while nobody else makes, names or archives one: of the last two one stays in use."""
    held = Funnel.objects.select_for_update().get(pk=funnel.pk)  # before the agreements, as wherever a funnel is held
    agreements.hold()
    return held


def _refuse_name(name: str, *, but: Funnel | None) -> None:
    if name.casefold() in {funnel.name.casefold() for funnel in funnels_in_use() if funnel != but}:
        raise FunnelNameIsTaken
