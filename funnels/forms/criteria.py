"""A criterion as people word it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.rules.choices import choices
from funnels.models import CriterionVersion, Funnel, Stage
from funnels.operations.dictionaries import CriterionContent
from funnels.queries import stages_of
from funnels.rules.codes import code_of
from funnels.rules.criteria import (
    ANSWER_TYPE_LABELS,
    EVIDENCE_LABELS,
    JUDGED_BY_LABELS,
    RULE_KEYS,
    AnswerType,
    Comparison,
    EvidenceRule,
    JudgedBy,
    RuleKind,
    comparison_of,
)

COMPARISON_LABELS = {
    Comparison.AT_LEAST: _("At least the threshold"),
    Comparison.AT_MOST: _("At most the threshold"),
}
RULE_LABELS = {
    RuleKind.PHONE_VALID: _("The phone number is possible"),
    RuleKind.EMAIL_VALID: _("The e-mail address is possible"),
    RuleKind.FIELD_IN_LIST: _("A field is in the list"),
    RuleKind.NUMBER_AT_LEAST: _("A field is at least the threshold"),
    RuleKind.REGION_IN_LIST: _("The region is in the list"),
}
MET, FAILED = "options_met", "options_failed"
SAID = ("name", "failed_name", "wording", "example_met", "example_failed", "is_blocking", "threshold", "unit")


def _text(label: Any, *, required: bool = False, rows: int = 2, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=2000, widget=widget, help_text=help_text)


class CriterionForm(forms.Form):
    """Everything one version of a criterion says."""

    name = forms.CharField(
        label=pgettext_lazy("a rule", "Name"), max_length=150, help_text=_("The question in two words.")
    )
    failed_name = forms.CharField(
        label=_("What a failed one is called"), max_length=150, help_text=_("The board says it: “No budget”.")
    )
    wording = _text(_("How to ask and decide"), required=True, rows=3)
    example_met = _text(_("Example: met"))
    example_failed = _text(_("Example: not met"))
    is_blocking = forms.BooleanField(label=_("Blocking: without it a lead is not target"), required=False, initial=True)
    answer_type = forms.ChoiceField(label=_("Answer"), choices=choices(AnswerType, ANSWER_TYPE_LABELS))
    threshold = forms.DecimalField(label=_("Threshold"), required=False, max_digits=14, decimal_places=2, localize=True)
    comparison = forms.ChoiceField(
        label=_("Met when"), choices=choices(Comparison, COMPARISON_LABELS), initial=Comparison.AT_LEAST.value
    )
    unit = forms.CharField(label=_("Unit"), max_length=32, required=False, help_text=_("₽, people, days"))
    options_met = _text(_("Answers that are met"), help_text=_("For a choice from a list: one a line."))
    options_failed = _text(_("Answers that are not met"), help_text=_("For a choice from a list: one a line."))
    evidence = forms.ChoiceField(
        label=_("Evidence for “not met”"), choices=choices(EvidenceRule, EVIDENCE_LABELS), required=False
    )
    answerable_at = forms.ChoiceField(
        label=_("Can be answered from stage"), required=False, help_text=_("Before it nobody is expected to know.")
    )
    judged_by = forms.ChoiceField(label=_("Judged by"), choices=choices(JudgedBy, JUDGED_BY_LABELS))
    rule_kind = forms.ChoiceField(label=_("Rule"), choices=[("", "—"), *choices(RuleKind, RULE_LABELS)], required=False)
    rule_field = forms.CharField(
        label=_("Field the rule looks at"), max_length=64, required=False, help_text=_("As the form sends it: budget")
    )
    rule_values = _text(_("The list"), help_text=_("One a line."))

    groups = (
        (_("The question"), ("name", "failed_name", "wording", "example_met", "example_failed", "is_blocking")),
        (_("The answer"), ("answer_type", "threshold", "comparison", "unit", MET, FAILED)),
        (_("Who answers and how it is proven"), ("evidence", "answerable_at", "judged_by")),
        (_("For a rule"), ("rule_kind", "rule_field", "rule_values")),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, funnel: Funnel, version: CriterionVersion | None = None
    ) -> None:
        super().__init__(data, initial=_initial(version))
        self._version = version
        self._stages = {stage.code: stage for stage in stages_of(funnel=funnel)}
        if version is not None and version.answerable_at is not None:
            self._stages.setdefault(version.answerable_at.code, version.answerable_at)
        named = [(code, stage.name) for code, stage in self._stages.items()]
        cast(forms.ChoiceField, self.fields["answerable_at"]).choices = [("", "—"), *named]

    def grouped(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Lay the fields out under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.groups]

    def from_stage(self) -> Stage | None:
        """Return the stage from which it can be answered."""
        return self._stages.get(self.cleaned_data["answerable_at"])

    def content(self) -> CriterionContent:
        """Return it as the operation takes it; what the chosen kind of answer does not use is not kept."""
        told = self.cleaned_data
        kind, judged_by = AnswerType(told["answer_type"]), JudgedBy(told["judged_by"])
        is_number = kind == AnswerType.NUMBER
        said = {name: told[name] for name in SAID}
        return CriterionContent(
            **said | {"threshold": told["threshold"] if is_number else None, "unit": told["unit"] if is_number else ""},
            evidence=EvidenceRule(told["evidence"] or EvidenceRule.NONE),
            answer_type=kind,
            options=self._options() if kind == AnswerType.CHOICE else [],
            judged_by=judged_by,
            rule=self._rule(is_number=is_number, by_rule=judged_by == JudgedBy.RULE),
        )

    def _options(self) -> list[dict[str, object]]:
        """Read the lists of answers; an answer that was there keeps the value integrations send."""
        known = (
            {str(option["label"]): str(option["value"]) for option in self._version.options} if self._version else {}
        )
        taken = set(known.values())
        found: list[dict[str, object]] = []
        for name, met in ((MET, True), (FAILED, False)):
            for label in _lines(self.cleaned_data[name]):
                value = known.get(label) or code_of(name=label, taken=taken)
                taken.add(value)
                found.append({"value": value, "label": label, "met": met})
        return found

    def _rule(self, *, is_number: bool, by_rule: bool) -> dict[str, object]:
        told = self.cleaned_data
        rule: dict[str, object] = {}
        if is_number and told["comparison"] == Comparison.AT_MOST:
            rule["operator"] = Comparison.AT_MOST.value
        if not by_rule or not told["rule_kind"]:
            return rule
        rule["kind"] = told["rule_kind"]
        parts: dict[str, object] = {
            "field": told["rule_field"],
            "values": _lines(told["rule_values"]),
            "threshold": str(told["threshold"] or ""),
        }
        return rule | {name: parts[name] for name in sorted(RULE_KEYS[RuleKind(told["rule_kind"])])}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _initial(version: CriterionVersion | None) -> dict[str, Any]:
    if version is None:
        return {}
    rule = version.rule
    values = rule.get("values", [])
    return {
        **{name: getattr(version, name) for name in (*SAID, "answer_type", "evidence", "judged_by")},
        "comparison": comparison_of(rule=rule).value,
        MET: _labels(version.options, met=True),
        FAILED: _labels(version.options, met=False),
        "answerable_at": version.answerable_at.code if version.answerable_at else "",
        "rule_kind": rule.get("kind", ""),
        "rule_field": rule.get("field", ""),
        "rule_values": "\n".join(str(value) for value in values) if isinstance(values, list) else "",
        "threshold": version.threshold if version.threshold is not None else rule.get("threshold"),
    }


def _labels(options: Sequence[Mapping[str, object]], *, met: bool) -> str:
    return "\n".join(str(option["label"]) for option in options if bool(option["met"]) is met)
