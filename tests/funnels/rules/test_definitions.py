"""Bits, drafts, signatures and publication."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.roles import Role
from funnels.rules.definitions import (
    AlreadySigned,
    DefinitionBlocksNothing,
    DefinitionNeedsTwoSignatures,
    DefinitionWouldBeOvertaken,
    MayNotSignForThisSide,
    Side,
    Signature,
    SignedByOnePerson,
    TooManyCriteria,
    check_draft,
    check_publish,
    check_sign,
    next_bit,
)

DAY = datetime(2026, 9, 1, tzinfo=UTC)
BOTH = {Side.MARKETING: Signature(by_id=1), Side.SALES: Signature(by_id=2)}


@given(st.sets(st.integers(0, 29)))
def test_a_bit_is_new_and_above_all_that_were_ever_used(used):
    bit = next_bit(used=used)
    assert bit not in used
    assert all(bit > other for other in used)
    assert bit <= 30


def test_the_thirty_second_criterion_is_refused():
    assert next_bit(used=range(30)) == 30
    with pytest.raises(TooManyCriteria):
        next_bit(used=range(31))


@pytest.mark.parametrize("blocking", [[], [False, False]])
def test_a_definition_that_blocks_on_nothing_is_refused(blocking):
    with pytest.raises(DefinitionBlocksNothing):
        check_draft(blocking=blocking)


def test_a_definition_that_blocks_on_something_is_allowed():
    check_draft(blocking=[False, True])


@pytest.mark.parametrize(
    ("role", "sides"),
    [
        (Role.MARKETER, {Side.MARKETING}),
        (Role.HEAD, {Side.SALES}),
        (Role.MANAGER, set()),
        (Role.EXECUTIVE, set()),
    ],
)
def test_each_department_signs_for_itself(role, sides):
    for side in Side:
        if side in sides:
            check_sign(side=side, role=role, by_id=1, signed={})
        else:
            with pytest.raises(MayNotSignForThisSide):
                check_sign(side=side, role=role, by_id=1, signed={})


def test_a_side_signs_once():
    with pytest.raises(AlreadySigned):
        check_sign(side=Side.SALES, role=Role.HEAD, by_id=3, signed=BOTH)


def test_one_person_does_not_sign_for_both():
    with pytest.raises(SignedByOnePerson):
        check_sign(side=Side.SALES, role=Role.HEAD, by_id=1, signed={Side.MARKETING: Signature(by_id=1)})


@pytest.mark.parametrize("side", [Side.MARKETING, Side.SALES])
def test_one_signature_is_not_enough_to_publish(side):
    with pytest.raises(DefinitionNeedsTwoSignatures):
        check_publish(signed={side: BOTH[side]}, effective_from_at=DAY, previous_effective_from_at=None)


def test_two_signatures_of_one_person_do_not_publish():
    same = {Side.MARKETING: Signature(by_id=1), Side.SALES: Signature(by_id=1)}
    with pytest.raises(SignedByOnePerson):
        check_publish(signed=same, effective_from_at=DAY, previous_effective_from_at=None)


@pytest.mark.parametrize("earlier", [timedelta(0), timedelta(days=1)])
def test_a_definition_comes_into_force_after_the_one_it_replaces(earlier):
    with pytest.raises(DefinitionWouldBeOvertaken):
        check_publish(signed=BOTH, effective_from_at=DAY - earlier, previous_effective_from_at=DAY)


def test_two_people_of_two_sides_publish():
    check_publish(signed=BOTH, effective_from_at=DAY, previous_effective_from_at=DAY - timedelta(days=1))


def test_the_system_signs_a_preset_for_both_sides():
    system = {Side.MARKETING: Signature(by_id=None), Side.SALES: Signature(by_id=None)}
    check_publish(signed=system, effective_from_at=DAY, previous_effective_from_at=None)
