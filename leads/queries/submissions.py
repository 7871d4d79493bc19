"""What others sent, by hooks, the API and forms, and what became of it; what was said of each address of hooks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet

from crm.models import ApiKey
from crm.queries.keys import keys
from crm.rules.permissions import Permission, Reach
from leads.models import HookProfile, PublicForm, Submission
from leads.rules.facts import Channel, SubmissionState
from leads.rules.public_forms import SUSPICION_LABELS, Suspicion

PAGE = 50
DOORS = (Channel.HOOK, Channel.API, Channel.FORM)  # files show their rows on pages of their own
LONGEST_SHOWN = 20_000
HIDDEN = "•••"
REPLAYABLE = (SubmissionState.FAILED, SubmissionState.PENDING)


def hook_profile_of(*, key: ApiKey, profile: str) -> HookProfile | None:
    """Find what was said of an address: of its key, else of the key it has replaced."""
    for one in with_replaced(key=key):
        found = HookProfile.objects.select_related("funnel").filter(api_key=one, profile=profile).first()
        if found is not None:
            return found
    return None


def with_replaced(*, key: ApiKey | None) -> list[ApiKey]:
    """List a key and those it has replaced, one after the other: to a sender they are one."""
    found: list[ApiKey] = []
    while key is not None and key not in found:
        found.append(key)
        key = key.replaces
    return found


def keys_of_hooks(*, at: datetime) -> list[ApiKey]:
    """List the keys in force that leads may come by, the newest first."""
    return [key for key in keys() if key.is_in_force(at=at) and key.reach(Permission.CREATE_LEAD) is not Reach.NONE]


@dataclass(frozen=True, slots=True)
class Address:
    """One address leads come to, and what came there."""

    key: ApiKey
    profile: str
    settings: HookProfile | None
    counts: Mapping[str, int]
    last_at: datetime | None

    @property
    def failed(self) -> int:
        """How many of its submissions have come to nothing."""
        return self.counts.get(SubmissionState.FAILED, 0)

    @property
    def waiting(self) -> int:
        """How many wait to be processed or fetched."""
        return self.counts.get(SubmissionState.PENDING, 0)

    @property
    def accepted(self) -> int:
        """How many have become leads, or were leads already."""
        return self.counts.get(SubmissionState.ACCEPTED, 0) + self.counts.get(SubmissionState.RECOGNISED, 0)


def addresses() -> list[Address]:
    """List the addresses that were set up or to which something came."""
    came = (
        hooks()
        .filter(api_key__isnull=False)
        .order_by()
        .values("api_key", "profile", "state")
        .annotate(count=Count("id"), last_at=Max("received_at"))
    )
    counts: dict[tuple[int, str], dict[str, int]] = {}
    last: dict[tuple[int, str], datetime] = {}
    for row in came:
        place = (row["api_key"], row["profile"])
        counts.setdefault(place, {})[row["state"]] = row["count"]
        last[place] = max(row["last_at"], last.get(place, row["last_at"]))
    settings = {(one.api_key_id, one.profile): one for one in HookProfile.objects.select_related("funnel")}
    by_id = {key.pk: key for key in keys()}
    places = sorted(set(counts) | set(settings), key=lambda place: (-place[0], place[1]))
    return [
        Address(by_id[place[0]], place[1], settings.get(place), counts.get(place, {}), last.get(place))
        for place in places
    ]


def hooks() -> QuerySet[Submission]:
    """Select what came by hooks."""
    return Submission.objects.filter(channel=Channel.HOOK)


def replayable(
    *, state: str = SubmissionState.FAILED, profile: str = "", since: datetime | None = None
) -> QuerySet[Submission]:
    """Select what came by hooks and may be processed again; an empty text narrows nothing."""
    found = _of(hooks().filter(state__in=REPLAYABLE), state=state, profile=profile)
    return found.filter(received_at__gte=since) if since else found


def narrowed(*, channel: str = "", state: str = "", profile: str = "") -> QuerySet[Submission]:
    """Select what others sent, the newest first; an empty text narrows nothing."""
    doors = [Channel(channel)] if channel else DOORS
    return _of(Submission.objects.filter(channel__in=doors), state=state, profile=profile).order_by("-id")


def _of(found: QuerySet[Submission], *, state: str, profile: str) -> QuerySet[Submission]:
    told = {"state": state, "profile": profile}
    return found.filter(**{name: value for name, value in told.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """A submission in the list: who sent it, and why nothing came of it."""

    submission: Submission
    sender: str
    reason: Any


def page(*, found: QuerySet[Submission], before: int | None = None) -> tuple[Sequence[Line], int | None]:
    """Take the newest of the selected, or those older than one; tell from where there are more."""
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("lead", "api_key").defer("body", "payload")[: PAGE + 1])
    return _lines(rows[:PAGE]), rows[PAGE - 1].pk if len(rows) > PAGE else None


def line_of(*, code: UUID) -> Line | None:
    """Find one of what others sent."""
    kept = narrowed().select_related("lead", "api_key").filter(public_id=code)
    return next(iter(_lines(list(kept))), None)


def _lines(rows: Sequence[Submission]) -> list[Line]:
    forms = _form_titles(rows)
    return [
        Line(row, forms.get(row.pk, "") if row.channel == Channel.FORM else row.profile, _reason(row)) for row in rows
    ]


def _form_titles(rows: Iterable[Submission]) -> dict[int, str]:
    """Say which form each of the rows came through, if its payload still names one."""
    asked = [row.pk for row in rows if row.channel == Channel.FORM]
    told = dict(Submission.objects.filter(pk__in=asked).values_list("pk", "payload__form")) if asked else {}
    titles = dict(PublicForm.objects.filter(key__in=set(told.values())).values_list("key", "title")) if told else {}
    return {pk: titles[key] for pk, key in told.items() if key in titles}


def _reason(submission: Submission) -> Any:
    code = submission.error_code
    return submission.error_detail or (SUSPICION_LABELS[Suspicion(code)] if code in set(Suspicion) else code)


@dataclass(frozen=True, slots=True)
class Raw:
    """A submission as it came, without the secrets that prove where from; `read` is what the API or a form read."""

    body: str
    size: int
    is_cut: bool
    method: str = ""
    query: str = ""
    read: str = ""


def raw_of(*, submission: Submission) -> Raw:
    """Read what came, as text: bytes that are none are shown as what they are."""
    key = submission.api_key
    settings = hook_profile_of(key=key, profile=submission.profile) if key else None
    content = bytes(submission.body or b"")
    text = content.decode("utf-8", "backslashreplace")
    secrets = [secret for secret in (settings.secrets.values() if settings else ()) if secret]
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    if submission.channel != Channel.HOOK:
        read = _written(submission.payload)
        is_cut = max(len(text), len(read)) > LONGEST_SHOWN
        return Raw(body=text[:LONGEST_SHOWN], read=read[:LONGEST_SHOWN], size=len(content), is_cut=is_cut)
    return Raw(
        method=str(submission.payload.get("method", "")),
        query=_written(submission.payload.get("query")),
        body=text[:LONGEST_SHOWN],
        size=len(content),
        is_cut=len(text) > LONGEST_SHOWN or any(submission.payload.get(name) for name in ("is_cut", "is_too_much")),
    )


def may_be_replayed(*, submission: Submission) -> bool:
    """Tell whether processing it again may bring anything."""
    return submission.channel == Channel.HOOK and submission.state in REPLAYABLE


def _written(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) if told else ""
