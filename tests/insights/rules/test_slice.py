"""The question behind a number: written into a URL, read back, and refused when mistyped."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.errors import DomainError
from funnels.rules.verdict import Verdict
from insights.rules import pick as picks
from insights.rules.pick import Kind, Pick, Timing
from insights.rules.slice import Attribution, GroupBy, Slice, UnknownParameter, UnknownValue, parse

ZONE = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 9, 9)
DEFAULT = Slice(funnel="sales", from_on=date(2026, 6, 22), to_on=date(2026, 9, 13), age=7)

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
many = st.lists(words, max_size=3, unique=True).map(tuple)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
slices = st.builds(
    lambda bounds, **rest: Slice(from_on=bounds[0], to_on=bounds[1], **rest),
    bounds=st.one_of(st.just((None, None)), st.tuples(days, days).map(sorted), st.tuples(days, st.none())),
    funnel=words,
    age=st.none() | st.integers(1, 365),
    as_of=st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    restated=st.booleans(),
    attribution=st.sampled_from(Attribution),
    sources=many,
    campaigns=many,
    segments=many,
    owners=many,
)


def _parse(query: dict[str, list[str]], default: Slice = DEFAULT) -> Slice:
    return parse(query, default=default, today=TODAY, zone=ZONE)


@given(slices)
def test_what_is_written_is_read_back_whatever_the_defaults(asked: Slice) -> None:
    assert _parse(asked.to_query()) == asked


def test_nothing_said_is_the_default() -> None:
    assert _parse({}) == DEFAULT
    assert _parse({"age": [""], "source": [""], "from": [""]}) == DEFAULT


def test_naming_one_bound_forgets_both_defaults() -> None:
    found = _parse({"from": ["2026-01-01"]})
    assert (found.from_on, found.to_on) == (date(2026, 1, 1), None)


@pytest.mark.parametrize(
    ("period", "bounds"),
    [
        ("all", (None, None)),
        ("1w", (date(2026, 9, 7), date(2026, 9, 13))),
        ("2w", (date(2026, 8, 31), date(2026, 9, 13))),
    ],
)
def test_named_periods(period: str, bounds: tuple[date | None, date | None]) -> None:
    found = _parse({"period": [period]})
    assert (found.from_on, found.to_on) == bounds


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("2026-09-14", datetime(2026, 9, 13, 21, tzinfo=UTC)),
        ("2026-09-14T00:00", datetime(2026, 9, 13, 21, tzinfo=UTC)),
        ("2026-09-14T10:30:00", datetime(2026, 9, 14, 7, 30, tzinfo=UTC)),
        ("2026-09-14T10:30:00Z", datetime(2026, 9, 14, 10, 30, tzinfo=UTC)),
        ("2026-09-14T10:30:00+05:00", datetime(2026, 9, 14, 5, 30, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_the_organisations(said: str, instant: datetime) -> None:
    assert _parse({"as_of": [said]}).as_of == instant


def test_an_unknown_parameter_is_refused_by_name() -> None:
    with pytest.raises(UnknownParameter) as refusal:
        _parse({"sorce": ["google"]})
    assert refusal.value.field == "sorce"
    assert "sorce" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attribution", "linear"),
        ("age", "seven"), ("age", "0"), ("age", "-7"), ("age", "7.5"), ("age", "99999"), ("age", "٧"),
        ("from", "yesterday"), ("to", "2026-02-30"), ("from", "0001-01-01"), ("to", "9999-12-31"),
        ("as_of", "soon"), ("as_of", "0001-01-01T00:00:00+14:00"),
        ("period", "month"), ("period", "0w"), ("period", "9999w"), ("period", "w"),
    ],
)  # fmt: skip
def test_a_value_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(UnknownValue) as refusal:
        _parse({name: [value]})
    assert refusal.value.field == name


@pytest.mark.parametrize(
    "query",
    [
        {"from": ["2026-02-01"], "to": ["2026-01-01"]},
        {"period": ["all"], "from": ["2026-01-01"]},
        {"age": ["7", "28"]},
        {"funnel": ["a", "b"]},
    ],
)
def test_contradictions_are_refused(query: dict[str, list[str]]) -> None:
    with pytest.raises(DomainError):
        _parse(query)


def test_the_same_question_about_the_period_before() -> None:
    before = DEFAULT.previous
    assert before == Slice(funnel="sales", from_on=date(2026, 3, 30), to_on=date(2026, 6, 21), age=7)
    assert Slice(funnel="sales").previous is None


groups = (
    st.none() | st.tuples(st.sampled_from([GroupBy.SOURCE, GroupBy.OWNER]), words) | st.just((GroupBy.WEEK, "2026-W36"))
)
decided = st.sampled_from([Verdict.TARGET, Verdict.NON_TARGET])
# What holds together; the rest is refused, as tests of the drill-down say.
pick_strategy = st.one_of(
    st.builds(Pick, kind=st.sampled_from(Kind), group=groups),
    st.builds(Pick, verdict=st.sampled_from(Verdict), group=groups),
    st.builds(Pick, decided=st.just(True), verdict=st.none() | decided, assessed=st.none() | words, group=groups),
    st.builds(Pick, timing=st.sampled_from(Timing), verdict=st.none() | st.just(Verdict.UNDECIDED), group=groups),
    st.builds(Pick, criterion=words, sole=st.booleans(), assessed=st.none() | words, group=groups),
)


@given(pick_strategy)
def test_a_pick_is_read_back_from_beside_the_slice(pick: Pick) -> None:
    of_slice, of_pick = picks.split({**DEFAULT.to_query(), **pick.to_query()})
    assert _parse({name: list(values) for name, values in of_slice.items()}) == DEFAULT
    assert picks.parse(of_pick) == pick


def test_a_sole_cause_is_read_back() -> None:
    pick = Pick(criterion="need", sole=True)
    assert picks.parse(pick.to_query()) == pick


@pytest.mark.parametrize(
    "query",
    [
        {"kind": ["spam"]},
        {"verdict": ["TARGET"]},
        {"timing": ["late"]},
        {"sole": ["1"]},
        {"decided": ["yes"]},
        {"in_week": ["2026-W60"]},
        {"in_week": ["2026-W36"], "in_source": ["google"]},
        {"criterion": ["a", "b"]},
    ],
)
def test_a_mistyped_pick_is_refused(query: dict[str, list[str]]) -> None:
    with pytest.raises(UnknownValue):
        picks.parse(query)
