"""Forms that anybody may fill in: the page, what it sends, and the script that puts it into other pages."""

import json
from http import HTTPStatus
from math import ceil
from typing import Any

from csp.decorators import csp_replace
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.operations.buckets import SharedBuckets
from crm.views.visitors import visitor_digest
from leads.forms import public_forms as fields
from leads.forms.public_forms import VisitorForm, without_controls
from leads.intake import utm
from leads.models import PublicForm
from leads.operations import public_forms as operations
from leads.operations.public_forms import Sent
from leads.queries.public_forms import consent_text, form_by_key
from leads.rules.public_forms import HANDED_BACK, WITHOUT_CONSENT, new_stamp, read_stamp, suspicion_of

MAXIMUM_BYTES = 64 * 1024

# An office behind one address may answer a mailing together; a form may stand in an advertisement everybody sees.
of_an_address = SharedBuckets(per_second=1 / 30, burst=20)
of_a_form = SharedBuckets(per_second=2, burst=200)


# Exempt from CSRF: the form is made to be sent from other sites, and whoever sends it acts as nobody. Neither the
# session nor the person is looked at, so there is no authority to borrow.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Show the form, or take in what it sends."""
    form = _form_or_404(key)
    if not form.is_open:
        return _framed(request, form, _closed(request, form))
    return _framed(request, form, _take(request, form) if request.method == "POST" else _show(request, form))


@never_cache
@require_http_methods(["GET", "HEAD"])
def embed(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the script by which a page of another site shows the form, or sends its own."""
    form = _form_or_404(key)
    told = {
        "key": form.key,
        "action": request.build_absolute_uri(reverse("forms:page", args=[form.key])),
        "title": form.title,
        "thanks": form.thanks_url,
        "stamp": new_stamp(form_key=form.key, at=timezone.now()),
        "names": {"stamp": fields.STAMP, "page": fields.PAGE, "referrer": fields.REFERRER, "embed": fields.EMBEDDED},
        "marks": utm.NAMES,
    }
    response = HttpResponse(
        render_to_string("leads/public_form_embed.js", {"told": json.dumps(told)}), content_type="text/javascript"
    )
    # Whoever may see the form may load its script; else a browser that isolates its page would refuse it.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _show(request: HttpRequest, form: PublicForm) -> HttpResponse:
    told = without_controls(request.GET)
    start: dict[str, Any] = {name: told.get(name, "") for name in (fields.PAGE, fields.EMBEDDED)}
    start |= utm.from_mapping(told)
    start[fields.REFERRER] = told.get(fields.REFERRER) or request.headers.get("Referer", "")[: fields.LONGEST_ADDRESS]
    start[fields.STAMP] = new_stamp(form_key=form.key, at=timezone.now())
    start[fields.CONSENT_VERSION] = form.consent.version
    return _page(request, form, VisitorForm(form=form, initial=start))


def _closed(request: HttpRequest, form: PublicForm) -> HttpResponse:
    """Say so; to whoever had opened the form before, with what they have typed."""
    is_told = request.method == "POST" and _length(request) <= MAXIMUM_BYTES
    typed = VisitorForm(without_controls(request.POST), form=form) if is_told else None
    return render(request, "leads/public_form_closed.html", {"form": form, "typed": typed}, status=HTTPStatus.GONE)


def _take(request: HttpRequest, form: PublicForm) -> HttpResponse:
    now = timezone.now()
    # The limit first: whatever is kept below is kept within it.
    wait = of_an_address.wait(f"form:{form.key}:{visitor_digest(request, salt='leads.public_form')}") or of_a_form.wait(
        f"form:{form.key}"
    )
    if _length(request) > MAXIMUM_BYTES:
        return _refuse_whole(request, form, "too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, wait)
    try:
        typed = VisitorForm(without_controls(request.POST), form=form)
    except SuspiciousOperation:  # more fields than any form has
        return _refuse_whole(request, form, "unreadable", HTTPStatus.BAD_REQUEST, wait)
    if wait:
        return _too_many(request, form, typed, wait)
    stamp = read_stamp(form_key=form.key, text=typed.data.get(fields.STAMP, ""))
    if not typed.is_valid():
        return _hand_back(request, form, typed, typed.sent(stamp=stamp))
    operations.submit(
        form=form,
        sent=typed.sent(stamp=stamp),
        consent=consent_text(form=form, version=typed.data.get(fields.CONSENT_VERSION, "")),
        suspicion=suspicion_of(trap=typed.data.get(fields.TRAP, ""), stamp=stamp, at=now),
        at=now,
    )
    # One answer to everybody: a program learns nothing of the quarantine, and nobody who was known before.
    if form.thanks_url and not typed.is_embedded:
        return redirect(form.thanks_url)
    return render(request, "leads/public_form_thanks.html", {"form": form, "is_embedded": typed.is_embedded})


def _hand_back(request: HttpRequest, form: PublicForm, typed: VisitorForm, sent: Sent) -> HttpResponse:
    """Show what is wrong beside what was typed; the attempt is kept, as far as the visitor has agreed."""
    agreed = consent_text(form=form, version=typed.data.get(fields.CONSENT_VERSION, "")) if typed.has_consent else None
    wrong = [f"{name}: {error.code}" for name, errors in typed.errors.as_data().items() for error in errors]
    code = WITHOUT_CONSENT if agreed is None else HANDED_BACK
    operations.note_refused(form=form, sent=sent, consent=agreed, code=code, detail=", ".join(wrong), at=timezone.now())
    return _page(request, form, typed, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _too_many(request: HttpRequest, form: PublicForm, typed: VisitorForm, wait: float) -> HttpResponse:
    """Refuse without keeping anything: a limit that writes is none. What was typed stays in the page."""
    typed.add_error(None, _("Too many requests from here. Wait a little and send it again."))
    response = _page(request, form, typed, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(ceil(wait))
    return response


def _refuse_whole(request: HttpRequest, form: PublicForm, code: str, status: HTTPStatus, wait: float) -> HttpResponse:
    """Refuse what could not be read at all; that there was something is kept."""
    if not wait:
        detail, now = f"{_length(request)} bytes", timezone.now()
        operations.note_refused(form=form, sent=Sent(fields={}), consent=None, code=code, detail=detail, at=now)
    return render(request, "leads/public_form_refused.html", {"form": form}, status=status)


def _page(request: HttpRequest, form: PublicForm, typed: VisitorForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    version = str(typed[fields.CONSENT_VERSION].value() or "")
    context = {"form": form, "typed": typed, "consent": consent_text(form=form, version=version)}
    return render(request, "leads/public_form.html", context, status=status)


def _framed(request: HttpRequest, form: PublicForm, response: HttpResponse) -> HttpResponse:
    """Let the sites of the form show it; all other pages of Razbor can be framed by nobody."""
    policy: dict[str, list[str]] = {}
    if form.allowed_sites:
        policy["frame-ancestors"] = form.allowed_sites
        # The older header knows no list of sites; browsers that know the policy pass it over.
        response.xframe_options_exempt = True
    if form.thanks_origin:
        policy["form-action"] = ["'self'", form.thanks_origin]  # browsers hold the way onward to it as well
    csp_replace(policy)(lambda _request: response)(request)  # marks the answer for the policy's middleware
    return response


def _form_or_404(key: str) -> PublicForm:
    form = form_by_key(key=key)
    if form is None:
        raise Http404
    return form


def _length(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or "0"
    return int(told) if told.isdecimal() else 0
