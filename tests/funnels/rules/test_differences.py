"""What one definition asks otherwise than another."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from funnels.rules.codes import code_of
from funnels.rules.criteria import AnswerType, Comparison, EvidenceRule, JudgedBy
from funnels.rules.differences import Change, differences, same_question
from funnels.rules.moves import Milestone, StagesOutOfOrder, check_order, place_for


def asked(pk, **said):
    return SimpleNamespace(
        **{
            "criterion_id": pk,
            "name": "budget",
            "failed_name": "no budget",
            "wording": "Is there a budget?",
            "example_met": "",
            "example_failed": "",
            "is_blocking": True,
            "evidence": EvidenceRule.NONE,
            "answer_type": AnswerType.YES_NO,
            "options": [],
            "threshold": None,
            "unit": "",
            "comparison": Comparison.AT_LEAST,
            "answerable_at_id": None,
            "judged_by": JudgedBy.PERSON,
            "rule": {},
        }
        | said
    )


@pytest.mark.parametrize(
    ("before", "after", "change", "is_same_question"),
    [
        ({}, {}, None, True),
        ({}, {"is_blocking": False}, Change.BLOCKS_NO_MORE, True),
        ({"is_blocking": False}, {}, Change.BLOCKS_NOW, True),
        ({"threshold": Decimal(4)}, {"threshold": Decimal(6)}, Change.THRESHOLD, False),
        ({}, {"comparison": Comparison.AT_MOST, "rule": {"operator": "at_most"}}, Change.THRESHOLD, False),
        ({}, {"answer_type": AnswerType.NUMBER}, Change.ANSWER, False),
        ({}, {"options": [{"value": "a", "label": "A", "met": True}]}, Change.ANSWER, False),
        ({}, {"judged_by": JudgedBy.RULE}, Change.JUDGED_BY, False),
        ({}, {"evidence": EvidenceRule.NOTE}, Change.EVIDENCE, True),
        ({}, {"wording": "Is it enough?"}, Change.WORDING, False),
        ({}, {"example_met": "Yes"}, Change.EXAMPLES, True),
        ({}, {"failed_name": "too poor"}, Change.NAME, True),
        ({}, {"answerable_at_id": 4}, Change.STAGE, True),
    ],
)
def test_a_change_is_named_once_and_says_whether_the_question_is_the_same(before, after, change, is_same_question):
    one, other = asked(1, **before), asked(1, **after)
    (row,) = differences(before=[one], after=[other])
    assert row.changes == ((change,) if change else ())
    assert same_question(one, other) is is_same_question


def test_what_is_added_stands_in_its_place_and_what_is_removed_at_the_end():
    rows = differences(before=[asked(1), asked(2)], after=[asked(3), asked(2)])
    assert [(row.before is None, row.after is None, row.changes) for row in rows] == [
        (True, False, (Change.ADDED,)),
        (False, False, ()),
        (False, True, (Change.REMOVED,)),
    ]


def test_one_moved_criterion_is_one_move():
    rows = differences(before=[asked(pk) for pk in (1, 2, 3, 4)], after=[asked(pk) for pk in (4, 1, 2, 3)])
    assert [row.after.criterion_id for row in rows if Change.ORDER in row.changes] == [4]


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("Бюджет от 60 000 ₽", (), "byudzhet_ot_60_000"),
        ("Ёлка", ("elka",), "elka_2"),
        ("Ёлка", ("elka", "elka_2"), "elka_3"),
        ("₽", (), "rule"),
        ("a" * 200, (), "a" * 60),
    ],
)
def test_a_code_is_made_of_a_name(name, taken, code):
    assert code_of(name=name, taken=taken) == code


def test_stages_never_run_backwards():
    check_order(milestones=[Milestone.NEW, Milestone.OFFER, Milestone.OFFER, Milestone.WON])
    for wrong in ([Milestone.OFFER, Milestone.NEW], [Milestone.WON, Milestone.OFFER], [Milestone.WON, Milestone.WON]):
        with pytest.raises(StagesOutOfOrder):
            check_order(milestones=wrong)
    assert place_for(milestone=Milestone.OFFER, milestones=[Milestone.NEW, Milestone.OFFER, Milestone.WON]) == 2
