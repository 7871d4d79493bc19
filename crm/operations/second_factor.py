"""The second step of signing in: turned on, checked, turned off."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import RecoveryCode, SecondFactor, User
from crm.operations import audit, sessions
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, is_granted
from crm.rules.second_factor import (
    RECOVERY_CODES,
    is_demanded,
    matching_step,
    new_recovery_code,
    new_secret,
    recovery_digest,
)


class InvalidSecondFactor(DomainError):
    """A code or a password that does not open, or a second step that is not there."""


@transaction.atomic
def begin(*, user: User, at: datetime) -> SecondFactor:
    """Draw a key for a person's authenticator; one begun and not confirmed before is forgotten."""
    User.objects.select_for_update().get(pk=user.pk)
    if SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists():
        raise InvalidSecondFactor("second_factor_is_on", _("Two-step sign-in is on already: turn it off first."))
    SecondFactor.objects.filter(user=user).delete()
    factor = SecondFactor.objects.create(user=user, secret=new_secret(), created_at=at)
    audit.record(action="second_factor.begin", obj=user, by=user, at=at)
    return factor


@transaction.atomic
def confirm(*, user: User, code: str, at: datetime) -> list[str]:
    """Turn the second step on by a code of the new authenticator; return the recovery codes, told only now."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=True).first()
    if factor is None:
        raise InvalidSecondFactor("second_factor_not_begun", _("Begin turning two-step sign-in on anew."))
    step = matching_step(secret=factor.secret, code=code, at=at)
    if step is None:
        raise _wrong_code()
    factor.last_step = step
    factor.confirmed_at = at
    factor.save(update_fields=["last_step", "confirmed_at"])
    audit.record(action="second_factor.turn_on", obj=user, by=user, at=at)
    return _draw_recovery_codes(factor)


@transaction.atomic
def check(*, user: User, code: str, at: datetime) -> None:
    """Accept a code of the authenticator or a recovery code; neither opens twice."""
    factor = _standing(user)
    step = matching_step(secret=factor.secret, code=code, at=at)
    if step is not None:
        # One statement, so that of two who send the same code at once only one is let in.
        if not SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step):
            raise InvalidSecondFactor("code_used", _("This code was used already: wait for the next one."), "code")
        return
    unused = factor.recovery_codes.filter(digest=recovery_digest(code), used_at__isnull=True)
    if not unused.update(used_at=at):
        raise _wrong_code()
    left = factor.recovery_codes.filter(used_at__isnull=True).count()
    audit.record(action="second_factor.use_recovery_code", obj=user, by=user, at=at, changes={"left": left})


@transaction.atomic
def renew_recovery_codes(*, user: User, code: str, at: datetime) -> list[str]:
    """Draw new recovery codes for whoever shows a code; the old ones open no more."""
    check(user=user, code=code, at=at)
    audit.record(action="second_factor.renew_recovery_codes", obj=user, by=user, at=at)
    return _draw_recovery_codes(_standing(user))


@transaction.atomic
def turn_off(*, user: User, password: str, code: str, at: datetime) -> None:
    """Turn the second step off for whoever knows the password and shows a code; refused while it is demanded."""
    if is_demanded(role=user.role, is_required=settings_at(at).second_factor_required):
        raise InvalidSecondFactor(
            "second_factor_is_demanded", _("Your organisation has agreed that your role signs in in two steps.")
        )
    if not user.check_password(password):
        raise InvalidSecondFactor("wrong_password", _("This is not your password."), "password")
    check(user=user, code=code, at=at)
    _standing(user).delete()
    audit.record(action="second_factor.turn_off", obj=user, by=user, at=at)


@transaction.atomic
def reset(*, user: User, by: User | None, at: datetime) -> None:
    """Take a lost authenticator from a person: an administrator's act, or the server's when `by` is None.

    What is signed in on the lost telephone ends with it. Nobody does it to themselves: that would turn the second
    step off without a code.
    """
    if by is not None and not is_granted(by.role, Permission.ADMINISTER):
        raise NotAllowed
    if by == user:
        raise InvalidSecondFactor(
            "not_oneself", _("Your own second step is turned off in your profile: it takes the password and a code.")
        )
    _standing(user).delete()
    audit.record(action="second_factor.reset", obj=user, by=by, at=at)
    sessions.end(user=user, by=by, at=at)


def _standing(user: User) -> SecondFactor:
    factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        raise InvalidSecondFactor("second_factor_is_off", _("Two-step sign-in is off for this person."))
    return factor


def _draw_recovery_codes(factor: SecondFactor) -> list[str]:
    factor.recovery_codes.all().delete()
    codes = [new_recovery_code() for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, digest=recovery_digest(code)) for code in codes)
    return codes


def _wrong_code() -> InvalidSecondFactor:
    return InvalidSecondFactor("wrong_code", _("This code is not right: check the clock of your phone."), "code")
