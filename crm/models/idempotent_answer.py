"""What was answered to a write that named an idempotency key: said again when the request comes again."""

from typing import ClassVar

from django.db import models


class IdempotentAnswer(models.Model):
    """Written in the transaction of the effect itself, so neither exists without the other."""

    caller = models.CharField(max_length=40, help_text="who asked: key:<id> or person:<id>")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the body")
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("caller", "key", "method", "path"), name="one_answer_an_idempotency_key"),
        )
        indexes = (models.Index(fields=("created_at",), name="idempotent_answer_age"),)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"
