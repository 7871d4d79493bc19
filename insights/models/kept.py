"""Counts kept by day, which days they are kept for, and of which days the leads have changed since."""

from datetime import UTC, datetime
from typing import ClassVar, Final
from uuid import uuid4

from django.db import models

from funnels.models import Funnel
from leads.models import Segment, Source

NO_LIMIT: Final = 0
"""Stands for the state now, without an age limit."""
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for every due time that had passed when a day was counted."""


class ChangedDay(models.Model):
    """A day of whose leads something has changed since it was counted: the database itself writes it, see `watching`.

    Many rows may say the same. No key refers to others: a row is written with every push and judgement.
    """

    funnel_id = models.BigIntegerField()
    day = models.DateField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"{self.day} of funnel {self.funnel_id}"


class FilledDay(models.Model):
    """A day whose counts at one age are kept, also when it had no leads. `age` is in days, NO_LIMIT without one.

    `basis` is what they were counted by beside the leads, see `insights.queries.basis`. A row never changes: another
    takes its place, so its stamp tells what was counted.
    """

    funnel = models.ForeignKey(Funnel, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    age = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=64, default="")
    stamp = models.UUIDField(default=uuid4)
    filled_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("funnel", "age", "day"), name="filled_day_once"),)

    def __str__(self) -> str:
        return f"{self.day} at age {self.age}"


class StateCount(models.Model):
    """How many leads of a day and source are in one state at one age.

    `due_at` is when an undecided lead becomes overdue: LONG_AGO if it was by then, empty if it never does at this age.
    Of what is not counted (`kind`) only the number is kept. No constraint refers to others: a source is deleted only
    when no lead is its own, and then no count is.
    """

    funnel = models.ForeignKey(
        Funnel, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    day = models.DateField()
    age = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16)
    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    segment = models.ForeignKey(
        Segment, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    verdict = models.CharField(max_length=16, blank=True)
    is_touched = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    fail_mask = models.PositiveIntegerField(default=0)
    assessed_mask = models.PositiveIntegerField(default=0)
    count = models.PositiveIntegerField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        indexes = (models.Index(fields=("funnel", "age", "day"), name="state_count_of_day"),)

    def __str__(self) -> str:
        return f"{self.count} × {self.verdict or self.kind} on {self.day}"


class DayCells(models.Model):
    """What is kept of a day beside the states: rows of one kind as text, see `insights.rules.tally`.

    `whole` is of all leads of the day, `by_place` of each source and segment. A row never changes: another takes its
    place with the stamp of the filled day it belongs to, so its stamp tells what it says.
    """

    funnel = models.ForeignKey(
        Funnel, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=16)
    age = models.PositiveSmallIntegerField()
    day = models.DateField()
    stamp = models.UUIDField(default=uuid4)
    whole = models.TextField()
    by_place = models.TextField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("funnel", "kind", "age", "day"), name="day_cells_once"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.day} at age {self.age}"
