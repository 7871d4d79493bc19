"""Which state of everything agreed on is in force: what a process compares with what it remembers."""

from typing import ClassVar

from django.db import models


class Agreements(models.Model):
    """Its one row changes with every change of settings, rules, names and keys."""

    stamp = models.UUIDField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return str(self.stamp)
