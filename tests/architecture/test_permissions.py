"""Who may do what, written out once more by hand: a change of the grants has to be meant twice.

A all · T team · O own · M contact fields masked · – nothing
"""

import pytest

from crm.rules.permissions import Permission, Reach, is_granted, reach
from crm.rules.roles import Role

MATRIX = """
                     admin  head  manager  marketer  executive
read_leads           A      T     O        M         M
see_contacts         A      T     O        –         –
create_lead          A      T     T        –         –
edit_lead            A      T     O        –         –
judge_lead           A      T     O        –         –
dispute_verdict      –      –     –        A         –
rule_on_dispute      A      T     –        –         A
bulk_act             A      T     O        –         –
merge_leads          A      T     –        –         –
import_leads         A      T     –        –         –
import_money         A      T     –        A         A
export_rows          A      T     –        M         M
view_board           A      A     A        A         A
drill_down           A      T     O        M         M
share_board          A      A     –        A         A
draft_rules          A      A     –        A         –
sign_for_marketing   –      –     –        A         –
sign_for_sales       –      A     –        –         –
review               A      A     –        A         A
read_reviews         A      A     A        A         A
administer           A      –     –        –         –
"""

LETTERS = {"A": Reach.ALL, "T": Reach.TEAM, "O": Reach.OWN, "M": Reach.MASKED, "–": Reach.NONE}


def _cells() -> list[tuple[Role, Permission, Reach]]:
    header, *rows = [line.split() for line in MATRIX.strip().splitlines()]
    return [
        (Role(role), Permission(name), LETTERS[letter])
        for name, *letters in rows
        for role, letter in zip(header, letters, strict=True)
    ]


@pytest.mark.parametrize(("role", "permission", "expected"), _cells())
def test_a_role_reaches_as_far_as_the_matrix_says(role: Role, permission: Permission, expected: Reach) -> None:
    assert reach(role, permission) is expected
    assert is_granted(role, permission) is (expected is not Reach.NONE)


def test_the_matrix_has_a_cell_for_every_role_and_permission() -> None:
    assert {(role, permission) for role, permission, _ in _cells()} == {(r, p) for r in Role for p in Permission}


def test_nobody_without_contacts_reads_leads_unmasked() -> None:
    for role in Role:
        if reach(role, Permission.SEE_CONTACTS) is Reach.NONE:
            for permission in (Permission.READ_LEADS, Permission.EXPORT_ROWS, Permission.DRILL_DOWN):
                assert reach(role, permission) in (Reach.MASKED, Reach.NONE)
