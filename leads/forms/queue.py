"""What a person says of the lead in front of them in the queue.

A form may have waited in the browser until the network came back: it says how long, and whose it is.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.choices import choices
from funnels.rules.moves import OUTCOME_LABELS, Outcome
from leads.forms.acts import LoseForm, ReasonsField, note_field
from leads.forms.judging import JudgeForm
from leads.models import Lead
from leads.queries.queue_shown import Desk
from leads.rules.facts import TOUCH_CHANNEL_LABELS, TOUCH_RESULT_LABELS, TouchChannel, TouchResult

LONGEST_WAIT = 14 * 24 * 3600  # seconds a form may have waited for the network
LONGEST_SPENT = 3600  # a lead left open over lunch says nothing about how long it took
RESULTS = (
    TouchResult.REACHED,
    TouchResult.NO_ANSWER,
    TouchResult.BUSY,
    TouchResult.SENT,
    TouchResult.WRONG_PERSON,
    TouchResult.NUMBER_DOES_NOT_EXIST,
    TouchResult.BOUNCED,
)


class WhoseForm(forms.Form):
    """Whether a form is this person's: somebody else may have signed in since it was filled in."""

    person = forms.IntegerField(required=False)

    def __init__(self, data: Mapping[str, Any], *, actor: User) -> None:
        super().__init__(data)
        self._actor = actor

    def clean_person(self) -> int | None:
        """Refuse what somebody else has filled in; only they may send it."""
        told = cast("int | None", self.cleaned_data["person"])
        if told is not None and told != self._actor.pk:
            raise ValidationError(
                _("This was filled in by somebody else, who has to sign in to send it."), code="another_person"
            )
        return told


class SentLater(forms.Form):
    """What every form of the queue carries: who filled it in, and how many seconds ago."""

    person = forms.IntegerField(widget=forms.HiddenInput, required=False)
    waited = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=LONGEST_WAIT)

    def happened_at(self, *, at: datetime) -> datetime | None:
        """Tell when it was done, if it waited before it was sent."""
        waited = self.cleaned_data["waited"]
        return at - timedelta(seconds=waited) if waited else None


class QueueJudgeForm(SentLater, JudgeForm):
    """Answers to the criteria; `seen` and `outcome` are the judgement in force and the state when they were asked."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(
        widget=forms.HiddenInput, required=False, choices=choices(Outcome, OUTCOME_LABELS), initial=Outcome.OPEN.value
    )
    seconds_spent = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, data: Mapping[str, Any] | None = None, *, desk: Desk, actor: User) -> None:
        super().__init__(data, questions=desk.card.questions, kinds=desk.kinds)
        self.initial.update(person=actor.pk, seen=desk.seen, outcome=desk.lead.outcome)
        self.fields["occurred_at"].widget = forms.HiddenInput()

    @classmethod
    def again(cls, refused: "QueueJudgeForm", *, desk: Desk, actor: User) -> "QueueJudgeForm":
        """Ask once more with what was typed and what is wrong with it, of the lead as it is now."""
        data = dict(refused.data.items())
        data |= {"seen": "" if desk.seen is None else str(desk.seen), "outcome": desk.lead.outcome}
        form = cls(data, desk=desk, actor=actor)
        for name, errors in refused.errors.as_data().items():
            if name not in form.errors:
                form.add_error(None if name == NON_FIELD_ERRORS else name, ValidationError(errors))
        return form

    def values(self, *, at: datetime) -> dict[str, Any]:
        """Return the fields as the operation takes them."""
        told = self.cleaned_data
        spent = told["seconds_spent"]
        return {
            "answers": self.answers(),
            "seen": told["seen"],
            "outcome": told["outcome"] or Outcome.OPEN,
            "note": told["note"],
            "request_id": told["request_id"],
            "occurred_at": told["occurred_at"] or self.happened_at(at=at),
            "seconds_spent": min(spent, LONGEST_SPENT) if spent is not None else None,
        }


class QueueTouchForm(SentLater):
    """One attempt to reach the person."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    channel = forms.ChoiceField(
        label=_("How"), choices=choices(TouchChannel, TOUCH_CHANNEL_LABELS), initial=TouchChannel.CALL.value
    )
    result = forms.ChoiceField(label=_("Result"), choices=choices(TouchResult, TOUCH_RESULT_LABELS))
    note = note_field(_("Note"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, actor: User) -> None:
        super().__init__(data, auto_id="call_%s", initial={"person": actor.pk})

    @property
    def results(self) -> list[tuple[str, Any]]:
        """The results in the order of their keys."""
        return [(result.value, TOUCH_RESULT_LABELS[result]) for result in RESULTS]

    def values(self, *, at: datetime) -> dict[str, Any]:
        """Return the fields as the operation takes them."""
        told = self.cleaned_data
        return {
            "channel": TouchChannel(told["channel"]),
            "result": TouchResult(told["result"]),
            "note": told["note"],
            "request_id": cast(UUID, told["request_id"]),
            "occurred_at": self.happened_at(at=at),
        }


class QueueLoseForm(SentLater, LoseForm):
    """Why it is lost, in the reasons of its stage; `seen` is the judgement that was in force when they were asked."""

    reasons = ReasonsField(label=_("Why"), required=False, widget=forms.CheckboxSelectMultiple)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, desk: Desk, actor: User) -> None:
        initial = {"person": actor.pk, "seen": desk.seen}
        super().__init__(data, offered=desk.reasons, auto_id="lose_%s", initial=initial)

    @property
    def numbered(self) -> list[tuple[Any, list[tuple[str, Any, bool]]]]:
        """The reasons by side, each with the key that ticks it: 1 to 9, and nothing beyond.

        0 is the last that needs a note, which is "other": under the same key at every stage.
        """
        shown = [reason for _label, reasons in self.sides for reason, _is_ticked in reasons]
        other = next((reason for reason in reversed(shown) if reason.needs_note), None)
        keys = {reason.pk: str(number) for number, reason in enumerate((one for one in shown if one != other), 1)}
        keys = {pk: key for pk, key in keys.items() if len(key) == 1} | ({other.pk: "0"} if other else {})
        return [
            (label, [(keys.get(reason.pk, ""), reason, is_ticked) for reason, is_ticked in reasons])
            for label, reasons in self.sides
        ]

    def values(self, *, at: datetime) -> dict[str, Any]:
        """Return the fields as the operation takes them."""
        told = self.cleaned_data
        return {
            "reasons": told["reasons"],
            "seen": told["seen"],
            "note": told["note"],
            "occurred_at": self.happened_at(at=at),
        }


class UndoForm(forms.Form):
    """Which act is undone; the last one, when none is named."""

    act = forms.CharField(max_length=40, required=False)


class BesidesForm(forms.Form):
    """Which leads the person has in front of them already."""

    besides = forms.CharField(required=False, max_length=4000)

    def clean_besides(self) -> list[UUID]:
        """Read the codes; what is none names nothing."""
        found = []
        for code in str(self.cleaned_data["besides"]).split():
            try:
                found.append(Lead.id_from_code(code))
            except ValueError:
                continue
        return found
