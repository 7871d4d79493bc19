"""Files of imports are personal data: they are forgotten when nobody needs them any more."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from crm.operations import housekeeping
from leads.models import ImportDraft, ImportPart
from leads.rules.imports import DRAFT_KEPT_FOR, FILE_KEPT_FOR, STARTED

AT_ONCE = 100  # files; what is left has time until the next tidying


@housekeeping.also_tidies
@transaction.atomic
def forget_files(*, at: datetime) -> int:
    """Forget files that were never imported a week after they came, the others a month after their end."""
    abandoned = ImportDraft.objects.exclude(state__in=STARTED).filter(uploaded_at__lt=at - DRAFT_KEPT_FOR)
    forgotten = ImportDraft.objects.filter(pk__in=_some(abandoned)).delete()[0]
    ended = ImportDraft.objects.filter(content__isnull=False, finished_at__lt=at - FILE_KEPT_FOR, state__in=STARTED)
    ids = _some(ended)
    ImportPart.objects.filter(draft__in=ids).delete()
    for draft in ImportDraft.objects.filter(pk__in=ids):
        draft.content, draft.word_meanings, draft.totals = None, {}, draft.totals | {"first": [], "kinds": []}
        draft.save(update_fields=["content", "word_meanings", "totals"])
    return forgotten + len(ids)


def _some(drafts: QuerySet[ImportDraft]) -> list[int]:
    return list(drafts.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
