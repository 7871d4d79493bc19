"""A question of the board that is not understood."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.rules.errors import DomainError


def refused(request: HttpRequest, refusal: DomainError, *, status: int = 400) -> HttpResponse:
    """Say which part of the question is not understood: a typo must not change a figure."""
    return render(request, "board/refused.html", {"refusal": refusal}, status=status)
