"""What arrived by hooks and what became of it; what administrators have said of each address."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from crm.models import ApiKey
from crm.queries.keys import keys
from crm.rules.permissions import Permission, Reach
from leads.models import HookProfile, Submission
from leads.rules.facts import Channel, SubmissionState

PAGE = 50
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


def narrowed(*, state: str = "", profile: str = "", since: datetime | None = None) -> QuerySet[Submission]:
    """Select what came by hooks, the newest first; an empty text narrows nothing."""
    found = hooks()
    if state:
        found = found.filter(state=state)
    if profile:
        found = found.filter(profile=profile)
    if since is not None:
        found = found.filter(received_at__gte=since)
    return found.order_by("-id")


def page(*, found: QuerySet[Submission], before: int | None = None) -> tuple[Sequence[Submission], int | None]:
    """Take the newest of the selected, or those older than one; tell from where there are more."""
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("lead", "api_key").defer("body", "payload")[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


@dataclass(frozen=True, slots=True)
class Raw:
    """A submission as it came, without the secrets that prove where from."""

    method: str
    query: str
    body: str
    size: int
    is_cut: bool


def raw_of(*, submission: Submission) -> Raw:
    """Read what came, as text: bytes that are none are shown as what they are."""
    key = submission.api_key
    settings = hook_profile_of(key=key, profile=submission.profile) if key else None
    content = bytes(submission.body or b"")
    text = content.decode("utf-8", "backslashreplace")
    secrets = [secret for secret in (settings.secrets.values() if settings else ()) if secret]
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    query = submission.payload.get("query") or {}
    return Raw(
        method=str(submission.payload.get("method", "")),
        query=json.dumps(query, ensure_ascii=False, indent=2) if query else "",
        body=text[:LONGEST_SHOWN],
        size=len(content),
        is_cut=len(text) > LONGEST_SHOWN or any(submission.payload.get(name) for name in ("is_cut", "is_too_much")),
    )


def may_be_replayed(*, submission: Submission) -> bool:
    """Tell whether processing it again may bring anything."""
    return submission.channel == Channel.HOOK and submission.state in REPLAYABLE
