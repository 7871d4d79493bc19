"""Rules that answer criteria, and answers given as a value."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnels.rules.criteria import (
    AnswerIsNotANumber,
    AnswerIsNotInTheList,
    AnswerType,
    Comparison,
    CriterionCannotBeAnswered,
    JudgedBy,
    Result,
    RuleIsNotUnderstood,
    check_content,
    comparison_of,
    judge_by_rule,
    number_in,
    number_meets,
    result_of_observed,
)

FIELD = {"kind": "field_in_list", "field": "country", "values": ["Россия", "Казахстан"]}
NUMBER = {"kind": "number_at_least", "field": "employees", "threshold": 20}
REGION = {"kind": "region_in_list", "values": ["Орёл", "Тула"]}
OPTIONS = [{"value": "own", "label": "Own", "met": True}, {"value": "rent", "label": "Rent", "met": False}]


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ({"kind": "phone_valid"}, {"phone_valid": True}, Result.MET),
        ({"kind": "phone_valid"}, {"phone_valid": False}, Result.FAILED),
        ({"kind": "phone_valid"}, {"phone_valid": None}, Result.UNKNOWN),
        ({"kind": "phone_valid"}, {}, Result.UNKNOWN),
        ({"kind": "email_valid"}, {"email_valid": True}, Result.MET),
        ({"kind": "email_valid"}, {"email_valid": False}, Result.FAILED),
        (FIELD, {"country": " россия "}, Result.MET),
        (FIELD, {"country": "Чили"}, Result.FAILED),
        (FIELD, {"country": "  "}, Result.UNKNOWN),
        (FIELD, {}, Result.UNKNOWN),
        (NUMBER, {"employees": "20"}, Result.MET),
        (NUMBER, {"employees": 19}, Result.FAILED),
        (NUMBER, {"employees": "около двадцати"}, Result.UNKNOWN),
        (REGION, {"region": "ОРЕЛ"}, Result.MET),
        (REGION, {"region": "Омск"}, Result.FAILED),
        (REGION, {"region": None}, Result.UNKNOWN),
    ],
)
def test_a_rule_answers_from_facts_and_silence_fails_nobody(rule, facts, expected):
    assert judge_by_rule(rule=rule, lead_facts=facts) == expected


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"kind": "horoscope"},
        {"kind": "field_in_list", "field": "country"},
        {"kind": "field_in_list", "values": ["x"]},
        {"kind": "region_in_list", "values": []},
        {"kind": "region_in_list", "values": "Тула"},
        {"kind": "number_at_least", "field": "employees", "threshold": "many"},
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_refused(rule):
    with pytest.raises(RuleIsNotUnderstood):
        judge_by_rule(rule=rule, lead_facts={})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("40 000", "40000"),
        ("40\u00a0000,50", "40000.50"),
        (12, "12"),
        ("-3.5", "-3.5"),
        ("150,5", "150.5"),
        ("150,05", "150.05"),
        ("150,050", "150050"),
        ("-150,050", "-150050"),
        ("150.050", "150.050"),
        ("1500,050", "1500.050"),
        ("0,500", "0.500"),
        ("1 500,50", "1500.50"),
        ("1,500.50", "1500.50"),
        ("1.500,50", "1500.50"),
        ("1,500,000", "1500000"),
        ("1.500.000", "1500000"),
        ("1'500'000", "1500000"),
        ("1e3", "1000"),
        ("1,50,000", None),
        ("1,500,5", None),
        ("1.500.5", None),
        ("--5", None),
        ("5,", None),
        (",", None),
        ("nan", None),
        ("inf", None),
        ("", None),
        (None, None),
        (True, None),
        ("40 тысяч", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert number_in(text) == (None if number is None else Decimal(number))


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_meets_a_threshold_from_exactly_one_side_unless_equal(value, threshold):
    at_least = number_meets(value=value, threshold=threshold)
    at_most = number_meets(value=value, threshold=threshold, operator=Comparison.AT_MOST)
    assert (at_least and at_most) == (value == threshold)
    assert at_least or at_most


@pytest.mark.parametrize(
    ("observed", "operator", "expected"),
    [
        ("40000", Comparison.AT_LEAST, Result.MET),
        ("39 999,99", Comparison.AT_LEAST, Result.FAILED),
        ("39 999,99", Comparison.AT_MOST, Result.MET),
        ("", Comparison.AT_LEAST, None),
        (None, Comparison.AT_LEAST, None),
    ],
)
def test_an_observed_number_is_compared_with_the_threshold(observed, operator, expected):
    result = result_of_observed(
        answer_type=AnswerType.NUMBER, observed=observed, threshold=Decimal(40000), operator=operator
    )
    assert result == expected


def test_an_observed_number_without_a_threshold_does_not_decide():
    assert result_of_observed(answer_type=AnswerType.NUMBER, observed="5") is None


def test_words_instead_of_a_number_are_refused():
    with pytest.raises(AnswerIsNotANumber):
        result_of_observed(answer_type=AnswerType.NUMBER, observed="plenty", threshold=Decimal(1))


@pytest.mark.parametrize(("observed", "expected"), [("own", Result.MET), ("rent", Result.FAILED), ("", None)])
def test_a_choice_is_met_as_its_option_says(observed, expected):
    assert result_of_observed(answer_type=AnswerType.CHOICE, observed=observed, options=OPTIONS) == expected


def test_a_choice_outside_the_list_is_refused():
    with pytest.raises(AnswerIsNotInTheList):
        result_of_observed(answer_type=AnswerType.CHOICE, observed="sell", options=OPTIONS)


def test_a_yes_or_no_is_not_decided_by_an_observed_value():
    assert result_of_observed(answer_type=AnswerType.YES_NO, observed="spoke to the wife") is None


def test_a_number_is_met_from_its_threshold_up_unless_the_rule_says_otherwise():
    assert comparison_of(rule={}) == Comparison.AT_LEAST
    assert comparison_of(rule={"operator": "at_most"}) == Comparison.AT_MOST


@pytest.mark.parametrize(
    "content",
    [
        {"answer_type": AnswerType.CHOICE, "options": []},
        {"answer_type": AnswerType.CHOICE, "options": OPTIONS[:1]},
        {"answer_type": AnswerType.NUMBER},
        {"judged_by": JudgedBy.RULE},
        {"answer_type": AnswerType.NUMBER, "threshold": Decimal(1), "rule": {"operator": "about"}},
    ],
)
def test_a_criterion_nobody_could_answer_is_refused(content):
    whole = {
        "answer_type": AnswerType.YES_NO,
        "options": [],
        "threshold": None,
        "judged_by": JudgedBy.PERSON,
        "rule": {},
    } | content
    with pytest.raises((CriterionCannotBeAnswered, RuleIsNotUnderstood)):
        check_content(**whole)
