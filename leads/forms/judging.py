"""The criteria of a lead as a form: one question a row, with the answer in force already chosen."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.rules.choices import choices
from crm.rules.errors import DomainError
from funnels.queries import CriterionInForce
from funnels.rules.criteria import AnswerType, EvidenceRule, Result
from leads.forms.acts import note_field, when_field
from leads.queries.card import Question
from leads.rules.answers import Answer
from leads.rules.facts import EVIDENCE_LABELS, AssessmentKind, Evidence

KIND_LABELS = {
    AssessmentKind.ASSESS: _("More answers"),
    AssessmentKind.CHANGE: _("Change: the facts are different now"),
    AssessmentKind.CORRECT: _("Correction: the judgement was wrong"),
}
RESULTS = (
    (Result.NOT_ASKED.value, _("not asked")),
    (Result.MET.value, _("met")),
    (Result.FAILED.value, _("not met")),
    (Result.UNKNOWN.value, _("unclear")),
)
ANSWER, OBSERVED, EVIDENCE, REFERENCE = "answer", "observed", "evidence", "reference"
PARTS = (ANSWER, OBSERVED, EVIDENCE, REFERENCE)


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion on the page."""

    criterion: CriterionInForce
    field: forms.BoundField
    details: Sequence[forms.BoundField]
    is_carried: bool

    @property
    def shown_before(self) -> str:
        """The answer the person was shown, so that only what they change is taken from them.

        One that is carried over from an older definition was not said under this: they say it by saving what they see.
        """
        if self.is_carried:
            return self.field.field.hidden_widget().render(self.field.html_initial_name, Result.NOT_ASKED.value)
        return str(self.field.as_hidden(only_initial=True))

    @property
    def radios(self) -> list[tuple[str, Any, bool]]:
        """Each possible answer with its words, and whether it is chosen."""
        chosen = self.field.value()
        return [(value, label, value == chosen) for value, label in RESULTS]


class JudgeForm(forms.Form):
    """One act of judging. Only answers the person changed are passed on: two people judging at once lose nothing."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    note = note_field(_("Note"))
    occurred_at = when_field()

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        questions: Sequence[Question],
        kinds: Sequence[AssessmentKind],
    ) -> None:
        super().__init__(data, initial=_initial(questions))
        self.questions = questions
        self.kinds = tuple(kinds)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What is this judgement?"),
            # Any of them is taken: a form sent twice, or after somebody else's, is for the operation to answer.
            choices=[(kind.value, label) for kind, label in KIND_LABELS.items()],
            initial=AssessmentKind.ASSESS.value if AssessmentKind.ASSESS in self.kinds else None,
        )
        for question in questions:
            self.fields.update(_fields(question.criterion))

    @property
    def kinds_offered(self) -> list[tuple[str, Any, bool]]:
        """The kinds that make sense now with their words, and whether each is chosen."""
        chosen = self["kind"].value()
        return [(kind.value, KIND_LABELS[kind], kind.value == chosen) for kind in self.kinds]

    @property
    def rows(self) -> list[Row]:
        """The criteria in the order they are asked."""
        return [self._row(question) for question in self.questions]

    def _row(self, question: Question) -> Row:
        criterion = question.criterion
        names = [_named(part, criterion.code) for part in (OBSERVED, EVIDENCE, REFERENCE)]
        details = [self[name] for name in names if name in self.fields]
        return Row(criterion, self[_named(ANSWER, criterion.code)], details, question.is_carried)

    def answers(self) -> dict[str, Answer]:
        """Return the answers that were changed, by the criterion's code."""
        changed = set(self.changed_data)
        return {
            question.criterion.code: self._answer(question.criterion.code)
            for question in self.questions
            if any(_named(part, question.criterion.code) in changed for part in PARTS)
        }

    def _answer(self, code: str) -> Answer:
        told = {part: self.cleaned_data.get(_named(part, code)) or "" for part in PARTS}
        result: Result | None = Result(told[ANSWER] or Result.NOT_ASKED)
        if result == Result.NOT_ASKED and told[OBSERVED] and _named(ANSWER, code) not in self.changed_data:
            result = None  # a value was typed and no answer chosen: the value decides
        return Answer(
            result=result,
            observed_value=told[OBSERVED],
            evidence=Evidence(told[EVIDENCE]),
            evidence_ref=told[REFERENCE],
        )

    @contextmanager
    def refusals_beside_their_answers(self) -> Iterator[None]:
        """Let a refusal that names a criterion be shown at its row."""
        try:
            yield
        except DomainError as refusal:
            if refusal.field in {question.criterion.code for question in self.questions}:
                refusal.field = _named(ANSWER, str(refusal.field))
            raise


def _named(part: str, code: str) -> str:
    """Keep criteria's fields apart from the form's own, whatever the criteria are called."""
    return f"{part}-{code}"


def _fields(criterion: CriterionInForce) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {
        ANSWER: forms.ChoiceField(label=criterion.name, choices=RESULTS, required=False, show_hidden_initial=True)
    }
    if criterion.answer_type != AnswerType.YES_NO:
        fields[OBSERVED] = _observed(criterion)
    if criterion.evidence == EvidenceRule.UNREACHABLE:
        fields[EVIDENCE] = forms.ChoiceField(
            label=_("Rests on"), required=False, choices=choices(Evidence, EVIDENCE_LABELS), show_hidden_initial=True
        )
    if criterion.evidence != EvidenceRule.NONE:
        fields[REFERENCE] = forms.CharField(
            label=_("Confirmed by"), required=False, max_length=200, show_hidden_initial=True
        )
    return {_named(part, criterion.code): field for part, field in fields.items()}


def _observed(criterion: CriterionInForce) -> forms.Field:
    if criterion.answer_type == AnswerType.CHOICE:
        options = [(str(option["value"]), str(option["label"])) for option in criterion.options]
        return forms.ChoiceField(
            label=_("Answer"), required=False, choices=[("", "—"), *options], show_hidden_initial=True
        )
    return forms.CharField(
        label=_("Named"),
        required=False,
        max_length=200,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 12}),
        help_text=criterion.unit,
    )


def _initial(questions: Sequence[Question]) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for question in questions:
        answer, code = question.answer or Answer(Result.NOT_ASKED), question.criterion.code
        values = (answer.said.value, answer.observed_value, answer.evidence.value, answer.evidence_ref)
        initial.update({_named(part, code): value for part, value in zip(PARTS, values, strict=True)})
    return initial
