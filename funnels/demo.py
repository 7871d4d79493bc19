"""The rules of the demonstration: the school's preset, and one change of the definition on the way."""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from crm.models import User
from funnels.models import CriterionVersion, Funnel
from funnels.operations.definitions import draft_definition, publish_definition, sign_definition
from funnels.operations.dictionaries import CriterionContent, revise_criterion
from funnels.operations.presets import use_preset
from funnels.queries.definitions import current_definition
from funnels.rules.criteria import AnswerType
from funnels.rules.definitions import Side

PRESET = "online-school"
NEW_MINIMUM = Decimal(40_000)
_NOTES = {
    "ru": "Бюджет теперь спрашиваем числом: от 40 000 ₽, дешевле программ больше нет.",
    "en": "The budget is now a number, from 40,000 ₽: there are no cheaper programmes any more.",
}


@transaction.atomic
def seed_rules(*, language: str, from_at: datetime, changed_at: datetime, marketer: User, head: User) -> Funnel:
    """Install the preset in force from `from_at`, and publish a higher budget threshold at `changed_at`."""
    funnel = use_preset(code=PRESET, language=language, by=None, at=from_at).funnel
    before = current_definition(funnel=funnel, at=from_at)
    versions = list(CriterionVersion.objects.filter(entries__definition=before).order_by("entries__position"))
    after = [_with_new_minimum(version, by=head, at=changed_at) for version in versions]
    draft = draft_definition(
        funnel=funnel, versions=after, note=_NOTES[language], effective_from_at=changed_at, by=head, at=changed_at
    )
    sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=changed_at)
    sign_definition(definition=draft, side=Side.SALES, by=head, at=changed_at)
    publish_definition(definition=draft, by=head, at=changed_at)
    return funnel


def _with_new_minimum(version: CriterionVersion, *, by: User, at: datetime) -> CriterionVersion:
    if version.criterion.code != "budget":
        return version
    content = CriterionContent(
        **{
            **{field.name: getattr(version, field.name) for field in fields(CriterionContent)},
            "answer_type": AnswerType.NUMBER,
            "threshold": NEW_MINIMUM,
            "unit": "₽",
        }
    )
    return revise_criterion(
        criterion=version.criterion, content=content, answerable_at=version.answerable_at, by=by, at=at
    )
