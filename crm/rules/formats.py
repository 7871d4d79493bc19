"""Numbers and dates as people of the active language write them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.utils import dateformat
from django.utils.formats import get_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Number = int | float | Decimal

FEW = 10  # below this a share says nothing: only "k of n" is shown; an organisation may agree on another number
MINUS = "\u2212"
NO_BREAK_SPACE = "\xa0"
MONTH_LETTERS = 3
LONG_WORD = re.compile(r"[^\W\d]{4,}")
SYMBOLS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£", "KZT": "₸", "UAH": "₴"}

_few = ContextVar("few", default=FEW)


@contextmanager
def shown_from(n: int) -> Iterator[None]:
    """Show shares from so many leads on while this lasts, as `timezone.override` sets the clock."""
    token = _few.set(n)
    try:
        yield
    finally:
        _few.reset(token)


def number(value: Number, decimals: int = 0) -> str:
    """Return `1 234 567,89` in Russian, `1,234,567.89` in English; halves go away from zero."""
    return _number(value, decimals, get_language())


@lru_cache(maxsize=8192, typed=True)
def _number(value: Number, decimals: int, _language: str) -> str:
    """Write a number once: a board has two thousand, most of them again at every look."""
    rounded = _rounded(value, decimals)
    text = number_format(abs(rounded), decimal_pos=decimals, force_grouping=True)
    return f"{MINUS}{text}" if rounded < 0 else text


def signed(value: Number, decimals: int = 0) -> str:
    """Return the number with its sign; what rounds to zero has none."""
    text = number(value, decimals)
    return f"+{text}" if _rounded(value, decimals) > 0 else text


def percent(share: Number, decimals: int = 1) -> str:
    """Return a share of one as `41,1 %` in Russian, `41.1%` in English."""
    return _pattern("PERCENT_FORMAT").format(number=number(_hundredfold(share), decimals))


def signed_percent(change: Number, decimals: int = 0) -> str:
    """Return a relative change of one as `+7 %` in Russian, `+7%` in English."""
    return _pattern("PERCENT_FORMAT").format(number=signed(_hundredfold(change), decimals))


def points(difference: Number, decimals: int = 1) -> str:
    """Return the difference of two shares of one as `+2,4 п.п.` in Russian, `+2.4 pp` in English."""
    return _pattern("POINTS_FORMAT").format(number=signed(_hundredfold(difference), decimals))


def money(amount: Number, currency: str, decimals: int = 0) -> str:
    """Return the amount with the currency's symbol, or with its code where there is no symbol."""
    symbol = SYMBOLS.get(currency)
    if symbol is None:
        return f"{number(amount, decimals)}{NO_BREAK_SPACE}{currency}"
    rounded = _rounded(amount, decimals)
    text = _pattern("MONEY_FORMAT").format(amount=number(abs(rounded), decimals), currency=symbol)
    return f"{MINUS}{text}" if rounded < 0 else text


def k_of_n(k: int, n: int) -> str:
    """Return `418 of 1,268`."""
    return _("%(k)s of %(n)s") % {"k": number(k), "n": number(n)}


def is_few(n: int) -> bool:
    """Say whether so few leads are behind a share that it must not be shown as a percentage."""
    return n < _few.get()


def share(k: int, n: int, decimals: int = 1) -> str:
    """Return k of n as a percentage; of few as `3 of 7`, of none as a dash."""
    if n == 0:
        return "—"
    return k_of_n(k, n) if is_few(n) else percent(Decimal(k) / n, decimals)


def day(value: date, *, with_year: bool = False) -> str:
    """Return `22 Nov`, or `22 Nov 2026`; of a month written in full three letters are kept."""
    text = dateformat.format(value, _pattern("DAY_YEAR_FORMAT" if with_year else "DAY_FORMAT"))
    return LONG_WORD.sub(lambda month: month[0][:MONTH_LETTERS], text)


def day_range(start: date, end: date, *, with_year: bool = False) -> str:
    """Return `31 Aug – 22 Nov`; the years appear when asked for or when they differ, one day stands alone."""
    if start == end:
        return day(start, with_year=with_year)
    crosses = start.year != end.year
    first, last = day(start, with_year=crosses), day(end, with_year=with_year or crosses)
    return f"{first} – {last}"


def _pattern(name: str) -> str:
    """Read a pattern of `config.formats` in the active language."""
    return str(get_format(name))


def _hundredfold(value: Number) -> Decimal:
    return _decimal(value) * 100


def _rounded(value: Number, decimals: int) -> Decimal:
    return _decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _decimal(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
