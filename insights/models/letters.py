"""Weekly letters about a saved board."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from insights.models.saved import SavedBoard


class BoardSubscription(models.Model):
    """Somebody is sent a board once a week, at an hour of the organisation's clock.

    `sent_on` is the Monday of the week whose letter was sent last: no week has two. It is written before the letter is
    given away, so that a worker that dies in between leaves a letter unsent rather than sent twice.
    """

    board = models.ForeignKey(SavedBoard, on_delete=models.CASCADE, related_name="subscriptions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField(help_text="ISO weekday: 1 is Monday")
    hour = models.PositiveSmallIntegerField()
    origin = models.CharField(max_length=200, help_text="the site as the person reached it: links in letters begin so")
    language = models.CharField(max_length=8, help_text="for a person who has chosen none")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_on = models.DateField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="of the letter that is due, that came to nothing")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("board", "person"), name="one_letter_a_board_and_person"),
            models.CheckConstraint(
                condition=models.Q(weekday__gte=1, weekday__lte=7, hour__lte=23), name="letter_has_a_day_and_an_hour"
            ),
        )

    def __str__(self) -> str:
        return f"letter about board {self.board_id} to person {self.person_id}"
