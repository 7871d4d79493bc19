"""What every endpoint of the API does alike: who may, what may be asked, how bodies are read and written."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import IO, Any, ClassVar, TypeVar, cast

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.authentication import Access
from crm.api.bodies import read_json
from crm.api.throttling import CallerThrottle, caller_of
from crm.models import Actor, User
from crm.operations.idempotency import Answer, Asked, Draft, first, once
from crm.queries.agreements import Memory, memory
from crm.rules.permissions import Permission, Reach

MEGABYTE = 1_000_000
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
ANYTHING = "*/*"

T = TypeVar("T")


class BodyIsTooLarge(exceptions.APIException):
    """More than one request may bring."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"

    def __init__(self, *, longest: int) -> None:
        super().__init__(_("The body is larger than {count} bytes: send it in parts.").format(count=longest))


class RawJson(BaseParser):
    """Hand the body over as it came: its shape reads it."""

    media_type = "application/json"

    # Any value may be the data of a request, whatever the stubs say.
    def parse(  # type: ignore[override]
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Read no more than the endpoint takes."""
        longest = parser_context["view"].longest_body if parser_context else MEGABYTE
        body: bytes = stream.read(longest + 1)
        if len(body) > longest:
            raise BodyIsTooLarge(longest=longest)
        return body


class Json(BaseRenderer):
    """Write what a view returns; text is JSON already."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Encode times, structs and decimals as msgspec does."""
        if data is None:
            return b""
        return data.encode() if isinstance(data, str) else msgspec.json.encode(data)


class Negotiation(DefaultContentNegotiation):
    """Most programs take anything, or JSON: only what else they name is weighed."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Choose who writes the answer."""
        first = next(iter(renderers))
        if request.META.get("HTTP_ACCEPT", ANYTHING) in (ANYTHING, first.media_type):
            return first, first.media_type
        return cast(tuple[BaseRenderer, str], super().select_renderer(request, renderers, format_suffix))


class IsGranted(BasePermission):
    """Whether the person's role, or the key's scopes, grant what the method needs."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask the table of grants."""
        needed: Permission | None = getattr(view, "needs", {}).get(request.method)
        return needed is None or actor_of(request).reach(needed) is not Reach.NONE


class Endpoint(APIView):
    """One resource. `needs` names the permission of each method, `parameters` what its address may carry.

    Of these `repeatable` may be said several times.
    """

    needs: ClassVar[Mapping[str, Permission]] = {}
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {}
    repeatable: ClassVar[frozenset[str]] = frozenset()
    longest_body: ClassVar[int] = MEGABYTE
    parser_classes = [RawJson]
    renderer_classes = [Json]
    content_negotiation_class = Negotiation
    permission_classes = [IsAuthenticated, IsGranted]
    throttle_classes = [CallerThrottle]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a parameter that means nothing here, or is said twice: a typo must not change an answer."""
        super().initial(request, *args, **kwargs)
        if not request.query_params or request.method not in self.allowed_methods:
            return  # of an unknown method 405 follows, whatever the address carries
        known = self.parameters.get(request.method, frozenset())
        for name, values in request.query_params.lists():
            if name not in known:
                told = ", ".join(sorted(known)) or "—"
                message = _("“{name}” is not a parameter here. Known are: {known}.").format(name=name[:50], known=told)
                raise exceptions.ValidationError({name[:50]: [exceptions.ErrorDetail(message, "unknown_parameter")]})
            if len(values) > 1 and name not in self.repeatable:
                message = _("“{name}” is given more than once.").format(name=name)
                raise exceptions.ValidationError({name: [exceptions.ErrorDetail(message, "repeated_parameter")]})

    @property
    def actor(self) -> Actor:
        """The person or key that asks."""
        return actor_of(self.request)

    @property
    def person(self) -> User | None:
        """Who is to be named as having done it; a key is named in the audit instead."""
        return self.actor if isinstance(self.actor, User) else None

    @property
    def raw(self) -> bytes:
        """The body as it came."""
        return cast(bytes, self.request.data or b"")

    def body(self, shape: type[T]) -> T:
        """Read the body; raises a validation error that points at what is wrong."""
        return read_json(self.raw, shape)

    @property
    def memory(self) -> Memory:
        """What this process remembers under the agreements in force as the request came."""
        access = self.request.auth
        return access.memory if isinstance(access, Access) else memory()

    def answer_once(self, act: Callable[[], Answer], *, draft: Callable[[], Draft | None] | None = None) -> Response:
        """Answer a write: once for an idempotency key, if one came. A draft, if there is one, needs no care."""
        key, now = self.request.headers.get(KEY_HEADER), timezone.now()
        asked = None if key is None else self._asked(key)
        if draft is not None and (answer := first(asked=asked, at=now, draft=draft)):
            return _response(answer)
        return _response(act() if asked is None else once(asked=asked, at=now, act=act))

    def _asked(self, key: str) -> Asked:
        read_json(self.raw, object)  # a key is of what a body says, so one that says nothing is refused first
        return Asked(
            caller=caller_of(self.request),
            method=self.request.method or "",
            path=self.request.path[:200],
            key=key,
            body=self.raw,
        )


def actor_of(request: Request) -> Actor:
    """Return the person or key that asks; behind `IsAuthenticated` there always is one."""
    return cast(Actor, request.user)


def _response(answer: Answer) -> Response:
    headers = {REPLAYED_HEADER: "true"} if answer.is_replay else None
    return Response(answer.body, status=answer.status, headers=headers)
