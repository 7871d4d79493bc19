"""How fast one caller may ask the API."""

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from crm.operations.buckets import SharedBuckets


class CallerThrottle(BaseThrottle):
    """50 requests a second for each key or person, 200 at once; beyond that 429 with Retry-After."""

    buckets = SharedBuckets()

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Take a token of the caller's."""
        self._wait = self.buckets.wait(caller_of(request)) if request.user.is_authenticated else 0.0
        return self._wait == 0

    def wait(self) -> float:
        """Tell after how many seconds to come again."""
        return self._wait


def caller_of(request: Request) -> str:
    """Name who is asking: `key:<id>` or `person:<id>`."""
    return f"{'key' if request.auth else 'person'}:{request.user.pk}"
