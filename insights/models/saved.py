"""Boards people come back to: a question under a name, and with which of them somebody begins."""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models

LONGEST_QUESTION: Final = 2000


class SavedBoard(models.Model):
    """A question to the board, kept by one person; a shared one is offered to everybody.

    The question never changes: whoever is sent the board, or sees it from outside, goes on seeing the same.
    """

    name = models.CharField(max_length=80)
    query = models.CharField(
        max_length=LONGEST_QUESTION, help_text="what stands in the address of the board after the question mark"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("name", "query")

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "name"),
                condition=models.Q(archived_at__isnull=True),
                name="saved_board_has_a_name_of_its_own",
            ),
        )

    def __str__(self) -> str:
        return f"saved board {self.pk}"


class StartBoard(models.Model):
    """The saved board a person begins with; whoever has none begins as their profile or their role says."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    board = models.ForeignKey(SavedBoard, on_delete=models.CASCADE, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"start page of person {self.person_id}"
