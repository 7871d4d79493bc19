"""The second step of signing in: an authenticator's key and the codes that replace it."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class SecondFactor(models.Model):
    """A person's authenticator; it counts once a code of it was shown.

    The key is kept as it is: each check needs it, and a cipher's key beside the database would guard
    nothing the database does not. Whoever reads the database is past this boundary. It has a table of its own
    so that no query for people ever carries it.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="second_factor")
    secret = models.CharField(max_length=64)
    last_step = models.BigIntegerField(default=0, help_text="the newest time step used: no older code opens again")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"second factor of person {self.user_id}"


class RecoveryCode(models.Model):
    """A code that replaces the authenticator once. The code itself is stored nowhere."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the code, which is drawn at random")
    used_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("factor", "digest"), name="recovery_code_is_one_of_its_kind"),)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
