"""What every button of the rules does: one operation, then back to the page with a word about it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from crm.rules.errors import DomainError


def act(request: HttpRequest, do: Callable[[], object], *, done: str, to: str, anchor: str = "") -> HttpResponse:
    """Do something and go back to a page; a refusal is told there."""
    try:
        do()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(f"{resolve_url(to)}{anchor}")
