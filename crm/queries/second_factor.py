"""How a person's two-step sign-in stands."""

from crm.models import SecondFactor, User


def is_on(*, user: User) -> bool:
    """Tell whether a person signs in in two steps."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def begun(*, user: User) -> SecondFactor | None:
    """Find the authenticator a person has begun to set up."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=True).first()


def recovery_codes_left(*, user: User) -> int:
    """Count the recovery codes a person has not used."""
    factor = SecondFactor.objects.filter(user=user).first()
    return factor.recovery_codes.filter(used_at__isnull=True).count() if factor else 0
