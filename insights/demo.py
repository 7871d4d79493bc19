"""The saved boards of the demonstration: the question that is argued about, and the one a week begins with."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction

from crm.models import OrganisationSettings, User
from funnels.models import Funnel
from insights.operations import saved_boards
from insights.rules.period import DEFAULT_WEEKS
from insights.rules.saved import kept_query
from insights.rules.slice import Slice

_AVITO = {"ru": "Почему Авито хуже", "en": "Why Avito is worse"}
_RECENT = {"ru": "Последние четыре недели", "en": "The last four weeks"}


@transaction.atomic
def seed_boards(
    *, language: str, funnel: Funnel, settings: OrganisationSettings, marketer: User, head: User, at: datetime
) -> None:
    """Keep two boards that everybody may turn to."""
    whole = Slice(funnel=funnel.code, age=settings.age_a1_days)
    for name, slice, weeks, by in (
        (_AVITO[language], replace(whole, sources=("avito",)), DEFAULT_WEEKS, marketer),
        (_RECENT[language], whole, 4, head),
    ):
        query = urlencode(kept_query(slice=slice, weeks=weeks), doseq=True)
        saved_boards.keep(name=name, query=query, is_shared=True, by=by, at=at)
