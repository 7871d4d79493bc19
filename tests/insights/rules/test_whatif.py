"""An answer stands, is judged anew by what was seen, or says nothing."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from funnels.rules.criteria import AnswerType, Comparison, EvidenceRule, JudgedBy, Result
from funnels.rules.verdict import Judgement, Verdict
from insights.rules.whatif import Given, Move, Restated, movers, restate, undone_by

OPTIONS = [{"value": "msk", "label": "Moscow", "met": True}, {"value": "spb", "label": "Petersburg", "met": False}]


@dataclass(frozen=True)
class Asked:
    """A criterion in memory."""

    version_id: int = 1
    criterion_id: int = 1
    bit: int = 0
    name: str = "budget"
    failed_name: str = ""
    wording: str = "How much?"
    example_met: str = ""
    example_failed: str = ""
    is_blocking: bool = True
    evidence: EvidenceRule = EvidenceRule.NONE
    answer_type: AnswerType = AnswerType.YES_NO
    options: list = field(default_factory=list)
    threshold: Decimal | None = None
    unit: str = ""
    comparison: Comparison = Comparison.AT_LEAST
    answerable_at_id: int | None = None
    judged_by: JudgedBy = JudgedBy.PERSON
    rule: dict = field(default_factory=dict)


NUMBER = Asked(answer_type=AnswerType.NUMBER, threshold=Decimal(40))
CHOICE = Asked(answer_type=AnswerType.CHOICE, options=OPTIONS)


def told(before, after, given):
    after = replace(after, version_id=2)
    return restate(given={1: given}, criteria=[after], known={1: before, 2: after}).verdict


@pytest.mark.parametrize(
    ("before", "after", "given", "expected"),
    [
        (Asked(), replace(Asked(), name="money"), Given(1, Result.MET), Verdict.TARGET),
        (Asked(), replace(Asked(), wording="Enough?"), Given(1, Result.MET), Verdict.UNDECIDED),
        (NUMBER, replace(NUMBER, threshold=Decimal(60)), Given(1, Result.MET, "50"), Verdict.NON_TARGET),
        (NUMBER, replace(NUMBER, threshold=Decimal(50)), Given(1, Result.MET, "50"), Verdict.TARGET),
        (NUMBER, replace(NUMBER, comparison=Comparison.AT_MOST), Given(1, Result.MET, "50"), Verdict.NON_TARGET),
        (NUMBER, replace(NUMBER, threshold=Decimal(60)), Given(1, Result.MET), Verdict.UNDECIDED),
        (NUMBER, replace(NUMBER, threshold=Decimal(60)), Given(1, Result.MET, "a lot"), Verdict.UNDECIDED),
        (Asked(), NUMBER, Given(1, Result.MET, "30"), Verdict.NON_TARGET),
        (CHOICE, replace(CHOICE, options=OPTIONS[::-1]), Given(1, Result.FAILED, "spb"), Verdict.NON_TARGET),
        (
            CHOICE,
            replace(CHOICE, options=[{**OPTIONS[1], "met": True}]),
            Given(1, Result.FAILED, "spb"),
            Verdict.TARGET,
        ),
        (CHOICE, replace(CHOICE, options=OPTIONS[:1]), Given(1, Result.FAILED, "spb"), Verdict.UNDECIDED),
        (Asked(), Asked(), Given(2, Result.UNKNOWN, "5"), Verdict.UNDECIDED),
    ],
)
def test_an_answer_to_another_version(before, after, given, expected):
    assert told(before, after, given) is expected


@pytest.mark.parametrize(
    ("rule", "observed", "expected"),
    [
        ({"kind": "number_at_least", "field": "budget", "threshold": "60"}, "50", Verdict.NON_TARGET),
        ({"kind": "region_in_list", "values": ["Kazan"]}, "kazan", Verdict.TARGET),
        ({"kind": "field_in_list", "field": "size", "values": ["big"]}, "small", Verdict.NON_TARGET),
        ({"kind": "phone_valid"}, "+7 900", Verdict.UNDECIDED),
    ],
)
def test_a_rule_judges_what_it_had_seen(rule, observed, expected):
    by_rule = replace(Asked(), judged_by=JudgedBy.RULE, rule=rule)
    assert told(Asked(), by_rule, Given(1, Result.MET, observed)) is expected


def test_what_is_missing_is_what_blocks_and_was_not_answered():
    asked = [Asked(), Asked(version_id=2, criterion_id=2, bit=1), Asked(3, 3, 2, is_blocking=False)]
    known = {criterion.version_id: criterion for criterion in asked}
    found = restate(given={1: Given(1, Result.MET)}, criteria=asked, known=known)
    assert found == Restated(Judgement(Verdict.UNDECIDED, 0, 0, 1), (2,))
    assert restate(given={1: Given(1, Result.FAILED)}, criteria=asked, known=known).missing == ()


def test_movers_count_changes_and_their_leads():
    target, bad, open_ = (
        Restated(Judgement(verdict, 0, 0, 0), missing)
        for verdict, missing in ((Verdict.TARGET, ()), (Verdict.NON_TARGET, ()), (Verdict.UNDECIDED, (7,)))
    )
    moves = [
        Move(1, Verdict.TARGET, bad, 10),
        Move(2, Verdict.TARGET, target, 10),
        Move(3, Verdict.TARGET, open_, 20),
        Move(4, Verdict.NON_TARGET, open_, 20),
        Move(5, Verdict.UNDECIDED, open_, 30),
    ]
    assert [(mover.source, mover.changed.k, mover.changed.n) for mover in movers(moves, most=5)] == [
        (20, 2, 2),
        (10, 1, 2),
    ]
    assert [mover.source for mover in movers(moves, most=1)] == [20]
    assert undone_by(moves) == [(7, 2)]
