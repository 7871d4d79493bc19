"""What to do to many leads: the same questions as on a card, asked once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid4, uuid5

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.permissions import Permission, Reach, reach
from funnels.models import LossReason
from funnels.queries import CriterionInForce
from funnels.rules.criteria import Result
from leads.forms.acts import ReasonsField, note_field
from leads.forms.judging import RESULTS
from leads.operations.bulk import Bulk, BulkAct
from leads.queries.bulk import Offered, StageReasons
from leads.queries.inbox import holders
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind

ACT_LABELS = {
    BulkAct.JUDGE: _("Judge"),
    BulkAct.LOSE: _("Lose"),
    BulkAct.ASSIGN: _("Hand over"),
    BulkAct.MOVE: _("Move"),
}
ANSWER = "answer-"
Radio = tuple[str, Any, bool]
Tick = tuple[str, LossReason, bool]


class ChosenForm(forms.Form):
    """Which leads and what to do: ticked one by one, or everything a list holds."""

    act = forms.ChoiceField(choices=[(act.value, label) for act, label in ACT_LABELS.items()])
    everything = forms.BooleanField(required=False)
    query = forms.CharField(required=False, max_length=2000)
    codes = forms.CharField(required=False)

    def ticked(self) -> list[str]:
        """List the codes that were ticked here, or carried on from the step before; each once, in their order."""
        told = str(self.cleaned_data["codes"]).split() or cast("MultiValueDict[str, str]", self.data).getlist("lead")
        return list(dict.fromkeys(told))


@dataclass(frozen=True, slots=True)
class Question:
    """One criterion on the page."""

    criterion: CriterionInForce
    name: str
    radios: list[Radio]


class BulkForm(forms.Form):
    """The details of one act; which fields there are depends on it."""

    request_id = forms.UUIDField(initial=uuid4)

    def __init__(self, data: Mapping[str, Any] | None = None, *, act: BulkAct, offered: Offered, actor: User) -> None:
        super().__init__(data, auto_id="bulk_%s")
        self.act, self.offered = act, offered
        self.fields |= FIELDS[act](offered, actor)

    @property
    def number(self) -> str:
        """The number of this request: kept from page to page, so that doing it twice is doing it once."""
        return str(self["request_id"].value())

    @property
    def questions(self) -> list[Question]:
        """The criteria with the answers to choose from."""
        return [
            Question(one, ANSWER + one.code, self._radios(ANSWER + one.code, RESULTS)) for one in self.offered.criteria
        ]

    def number_of(self, *, codes: Sequence[str]) -> UUID:
        """Number what is asked for: the page sent twice asks once, sent with something else in it once more."""
        told = {name: getattr(value, "pk", value) for name, value in self.cleaned_data.items()}
        return uuid5(told.pop("request_id"), repr((sorted(told.items()), codes)))

    @property
    def losses(self) -> list[tuple[Any, int, list[Tick]]]:
        """The reasons stage by stage, with how many leads are there and whether each is ticked."""
        ticked = set(self["reasons"].value() or ())
        return [(one.stage, one.leads, _ticks(one, ticked)) for one in self.offered.losses]

    def bulk(self) -> Bulk:
        """Return what to do as the operation takes it."""
        told = self.cleaned_data
        answers = {
            one.code: Answer(Result(told[ANSWER + one.code]))
            for one in self.offered.criteria
            if told.get(ANSWER + one.code) not in (None, "", Result.NOT_ASKED.value)
        }
        everywhere, at_stages = _reasons(told.get("reasons", ()))
        return Bulk(
            act=self.act,
            answers=answers,
            kind=AssessmentKind(told.get("kind") or AssessmentKind.ASSESS),
            reasons=everywhere,
            reasons_at=at_stages,
            owner=told.get("owner"),
            to=told.get("to", ""),
            note=told.get("note", ""),
        )

    def _radios(self, name: str, options: Sequence[tuple[str, Any]]) -> list[Radio]:
        chosen = self[name].value() or options[0][0]
        return [(value, label, value == chosen) for value, label in options]


def _ticks(told: StageReasons, ticked: Collection[str]) -> list[Tick]:
    ticks = [(f"{told.stage.pk}:{reason.code}", reason) for reason in told.reasons]
    return [(value, reason, value in ticked or reason.code in ticked) for value, reason in ticks]


def _reasons(told: Iterable[str]) -> tuple[list[str], dict[int, list[str]]]:
    """Take apart the reasons told of every stage and those told of one, as the page writes them: `7:price`."""
    everywhere: list[str] = []
    at_stages: dict[int, list[str]] = defaultdict(list)
    for value in told:
        stage, _colon, code = value.rpartition(":")
        if stage.isascii() and stage.isdecimal():
            at_stages[int(stage[:18])].append(code)
        else:
            everywhere.append(value)
    return everywhere, dict(at_stages)


def _judging(offered: Offered, _actor: User) -> dict[str, forms.Field]:
    answers: dict[str, forms.Field] = {
        ANSWER + one.code: forms.ChoiceField(label=one.name, choices=RESULTS, required=False)
        for one in offered.criteria
    }
    kinds = [
        (AssessmentKind.ASSESS.value, _("First judgement, or more answers")),
        (AssessmentKind.CHANGE.value, _("Change: the facts are different now")),
    ]
    return {
        **answers,
        "kind": forms.ChoiceField(label=_("What is this judgement?"), choices=kinds, required=False),
        "note": note_field(_("Note")),
    }


def _losing(_offered: Offered, _actor: User) -> dict[str, forms.Field]:
    return {
        "reasons": ReasonsField(label=_("Why"), required=False),
        "note": note_field(_("Note, needed for some reasons")),
    }


def _assigning(_offered: Offered, actor: User) -> dict[str, forms.Field]:
    is_own = reach(actor.role, Permission.EDIT_LEAD) is Reach.OWN
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=holders(actor=actor), required=is_own, empty_label=None if is_own else _("nobody")
    )
    return {"owner": owner}


def _moving(offered: Offered, _actor: User) -> dict[str, forms.Field]:
    stages = [(stage.code, stage.name) for stage in offered.stages]
    return {"to": forms.ChoiceField(label=_("To stage"), choices=stages), "note": note_field(_("Note"))}


FIELDS = {
    BulkAct.JUDGE: _judging,
    BulkAct.LOSE: _losing,
    BulkAct.ASSIGN: _assigning,
    BulkAct.MOVE: _moving,
}
