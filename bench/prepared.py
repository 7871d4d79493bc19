"""What has to be there before anybody asks: keys, leads to judge, a Redis for the limits."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import redis

DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/13"
KEYS = 24  # each may ask 50 times a second; fewer than callers would be held back, many more are nobody's company


def make_tokens(*, at: datetime, keys: int = KEYS) -> list[str]:
    """Make keys of integrations that may push and judge."""
    from crm.operations.keys import issue
    from crm.rules.scopes import Scope

    return [issue(name=f"Bench {number}", scopes=list(Scope), by=None, at=at).token for number in range(keys)]


def judgement_told(*, at: datetime) -> str:
    """Answer every criterion a person judges: all met but one that needs no proof."""
    from funnels.queries import criteria_of, current_definition, funnel_named
    from funnels.rules.criteria import EvidenceRule, JudgedBy, Result

    definition = current_definition(funnel=funnel_named(code=""), at=at)
    asked = [one for one in criteria_of(definition=definition) if one.judged_by == JudgedBy.PERSON]
    answers = {one.code: Result.MET.value for one in asked}
    unproven = [one.code for one in asked if one.evidence == EvidenceRule.NONE]
    return json.dumps({"answers": answers | dict.fromkeys(unproven[-1:], Result.FAILED.value)})


def undecided_codes() -> list[str]:
    """List leads nobody has judged, the newest first: today's leads of the same sources are the hot ones."""
    from leads.models import Assessment, Lead

    judged = Assessment.objects.values("lead_id")
    leads = Lead.objects.filter(duplicate_of__isnull=True, external_id__startswith="fill-").exclude(pk__in=judged)
    return [lead.code for lead in leads.order_by("-received_at").only("public_id")]


@contextmanager
def own_redis() -> Iterator[str]:
    """Use an empty Redis database, and leave it empty; without one the product keeps its limits in each process."""
    url = os.environ.get("BENCH_REDIS_URL", DEFAULT_REDIS_URL)
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=5)
    try:
        is_ours = url != "" and client.dbsize() == 0
    except redis.RedisError:
        is_ours = False
    if not is_ours:
        print(f"→ No empty Redis at {url}: limits are kept by each process, and jobs are done within requests")
    try:
        yield url if is_ours else ""
    finally:
        if is_ours:
            client.flushdb()
        client.close()
