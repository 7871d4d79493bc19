"""A difference between two definitions, in words: what changes, and what that means for leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.rules import formats
from funnels.queries.definitions import CriterionInForce
from funnels.queries.overview import Compared
from funnels.rules.criteria import (
    ANSWER_TYPE_LABELS,
    EVIDENCE_LABELS,
    JUDGED_BY_LABELS,
    AnswerType,
    Comparison,
    EvidenceRule,
)
from funnels.rules.differences import Change


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """One change: what it is, from what to what, what it means, and whether verdicts hang on it."""

    what: str
    before: str
    after: str
    means: str
    is_heavy: bool


@dataclass(frozen=True, slots=True)
class RowWords:
    """One criterion of a comparison."""

    name: str
    row: Compared
    changes: Sequence[ChangeWords]

    @property
    def mark(self) -> str:
        """How it is marked: added, removed, changed or same."""
        if self.row.before is None:
            return "added"
        if self.row.after is None:
            return "removed"
        return "changed" if self.changes else "same"


HEAVY = frozenset(
    {Change.ADDED, Change.REMOVED, Change.BLOCKS_NOW, Change.BLOCKS_NO_MORE, Change.THRESHOLD, Change.ANSWER}
)


def rows_in_words(rows: Sequence[Compared]) -> list[RowWords]:
    """Say each difference."""
    return [_row(row) for row in rows]


def threshold_words(criterion: CriterionInForce) -> str:
    """Write a threshold with its side and its unit: “from 40,000 ₽”."""
    if criterion.answer_type != AnswerType.NUMBER or criterion.threshold is None:
        return ""
    words = (
        _("up to %(number)s %(unit)s") if criterion.comparison == Comparison.AT_MOST else _("from %(number)s %(unit)s")
    )
    return (words % {"number": _number(criterion.threshold), "unit": criterion.unit}).rstrip()


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """A criterion as it is asked, and what its codes mean."""

    asked: CriterionInForce
    threshold: str
    answer: str
    evidence: str
    judged_by: str
    options_met: Sequence[str]
    options_failed: Sequence[str]


def criterion_shown(criterion: CriterionInForce) -> CriterionWords:
    """Say what a criterion asks, how it is answered, proven and by whom judged."""
    is_proven = criterion.evidence is not EvidenceRule.NONE
    return CriterionWords(
        asked=criterion,
        threshold=threshold_words(criterion),
        answer=str(ANSWER_TYPE_LABELS[criterion.answer_type]),
        evidence=str(EVIDENCE_LABELS[criterion.evidence]) if is_proven else "",
        judged_by=str(JUDGED_BY_LABELS[criterion.judged_by]),
        options_met=[str(option["label"]) for option in criterion.options if option["met"]],
        options_failed=[str(option["label"]) for option in criterion.options if not option["met"]],
    )


def _row(row: Compared) -> RowWords:
    shown = row.after or row.before
    return RowWords(
        name=shown.name if shown else "",
        row=row,
        changes=[_change(change, row.before, row.after) for change in row.changes],
    )


def _change(change: Change, before: CriterionInForce | None, after: CriterionInForce | None) -> ChangeWords:
    what, means = _said(change, before, after)
    return ChangeWords(
        what=what,
        before=_value(change, before),
        after=_value(change, after),
        means=means,
        is_heavy=change in HEAVY,
    )


def _said(change: Change, before: CriterionInForce | None, after: CriterionInForce | None) -> tuple[str, str]:
    blocks = (after or before).is_blocking if (after or before) else False  # type: ignore[union-attr]
    match change:
        case Change.ADDED if blocks:
            return _("asked now, and blocks"), _("A lead that was not asked it stays undecided until somebody asks.")
        case Change.ADDED:
            return _("asked now, does not block"), _("It is counted; verdicts do not hang on it.")
        case Change.REMOVED if blocks:
            return _("asked no more"), _("New leads are no longer non-target for it; old verdicts stay as they are.")
        case Change.REMOVED:
            return _("asked no more"), _("No verdict hung on it.")
    return _LIGHTER[change]()


_LIGHTER = {
    Change.BLOCKS_NOW: lambda: (
        _("blocks from now on"),
        _("A lead that fails it becomes non-target; one that was not asked stays undecided."),
    ),
    Change.BLOCKS_NO_MORE: lambda: (_("blocks no more"), _("A lead that fails it may still be target.")),
    Change.THRESHOLD: lambda: (
        _("another threshold"),
        _("An answer with a number is judged anew by it; one without a number has to be asked again."),
    ),
    Change.ANSWER: lambda: (
        _("another kind of answer"),
        _("An earlier answer counts only where the value that was written down decides it."),
    ),
    Change.JUDGED_BY: lambda: (_("judged otherwise"), _("An earlier answer has to be given again.")),
    Change.EVIDENCE: lambda: (_("other evidence"), _("From now on “not met” has to be proven so.")),
    Change.WORDING: lambda: (_("other wording"), _("It is another question: an earlier answer does not answer it.")),
    Change.EXAMPLES: lambda: (_("other examples"), _("Answers given stay.")),
    Change.NAME: lambda: (_("another name"), _("Answers given stay.")),
    Change.STAGE: lambda: (_("asked from another stage"), _("Answers given stay.")),
    Change.ORDER: lambda: (_("another place in the order"), _("Answers given stay.")),
}


def _value(change: Change, criterion: CriterionInForce | None) -> str:
    if criterion is None:
        return ""
    match change:
        case Change.THRESHOLD:
            return threshold_words(criterion) or _("no threshold")
        case Change.ANSWER:
            labels = ", ".join(str(option["label"]) for option in criterion.options)
            kind = str(ANSWER_TYPE_LABELS[criterion.answer_type])
            return f"{kind}: {labels}" if labels else kind
        case Change.JUDGED_BY:
            return str(JUDGED_BY_LABELS[criterion.judged_by])
        case Change.EVIDENCE:
            return str(EVIDENCE_LABELS[criterion.evidence])
        case Change.WORDING:
            return criterion.wording
        case Change.EXAMPLES:
            return " / ".join(text for text in (criterion.example_met, criterion.example_failed) if text)
        case Change.NAME:
            return f"{criterion.name} / {criterion.failed_name}"
        case Change.ORDER:
            return str(criterion.position)
    return ""


def _number(value: Decimal) -> str:
    return formats.number(value, 0 if value == value.to_integral_value() else 2)
