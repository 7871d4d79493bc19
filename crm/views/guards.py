"""What stands before every page: is somebody signed in, does the role grant this, what was refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseBase

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from crm.views.resend import came_from, resend

SAFE_METHODS = ("GET", "HEAD")

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """Let in whoever has signed in; send a stranger to the login page, and keep the form they were sending."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _login_first(request)
        return view(request, *args, **kwargs)

    return guarded


def _login_first(request: HttpRequest) -> HttpResponseBase:
    if request.method in SAFE_METHODS:
        return redirect_to_login(request.get_full_path())
    # An address that takes forms may answer nothing else: after signing in one goes to the page of the form.
    return resend(request, status=HTTPStatus.UNAUTHORIZED) or redirect_to_login(came_from(request))


def require(*permissions: Permission) -> Callable[[View[P]], View[P]]:
    """Let in whoever has all of these permissions; a stranger is sent to the login page, others get 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            role = actor(request).role
            if not all(is_granted(role, permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate


def actor(request: HttpRequest) -> User:
    """Return the person who is asking; a view behind a guard always has one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@contextmanager
def domain_errors_to_form(form: BaseForm) -> Iterator[None]:
    """Turn an expected refusal into an error of the form, at its field where it has one."""
    try:
        yield
    except DomainError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, ValidationError(str(error), code=error.code))
