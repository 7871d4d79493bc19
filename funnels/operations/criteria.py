"""Add criteria by what people call them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.errors import DomainError
from funnels.models import Criterion, CriterionVersion, Funnel, Stage
from funnels.operations.dictionaries import CriterionContent, create_criterion
from funnels.queries.overview import newest_versions
from funnels.rules.codes import code_of


class CriterionNameIsTaken(DomainError):
    """Two criteria of one funnel that nobody could tell apart."""

    def __init__(self) -> None:
        super().__init__("criterion_name_taken", _("A criterion in use is already called so."), "name")


@transaction.atomic
def add_criterion(
    *, funnel: Funnel, content: CriterionContent, answerable_at: Stage | None, by: User | None, at: datetime
) -> CriterionVersion:
    """Add a criterion under a code made of its name; nobody asks it before a definition does."""
    Funnel.objects.select_for_update().get(pk=funnel.pk)
    in_use = [version for version in newest_versions(funnel=funnel) if version.criterion.archived_at is None]
    if content.name.casefold() in {version.name.casefold() for version in in_use}:
        raise CriterionNameIsTaken
    taken = list(Criterion.objects.filter(funnel=funnel).values_list("code", flat=True))
    return create_criterion(
        funnel=funnel,
        code=code_of(name=content.name, taken=taken),
        content=content,
        answerable_at=answerable_at,
        by=by,
        at=at,
    )
