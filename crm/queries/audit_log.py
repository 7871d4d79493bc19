"""The audit log, as it is read: the newest first, page after page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from crm.models import ApiKey, AuditEvent, User
from crm.rules.acts import act_in_words

PAGE = 50
LONGEST_VALUE = 120
CHANGING = (".change", ".rename", ".assign", ".move", ".change_draft")  # these tell a pair as before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the log is narrowed by; empty narrows nothing. `area` is what an action begins with, before its dot."""

    person: int | None = None
    area: str = ""
    object_id: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act: who, what, upon what, and what it changed as name, before and after; before is None where not told."""

    at: datetime
    who: str
    is_system: bool
    action: str
    object_type: str
    object_id: str
    changes: Sequence[tuple[str, str | None, str]]

    @property
    def said(self) -> str:
        """The act in words."""
        return act_in_words(action=self.action)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some acts in a row, and before which number older ones go on."""

    lines: Sequence[AuditLine]
    older: int | None


def audit_page(*, by: Asked, zone: str, before: int | None = None) -> AuditPage:
    """Read a page of the log, from its end or from a place on; days are the organisation's."""
    events = _narrowed(by, zone)
    if before is not None:
        events = events.filter(pk__lt=before)
    found = list(events.order_by("-pk")[: PAGE + 1])
    rows = found[:PAGE]
    people = dict(User.objects.filter(pk__in={row.actor_id for row in rows}).values_list("pk", "name"))
    keys = dict(ApiKey.objects.filter(pk__in={row.api_key_id for row in rows}).values_list("pk", "name"))
    return AuditPage([_line(row, people, keys) for row in rows], rows[-1].pk if len(found) > PAGE and rows else None)


def _narrowed(by: Asked, zone: str) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.all()
    if by.person is not None:
        events = events.filter(actor_id=by.person)
    if by.area:
        events = events.filter(action__startswith=f"{by.area}.")
    if by.object_id:
        events = events.filter(object_id=by.object_id)
    if by.since:
        events = events.filter(at__gte=_midnight(by.since, zone))
    if by.until:
        events = events.filter(at__lt=_midnight(by.until + timedelta(days=1), zone))
    return events


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))


def _line(event: AuditEvent, people: Mapping[int, str], keys: Mapping[int, str]) -> AuditLine:
    by_key = keys.get(event.api_key_id or 0, "")
    return AuditLine(
        at=event.at,
        who=people.get(event.actor_id or 0, "") or by_key,
        is_system=event.actor_id is None and event.api_key_id is None,
        action=event.action,
        object_type=event.object_type.rpartition(".")[2],
        object_id=event.object_id,
        changes=[_change(name, told, event.action) for name, told in event.changes.items()],
    )


def _change(name: str, told: Any, action: str) -> tuple[str, str | None, str]:
    """Tell what a change says in pairs as before and after, anything else as it is."""
    if action.endswith(CHANGING) and name != "fields" and isinstance(told, list) and len(told) == 2:
        return name, _text(told[0]), _text(told[1])
    return name, None, _text(told)


def _text(value: Any) -> str:
    text = "—" if value in (None, "", []) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
