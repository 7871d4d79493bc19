"""How people like to look at the list: filters kept under a name, and which columns they want."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """A question to the list, kept by one person; a shared one is offered to everybody."""

    name = models.CharField(max_length=80)
    query = models.CharField(
        max_length=2000, help_text="what stands in the address of the list after the question mark"
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
                name="saved_filter_has_a_name_of_its_own",
            ),
        )

    def __str__(self) -> str:
        return f"saved filter {self.pk}"


class ListColumns(models.Model):
    """The columns one person wants to see, in the order of the list; whoever has chosen none sees the usual ones."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"columns of person {self.person_id}"
