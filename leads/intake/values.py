"""Single cells as people and exports write them: times and money."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from crm.rules.numbers import BETWEEN, read_written
from leads.rules.times import YEARS

RUSSIAN = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
SERIAL = re.compile(r"^\d{5}(?:[.,]\d+)?$")
PROBE = dt.datetime(2021, 11, 25, 13, 14, 15, tzinfo=dt.UTC)
EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  a serial number of Excel knows no zone
SERIALS = range(25_000, 80_000)  # 1968 to 2119
MONEY_SIGNS = re.compile(r"(?:₽|€|\$|руб(?:лей|ля|\.)?|р\.|rub|eur|usd)", re.IGNORECASE)
CENT = Decimal("0.01")
TOO_MUCH = Decimal(10**12)


@dataclass(frozen=True, slots=True)
class When:
    """A moment, or a day of which the hour was not told."""

    at: dt.datetime
    is_day: bool


def read_time(text: str, zone: dt.tzinfo, formats: tuple[str, ...] = ()) -> When | None:
    """Read a time in the organisation's zone: given formats first, then ISO, dd.mm.yyyy and Excel's serial number."""
    found = _by_formats(text, formats) or _russian(text) or _serial(text) or _iso(text)
    if found is None or found.at.year not in YEARS:
        return None
    at = found.at if found.at.tzinfo else found.at.replace(tzinfo=zone)
    return When(at, found.is_day)


def read_amount(text: str) -> Decimal | None:
    """Read an amount of money; None when it is not one, or when a separator could mean two things."""
    written = read_written(text=MONEY_SIGNS.sub("", BETWEEN.sub("", text)))
    if written is None or written.is_ambiguous or written.value >= TOO_MUCH:  # money is not guessed
        return None
    amount = written.value.quantize(CENT, ROUND_HALF_UP)
    return amount if amount < TOO_MUCH else None  # cents may have rounded up to it


def is_usable(known: str) -> bool:
    """Tell whether a format of times says which day it is: written and read by it, a day must come back."""
    try:
        return dt.datetime.strptime(PROBE.strftime(known), known).date() == PROBE.date()  # noqa: DTZ007  only the day
    except (ValueError, re.error):
        return False


def _by_formats(text: str, formats: tuple[str, ...]) -> When | None:
    for known in formats:
        try:
            at = dt.datetime.strptime(text, known)  # noqa: DTZ007  the caller gives the zone
        except ValueError:
            continue
        return When(at, is_day="%H" not in known and "%I" not in known)
    return None


def _russian(text: str) -> When | None:
    found = RUSSIAN.match(text)
    if found is None:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return When(dt.datetime(year, month, day, hour, minute, second), is_day=found[4] is None)  # noqa: DTZ001
    except ValueError:
        return None


def _serial(text: str) -> When | None:
    if not SERIAL.match(text):
        return None
    days = float(text.replace(",", "."))
    if int(days) not in SERIALS:
        return None
    return When(EXCEL_EPOCH + dt.timedelta(seconds=round(days * 86_400)), is_day=days.is_integer())


def _iso(text: str) -> When | None:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return When(at, is_day=":" not in text and "T" not in text)
