"""`{% load ui %}`: numbers and dates in the reader's language. An unknown value is a dash, never an error."""

from datetime import date, datetime

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.timesince import timesince

from crm.models import User
from crm.rules import formats
from crm.rules.formats import Number

register = template.Library()

UNKNOWN = "—"


@register.filter
def number(value: Number | None, decimals: int = 0) -> str:
    """Write a number: `{{ count|number }}`, `{{ hours|number:1 }}`."""
    return UNKNOWN if value is None else formats.number(value, decimals)


@register.filter
def percent(value: Number | None, decimals: int = 1) -> str:
    """Write a share of one as a percentage: `{{ share|percent }}`."""
    return UNKNOWN if value is None else formats.percent(value, decimals)


@register.filter
def signed_percent(value: Number | None, decimals: int = 0) -> str:
    """Write a relative change: `{{ change|signed_percent }}`."""
    return UNKNOWN if value is None else formats.signed_percent(value, decimals)


@register.filter
def points(value: Number | None, decimals: int = 1) -> str:
    """Write the difference of two shares of one: `{{ difference|points }}`."""
    return UNKNOWN if value is None else formats.points(value, decimals)


@register.filter
def money(value: Number | None, currency: str) -> str:
    """Write an amount: `{{ amount|money:"RUB" }}`."""
    return UNKNOWN if value is None else formats.money(value, currency)


@register.filter
def few(n: int) -> bool:
    """Ask whether n is too few for a percentage: `{% if n|few %}`."""
    return formats.is_few(n)


@register.simple_tag
def k_of_n(k: int, n: int) -> str:
    """Write `418 of 1,268`: `{% k_of_n k n %}`."""
    return formats.k_of_n(k, n)


@register.simple_tag
def share(k: int, n: int, decimals: int = 1) -> str:
    """Write k of n as a percentage, of few as `3 of 7`: `{% share k n %}`."""
    return formats.share(k, n, decimals)


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day without its year: `{{ date|day }}`; a moment is taken at the reader's clock."""
    return UNKNOWN if value is None else formats.day(_civil(value))


@register.filter
def ago(value: datetime | None) -> str:
    """Write how long ago a moment was, in the largest unit: `{{ due_at|ago }}`."""
    return UNKNOWN if value is None else timesince(value, depth=1)


@register.simple_tag
def day_range(start: date | datetime, end: date | datetime, with_year: bool = False) -> str:
    """Write `31 Aug – 22 Nov`: `{% day_range start end %}`; both days are within."""
    return formats.day_range(_civil(start), _civil(end), with_year=with_year)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """Return the theme the reader chose, empty for the system's: `{% theme as chosen %}`."""
    request = context.get("request")
    if request is None:
        return ""
    user = getattr(request, "user", None)
    return user.theme if isinstance(user, User) else str(request.COOKIES.get("theme", ""))


def _civil(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value
