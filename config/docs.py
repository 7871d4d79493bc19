"""The API's description, for machines and for people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show the description in Swagger UI, from the package, under the same content policy as every page."""
    return render(request, "api_docs.html")
