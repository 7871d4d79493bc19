"""Keep what a program sent and could not be read, so that nothing is lost with the refusal."""

from datetime import datetime

from crm.models import ApiKey
from leads.models import Submission
from leads.rules.facts import Channel, SubmissionState

MOST_KEPT = 100_000  # bytes


def keep_refused(*, body: bytes, code: str, detail: str, key: ApiKey | None, at: datetime) -> Submission:
    """Write down a body that made no lead, and why; the sender has been told the same."""
    return Submission.objects.create(
        channel=Channel.API,
        payload={},
        body=body[:MOST_KEPT],
        content_type="application/json",
        api_key=key,
        received_at=at,
        state=SubmissionState.FAILED,
        error_code=code,
        error_detail=detail,
    )
