"""Take a stage or a funnel out of use, unless leads are still worked there."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import ngettext

from crm.models import User
from crm.rules.errors import DomainError
from funnels.models import Funnel, Stage
from funnels.operations import dictionaries, funnels
from funnels.rules.moves import Outcome
from leads.models import Lead


class LeadsAreThere(DomainError):
    """Archiving a stage or a funnel in which open leads stand."""

    def __init__(self, *, count: int) -> None:
        message = ngettext(
            "%(count)s open lead is there: move it, win it or lose it first.",
            "%(count)s open leads are there: move, win or lose them first.",
            count,
        )
        super().__init__("leads_are_there", message % {"count": count})
        self.count = count


@transaction.atomic
def retire_stage(*, stage: Stage, by: User | None, at: datetime) -> None:
    """Archive a stage at which no open lead stands."""
    Funnel.objects.select_for_update().get(pk=stage.funnel_id)
    _refuse_leads(Lead.objects.filter(stage=stage, outcome=Outcome.OPEN).count())
    dictionaries.archive_stage(stage=stage, by=by, at=at)


@transaction.atomic
def retire_funnel(*, funnel: Funnel, by: User | None, at: datetime) -> None:
    """Archive a funnel in which no open lead stands."""
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    _refuse_leads(Lead.objects.filter(funnel=funnel, outcome=Outcome.OPEN).count())
    funnels.archive_funnel(funnel=funnel, by=by, at=at)


def _refuse_leads(count: int) -> None:
    if count:
        raise LeadsAreThere(count=count)
