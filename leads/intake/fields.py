"""What a profile found, corrected by an administrator's field map → an IntakeRow."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from leads.intake import utm as marks
from leads.intake.hook import DIGEST, HookRefused, NobodyAsks, Setup
from leads.intake.payload import Document, clean, names
from leads.intake.row import IntakeRow
from leads.intake.values import read_time

LINES = ("source", "first_source", "last_source", "campaign", "segment", "name", "phone", "email", "company", "owner")
OUR_FIELDS = ("external_id", *LINES, "message", "received_at", "is_test", *marks.NAMES)
ATTRIBUTE = "attributes."
CONSTANT = "="
PERSON = ("name", "phone", "email", "company", "message")
LONGEST_MESSAGE = 10_000
LONGEST_TEXT = 500
MOST_ATTRIBUTES = 100
LONGEST_PATH = 200
UNIX_TIME = re.compile(r"^\d{10}(\d{3})?(\.\d+)?$")
YES = frozenset(("1", "true", "yes", "y", "on", "test", "да"))
BRACKETS = re.compile(r"\[([^\]]*)\]")
# What a sender writes anew into each delivery of the same request.
CHANGES_WITH_DELIVERY = frozenset(
    (
        "timestamp",
        "time",
        "ts",
        "sent_at",
        "sentat",
        "date_sent",
        "attempt",
        "retry",
        "nonce",
        "event_id",
        "delivery_id",
    )
)


class FieldMapIsWrong(DomainError):
    """A field map with a field that is not ours."""

    def __init__(self, *, name: str) -> None:
        message = format_lazy(
            _("“{name}” is not a field of ours. The fields are: {known}, attributes.<name>."),
            name=name,
            known=", ".join(OUR_FIELDS),
        )
        super().__init__("field_map_wrong", message, "field_map")


class PathIsMissing(DomainError):
    """A line of a field map that does not say where to look."""

    def __init__(self, *, name: str) -> None:
        message = format_lazy(_("Say after “{name}:” where in the payload to look, in 200 characters."), name=name)
        super().__init__("path_missing", message, "field_map")


class TimeIsNotUnderstood(HookRefused):
    """A time the field map points to that is none."""

    def __init__(self, value: str) -> None:
        message = format_lazy(
            _("“{value}” is not a time: let the sender send 2026-03-02T10:30:00+03:00, or correct the field map."),
            value=value[:50],
        )
        super().__init__("time_not_understood", message)


@dataclass(slots=True)
class Told:
    """What a profile has found, before the map of the administrator has its say."""

    texts: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    utm: dict[str, str] = field(default_factory=dict)

    def take(self, document: Document, guesses: Mapping[str, Collection[str]]) -> set[str]:
        """Take each field from the first of its names that is there; return the names that were taken."""
        by_name = {name.casefold(): name for name in reversed(document)}
        taken = set()
        for ours, theirs in guesses.items():
            present = [by_name[name] for name in theirs if name in by_name]
            value = next(((name, told) for name in present if (told := text(document[name]))), None)
            if value:
                self.texts.setdefault(ours, value[1])
            taken.update(present)
        return taken


def check_map(*, field_map: Mapping[str, str]) -> None:
    """Refuse a map with an unknown field or an empty path."""
    for name, path in field_map.items():
        if name not in OUR_FIELDS and not (name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE)):
            raise FieldMapIsWrong(name=name[:50])
        if not path.strip(CONSTANT + " ") or len(path) > LONGEST_PATH:
            raise PathIsMissing(name=name[:50])


def build(*, told: Told, document: Document, setup: Setup, whole: Document | None = None) -> IntakeRow:
    """Make the row. Without an id of the sender's it is named by a digest of what was sent.

    Paths of the map are looked for in `document`, then in the `whole` payload where a document is a part of it.
    """
    mapped = _mapped(document, setup.field_map, whole)
    texts = {**told.texts, **{name: value for name, value in mapped.items() if name in OUR_FIELDS}}
    utm = {**told.utm, **marks.from_mapping(mapped)}
    attributes = {**told.attributes, **_attributes(mapped)}
    if not any(texts.get(name, "").strip() for name in PERSON):
        raise NobodyAsks(names(document))
    external_id = _line(texts.get("external_id", ""))
    lines: dict[str, Any] = {name: _line(texts.get(name, "")) for name in LINES}
    return IntakeRow(
        **lines,
        external_id=external_id or digest(document=document),
        has_own_id=bool(external_id),
        message=texts.get("message", "").strip()[:LONGEST_MESSAGE],
        received_at=_time(texts.get("received_at", ""), setup.zone, is_meant="received_at" in mapped),
        is_test=texts.get("is_test", "").strip().casefold() in YES,
        utm={name: utm[name] for name in marks.NAMES if name in utm},
        attributes=_tidy(attributes),
    )


def find(*, document: object, path: str) -> str:
    """Follow a path: `lead.phones.0.value`, `contact[phone]`, or a plain name that holds dots itself."""
    if isinstance(document, dict) and path in document:
        return text(document[path])
    place = document
    for step in BRACKETS.sub(r".\1", path).split("."):
        place = _inside(place, step)
    return text(place)


def text(value: object) -> str:
    """Write a value as text; a list as its items, a group as nothing."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return clean(value)
        case int() | float():
            return str(value)
        case list():
            return "; ".join(dict.fromkeys(told for item in value if (told := text(item))))
    return ""


def digest(*, document: Document) -> str:
    """Name a payload by what is in it, without what changes from delivery to delivery."""
    stable = {name: value for name, value in document.items() if name.casefold() not in CHANGES_WITH_DELIVERY}
    told = json.dumps(stable, sort_keys=True, ensure_ascii=True, default=str)
    return f"{DIGEST}{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def _inside(place: object, step: str) -> object:
    if isinstance(place, dict):
        if step in place:
            return place[step]
        return next((value for name, value in place.items() if name.casefold() == step.casefold()), None)
    if isinstance(place, list) and step.isascii() and step.isdigit() and int(step[:6]) < len(place):
        return place[int(step[:6])]
    return None


def _mapped(document: Document, field_map: Mapping[str, str], whole: Document | None) -> dict[str, str]:
    found = {}
    for name, path in field_map.items():
        if path.startswith(CONSTANT):
            value = path.removeprefix(CONSTANT).strip()
        else:
            value = find(document=document, path=path) or find(document=whole, path=path)
        if value:
            found[name] = value
    return found


def _attributes(mapped: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(ATTRIBUTE): told for name, told in mapped.items() if name.startswith(ATTRIBUTE)}


def _tidy(attributes: Mapping[str, str]) -> dict[str, str]:
    kept = [(name.strip()[:100], told.strip()[:LONGEST_TEXT]) for name, told in attributes.items()]
    return dict([(name, told) for name, told in kept if name and told][:MOST_ATTRIBUTES])


def _line(value: str) -> str:
    return " ".join(value.split())[:LONGEST_TEXT]


def _time(value: str, zone: dt.tzinfo, *, is_meant: bool) -> dt.datetime | None:
    value = value.strip()
    if not value:
        return None
    if UNIX_TIME.match(value):
        seconds = float(value) / (1_000 if len(value.partition(".")[0]) > len("1700000000") else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    when = read_time(value, zone)
    if when is None and is_meant:
        raise TimeIsNotUnderstood(value)
    return when.at if when else None
