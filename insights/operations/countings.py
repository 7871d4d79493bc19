"""Questions about the past are counted part by part in the background, and what was found is kept for a while.

Each part is one transaction: whatever breaks off is gone on with. What is kept answers everybody who asks the same.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from crm.operations import housekeeping, jobs
from crm.queries.snapshot import one_snapshot
from insights.models import Counting, KeptAnswer
from insights.operations.restating import ACTS_AT_ONCE, restate_some
from insights.queries.answers import gathered, key_of
from insights.queries.parts import parts_of
from insights.queries.restating import acts_to_restate
from insights.rules.slice import GroupBy, Slice, parse

JOB = "insights.count_on"
A_MOMENT = timedelta(microseconds=1)
KEPT_FOR: Final = timedelta(days=7)
FORGOTTEN_AT_ONCE = 1_000  # rows; what is left has time until the next tidying


def begin(*, slice: Slice, by: GroupBy | None, at: datetime) -> Counting:
    """Have a question of a past instant counted, once for everybody who asks it; return how far it has come."""
    key = key_of("board", slice=slice, by=by)
    found = Counting.objects.filter(key=key).first()
    return found or _begin(key, slice, by, at)


@transaction.atomic
def _begin(key: str, slice: Slice, by: GroupBy | None, at: datetime) -> Counting:
    to_restate = -(-acts_to_restate(slice=slice, at=at).count() // ACTS_AT_ONCE)
    counting, is_new = Counting.objects.get_or_create(
        key=key,
        defaults={
            "question": slice.to_query(),
            "group_by": by.value if by else "",
            "parts": to_restate + len(parts_of(slice=slice, by=by, at=at)),
            "started_at": at,
            "moved_at": at,
        },
    )
    if is_new:
        jobs.enqueue(name=JOB, at=at, counting=counting.pk)
    return counting


@jobs.job(JOB, is_heavy=True)
@transaction.atomic
def count_on(*, at: datetime, counting: int) -> None:
    """Count the next part, and have the one after it counted by the next drain: other work has its turn between."""
    held = Counting.objects.select_for_update().filter(pk=counting, done_at__isnull=True).first()
    if held is not None and _count_next(held, at):
        jobs.enqueue(name=JOB, at=at, due_at=at + A_MOMENT, counting=counting)


def needs_looking_on() -> bool:
    """Tell whether the counting goes on only while somebody looks on, for want of a worker to tell of it."""
    return not settings.REDIS_URL


@transaction.atomic
def carry_on(*, code: UUID, at: datetime) -> Counting | None:
    """Tell how far a counting has come; where there is no worker to do it, count the next part first.

    One that was forgotten is None.
    """
    known = Counting.objects.filter(public_id=code)
    if not needs_looking_on():
        return known.first()
    held = known.select_for_update().first()
    if held is not None and held.done_at is None:
        _count_next(held, at)
    return held


@housekeeping.also_tidies
@transaction.atomic
def forget(*, at: datetime) -> int:
    """Forget what was counted a week ago: whoever asks again has it counted again."""
    old = (
        Counting.objects.filter(started_at__lt=at - KEPT_FOR),
        KeptAnswer.objects.filter(counted_at__lt=at - KEPT_FOR),
    )
    return sum(
        rows.model._default_manager.filter(
            pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        ).delete()[0]
        for rows in old
    )


def _count_next(counting: Counting, at: datetime) -> bool:
    """Do one part; tell whether there is another. Acts are restated before anything is counted of them."""
    by = GroupBy(counting.group_by) if counting.group_by else None
    slice = parse(counting.question, default=Slice(funnel=""), today=at.date(), zone=UTC)
    parts = parts_of(slice=slice, by=by, at=at)
    restating = counting.parts - len(parts)
    if counting.parts_done <= restating and restate_some(slice=slice, at=at):
        counting.parts = max(counting.parts, counting.parts_done + 1 + len(parts))
    else:
        counting.parts_done = max(counting.parts_done, restating)
        with one_snapshot(), gathered() as found:
            parts[counting.parts_done - restating]()
        answers = [KeptAnswer(key=key, answer=answer, counted_at=at) for key, answer in found.items()]
        KeptAnswer.objects.bulk_create(answers, ignore_conflicts=True)
    counting.parts_done += 1
    counting.moved_at = at
    if counting.parts_done >= counting.parts:
        counting.done_at = at
    counting.save()
    return counting.done_at is None
