"""A file as a person brings it, and what they say of it."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnels.models import Funnel
from funnels.queries import funnels_in_use
from leads.forms.import_labels import COLUMN_CHOICES, DATE_FORMATS, DELIMITERS, ENCODINGS
from leads.intake.limits import MAXIMUM_BYTES
from leads.models import ImportDraft
from leads.operations.imports.drafts import Reading
from leads.operations.imports.words import Vocabularies
from leads.queries.imports import Look
from leads.queries.known_sources import sources_in_use

FILE_TYPES = ".csv,.tsv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALWAYS = "always_"


class UploadForm(forms.Form):
    """Which file, and what the file itself does not say."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    file = forms.FileField(label=_("File"), widget=forms.FileInput(attrs={"accept": FILE_TYPES}))
    funnel = forms.ChoiceField(label=_("Funnel"))
    source = forms.CharField(
        label=_("Source"),
        max_length=100,
        required=False,
        help_text=_("For rows that name none. The next file of this source comes with what you say of this one."),
        widget=forms.TextInput(attrs={"list": "known-sources", "autocomplete": "off"}),
    )
    arrived_at = forms.DateTimeField(
        label=_("Came at"),
        required=False,
        help_text=_("For rows without a date of their own. Empty means now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, files: Any = None) -> None:
        super().__init__(data, files)
        self._funnels = {funnel.code: funnel for funnel in funnels_in_use()}
        choices = [(code, funnel.name) for code, funnel in self._funnels.items()]
        funnel = cast(forms.ChoiceField, self.fields["funnel"])
        funnel.choices = choices
        if not self.asks_for_funnel:
            funnel.widget, funnel.initial = forms.HiddenInput(), next(iter(self._funnels), "")
        self.sources = [source.name for source in sources_in_use()]

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse what is too big before it is read."""
        file = cast("UploadedFile[bytes]", self.cleaned_data["file"])
        if (file.size or 0) > MAXIMUM_BYTES:
            message = format_lazy(
                _("The file is larger than {limit} MB. Split it into parts."), limit=MAXIMUM_BYTES // 1_000_000
            )
            raise ValidationError(message, code="file_too_big")
        return file

    @property
    def funnel_chosen(self) -> Funnel:
        """The funnel the leads go into."""
        return self._funnels[self.cleaned_data["funnel"]]

    @property
    def has_funnels(self) -> bool:
        """Whether there is one at all: without, no lead can come in."""
        return bool(self._funnels)

    @property
    def asks_for_funnel(self) -> bool:
        """Whether there is more than one to choose from."""
        return len(self._funnels) > 1

    def values(self) -> dict[str, Any]:
        """Return the fields as the operation takes them."""
        told, file = self.cleaned_data, cast("UploadedFile[bytes]", self.cleaned_data["file"])
        return {
            "content": file.read(),
            "file_name": file.name or "",
            "request_id": told["request_id"],
            "funnel": self.funnel_chosen,
            "source": " ".join(told["source"].split()),
            "arrived_at": told["arrived_at"],
        }


class FileForm(forms.Form):
    """How a file is to be read."""

    encoding = forms.ChoiceField(label=_("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, required=False)
    page = forms.ChoiceField(label=_("Sheet"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, draft: ImportDraft) -> None:
        shown = {"encoding": draft.encoding, "delimiter": draft.delimiter, "page": draft.page}
        super().__init__(data, initial=shown)
        encodings = dict(ENCODINGS)
        encodings.setdefault(draft.encoding, draft.encoding)
        cast(forms.ChoiceField, self.fields["encoding"]).choices = list(encodings.items())
        cast(forms.ChoiceField, self.fields["page"]).choices = [(name, name) for name in draft.pages]
        for name in ("encoding", "delimiter") if draft.kind == "xlsx" else ("page",):
            del self.fields[name]

    def reading(self) -> Reading:
        """Return it as the operation takes it."""
        return Reading(**self.cleaned_data)


class ColumnsForm(forms.Form):
    """What every column holds."""

    date_format = forms.ChoiceField(label=_("How dates are written"), choices=DATE_FORMATS, required=False)
    empty_words = forms.CharField(
        label=_("Values that mean nothing"),
        required=False,
        max_length=500,
        help_text=_("With commas between: “-, n/a, Select”."),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, draft: ImportDraft, samples: Mapping[str, Any]
    ) -> None:
        initial = {"date_format": draft.date_format, "empty_words": ", ".join(draft.empty_words)}
        super().__init__(data, initial=initial)
        self.columns = list(draft.columns)
        self.samples = samples
        for number, name in enumerate(self.columns):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=name, choices=COLUMN_CHOICES, required=False, initial=draft.column_meanings.get(name, "")
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, Sequence[str]]]:
        """List the columns with what stands in them."""
        return [
            (self[f"column_{number}"], list(dict.fromkeys(self.samples[name]))[:3])
            for number, name in enumerate(self.columns)
        ]

    @property
    def settings(self) -> list[forms.BoundField]:
        """List what is asked of the file as a whole."""
        return [self["date_format"], self["empty_words"]]

    def values(self) -> dict[str, Any]:
        """Return it as the operation takes it."""
        told = self.cleaned_data
        return {
            "meanings": {name: told[f"column_{number}"] for number, name in enumerate(self.columns)},
            "empty_words": [word.strip() for word in told["empty_words"].split(",") if word.strip()],
            "date_format": told["date_format"],
        }


class LookForm(forms.Form):
    """What the page that looks on saw before: it brings it back, so that nobody has to remember it."""

    done = forms.IntegerField(min_value=0)
    moved_at = forms.DateTimeField()

    def look(self) -> Look:
        """Return it as the query takes it."""
        return Look(**self.cleaned_data)


class WordsForm(forms.Form):
    """What every word of a file means."""

    rest_is_ignored = forms.BooleanField(label=_("What is not chosen is ignored"), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, draft: ImportDraft, vocabularies: Vocabularies
    ) -> None:
        super().__init__(data)
        self._draft = draft
        self._choices = _choices(vocabularies)
        self._order: dict[tuple[str, int], str] = {}
        for key, words in draft.word_meanings.items():
            for number, (word, told) in enumerate(words.items()):
                self._order[key, number] = word
                self._add(key, number, word, told)

    def _add(self, key: str, number: int, word: str, told: Mapping[str, Any]) -> None:
        for name in ("means", "also", "lost") if key == "tag" else ("to",):
            self.fields[f"{key}_{number}_{name}"] = forms.ChoiceField(
                label=ASKED[name],
                choices=self._choices[name if key == "tag" else key],
                required=False,
                initial=_shown(key, name, told),
            )
        if key == "source":
            self.fields[f"{key}_{number}_{ALWAYS}"] = forms.BooleanField(
                label=_("always, in every import"), required=False, initial=bool(told.get("always"))
            )

    def groups(self) -> list[tuple[str, str, list[dict[str, Any]]]]:
        """List the words by what they are words of, each with its fields and its number of rows."""
        by_key = {key: column for column, key in self._draft.column_meanings.items()}
        return [
            (
                key,
                by_key.get(key, key),
                [self._row(key, number, word, told) for number, (word, told) in enumerate(words.items())],
            )
            for key, words in self._draft.word_meanings.items()
        ]

    def _row(self, key: str, number: int, word: str, told: Mapping[str, Any]) -> dict[str, Any]:
        start = f"{key}_{number}_"
        fields = [self[name] for name in self.fields if name.startswith(start)]
        return {"word": word, "count": told["count"], "fields": fields}

    def clean(self) -> None:
        """Ask about every word that would otherwise be lost in silence."""
        if self.cleaned_data.get("rest_is_ignored"):
            return
        for (key, number), _word in self._order.items():
            name = f"{key}_{number}_{'means' if key == 'tag' else 'to'}"
            if self.cleaned_data.get(name) == _UNSAID and key != "source":
                self.add_error(name, ValidationError(_("Choose what it means, or “ignore”."), code="required"))

    def told(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return it as the operation takes it."""
        said: dict[str, dict[str, dict[str, Any]]] = {}
        for (key, number), word in self._order.items():
            said.setdefault(key, {})[word] = self._said(key, f"{key}_{number}_")
        return said

    def _said(self, key: str, start: str) -> dict[str, Any]:
        told = self.cleaned_data
        if key == "tag":
            means = told[f"{start}means"]
            lost = told[f"{start}lost"]
            return {"means": _NOTHING if means == _UNSAID else means, "also": told[f"{start}also"], "lost": lost}
        to = told[f"{start}to"]
        if key == "source":
            code = None if to == _UNSAID else "" if to == _IGNORED else to
            return {"to": code, "always": told[f"{start}{ALWAYS}"]}
        return {"to": "" if to in (_UNSAID, _IGNORED) else to}


_UNSAID, _IGNORED, _NOTHING = "?", "-", "nothing"
ASKED = {"means": _("means"), "also": _("and also"), "lost": _("lost because"), "to": _("is")}


def _shown(key: str, name: str, told: Mapping[str, Any]) -> str:
    value = told.get(name)
    if key == "tag":
        return value or (_UNSAID if name == "means" else "")
    return _UNSAID if value is None else value or _IGNORED


def _choices(known: Vocabularies) -> dict[str, list[tuple[Any, Any]]]:
    unsaid = (_UNSAID, _("— choose —"))
    ignored = (_IGNORED, _("ignore"))
    criteria: list[tuple[Any, Any]] = [
        (_("Not met"), [(f"fails:{code}", f"✕ {name}") for code, name in known.failures.items()]),
        (_("Met"), [(f"meets:{code}", f"✓ {name}") for code, name in known.criteria.items()]),
    ]
    others = [("touch:no_answer", _("no answer to a call")), ("test", _("a test, not a lead"))]
    return {
        "means": [
            unsaid,
            (_NOTHING, _("ignore")),
            ("target", pgettext_lazy("a lead", "Target")),
            *criteria,
            (_("Other"), others),
        ],
        "also": [("", _("nothing more")), *criteria, (_("Other"), others)],
        "lost": [("", _("not lost")), *known.reasons.items()],
        "source": [(_UNSAID, _("a new source of this name")), ignored, *known.sources.items()],
        "owner": [(_IGNORED, _("nobody yet")), *known.people.items()],
        "stage": [unsaid, (_IGNORED, _("the first stage")), *known.stages.items()],
        "lost_reason": [unsaid, ignored, *known.reasons.items()],
        "won": [unsaid, ignored, ("yes", _("won")), ("no", _("not won"))],
    }
