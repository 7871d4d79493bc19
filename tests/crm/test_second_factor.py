"""The second step of signing in: authenticator codes and the recovery codes that replace them."""

from datetime import datetime, timedelta

import pyotp
import pytest
from django.core.management import CommandError, call_command

from crm.models import AuditEvent, RecoveryCode, SecondFactor, User
from crm.operations import second_factor
from crm.operations.second_factor import InvalidSecondFactor
from crm.rules.permissions import NotAllowed
from crm.rules.second_factor import matching_step, provisioning_uri, recovery_digest

STEP = timedelta(seconds=30)
# Of RFC 6238, appendix B: SHA-1, the last six of its eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def code_of(user: User, at: datetime) -> str:
    return pyotp.TOTP(SecondFactor.objects.get(user=user).secret).at(at)


def turn_on(user: User, at: datetime) -> list[str]:
    second_factor.begin(user=user, at=at)
    return second_factor.confirm(user=user, code=code_of(user, at), at=at)


def refusal_of(user: User, code: str, at: datetime) -> str:
    with pytest.raises(InvalidSecondFactor) as refusal:
        second_factor.check(user=user, code=code, at=at)
    return refusal.value.code


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924")])
def test_codes_are_those_of_the_standard(seconds: int, code: str, at: datetime) -> None:
    now = datetime.fromtimestamp(seconds, tz=at.tzinfo)
    assert matching_step(secret=RFC_SECRET, code=f"{code[:3]} {code[3:]}", at=now) == seconds // 30


@pytest.mark.parametrize(("drift", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(drift: int, opens: bool, at: datetime) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(at + drift * STEP)
    assert (matching_step(secret=RFC_SECRET, code=code, at=at) is not None) is opens


@pytest.mark.parametrize("code", ["", "12345", "абвгде", "１２３４５６", "0" * 5000])
def test_what_is_no_code_is_of_no_step(code: str, at: datetime) -> None:
    assert matching_step(secret=RFC_SECRET, code=code, at=at) is None


def test_the_address_names_the_person() -> None:
    uri = provisioning_uri(secret=RFC_SECRET, email="anna@example.com")
    assert uri.startswith("otpauth://totp/Razbor:anna%40example.com?")
    assert RFC_SECRET in uri


def test_it_counts_only_once_confirmed(manager: User, at: datetime) -> None:
    second_factor.begin(user=manager, at=at)
    assert refusal_of(manager, code_of(manager, at), at) == "second_factor_is_off"
    with pytest.raises(InvalidSecondFactor):
        second_factor.confirm(user=manager, code="no code", at=at)
    assert len(set(second_factor.confirm(user=manager, code=code_of(manager, at), at=at))) == 10
    with pytest.raises(InvalidSecondFactor):
        second_factor.begin(user=manager, at=at)


def test_a_code_opens_once_and_no_older_one_after_it(manager: User, at: datetime) -> None:
    turn_on(manager, at)
    assert refusal_of(manager, code_of(manager, at), at) == "code_used"
    later = at + 4 * STEP
    second_factor.check(user=manager, code=code_of(manager, later), at=later)
    assert refusal_of(manager, code_of(manager, later), later + STEP) == "code_used"
    assert refusal_of(manager, code_of(manager, later - STEP), later) == "code_used"


def test_a_recovery_code_opens_once_however_it_is_written(manager: User, at: datetime) -> None:
    code = turn_on(manager, at)[0]
    second_factor.check(user=manager, code=f" {code.upper().replace('-', ' ')} ", at=at)
    assert refusal_of(manager, code, at) == "wrong_code"
    assert AuditEvent.objects.get(action="second_factor.use_recovery_code").changes == {"left": 9}


def test_recovery_codes_are_stored_hashed(manager: User, at: datetime) -> None:
    codes = turn_on(manager, at)
    stored = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert stored == {recovery_digest(code) for code in codes}
    assert not stored & set(codes)


def test_a_recovery_code_of_another_person_does_not_open(manager: User, head: User, at: datetime) -> None:
    codes = turn_on(head, at)
    turn_on(manager, at)
    assert refusal_of(manager, codes[0], at) == "wrong_code"


def test_new_recovery_codes_end_the_old_ones(manager: User, at: datetime) -> None:
    old = turn_on(manager, at)
    new = second_factor.renew_recovery_codes(user=manager, code=old[0], at=at)
    assert refusal_of(manager, old[1], at) == "wrong_code"
    second_factor.check(user=manager, code=new[0], at=at)


def test_a_refused_renewal_leaves_the_old_codes(manager: User, at: datetime) -> None:
    old = turn_on(manager, at)
    with pytest.raises(InvalidSecondFactor):
        second_factor.renew_recovery_codes(user=manager, code="wrong", at=at)
    second_factor.check(user=manager, code=old[0], at=at)


def test_reset_is_for_administrators_and_audited(manager: User, head: User, admin: User, at: datetime) -> None:
    turn_on(manager, at)
    with pytest.raises(NotAllowed):
        second_factor.reset(user=manager, by=head, at=at)
    assert SecondFactor.objects.filter(user=manager).exists()
    second_factor.reset(user=manager, by=admin, at=at)
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert AuditEvent.objects.get(action="second_factor.reset").actor_id == admin.pk


def test_the_audit_log_tells_no_secret(manager: User, at: datetime) -> None:
    codes = turn_on(manager, at)
    told = str(list(AuditEvent.objects.values_list("changes", flat=True)))
    for secret in (SecondFactor.objects.get().secret, *codes):
        assert secret not in told


def test_the_command_resets_and_says_why_not(manager: User, at: datetime) -> None:
    turn_on(manager, at)
    call_command("reset_second_factor", "MANAGER@example.com")
    assert AuditEvent.objects.get(action="second_factor.reset").actor_id is None
    with pytest.raises(CommandError, match="off"):
        call_command("reset_second_factor", manager.email)
    with pytest.raises(CommandError, match="Nobody"):
        call_command("reset_second_factor", "nobody@example.com")
