"""When an undelivered message is tried again, and what an answer means."""

from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from zlib import crc32

from django.utils.translation import gettext_lazy as _


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


DELIVERY_STATE_LABELS = {
    DeliveryState.WAITING: _("waiting"),
    DeliveryState.DELIVERED: _("delivered"),
    DeliveryState.FAILED: _("given up"),
}


class DisabledReason(StrEnum):
    PERSON = "person"
    GONE = "gone"


DISABLED_REASON_LABELS = {
    DisabledReason.PERSON: _("switched off by a person"),
    DisabledReason.GONE: _("the receiver answered 410 Gone"),
}

# Before each try since the one before it: 10 tries over 75 hours, so that a receiver may be down for a long weekend.
DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.05
FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=5)


def delay_after(*, attempts: int, message_id: str) -> timedelta | None:
    """Tell how long to wait after so many tries; None when they were the last.

    What failed together is not tried again at one instant: up to 5 % more, the same for the same message.
    """
    if attempts >= len(DELAYS):
        return None
    share = crc32(f"{message_id}/{attempts}".encode()) % 1000 / 1000
    return DELAYS[attempts] * (1 + JITTER * share)


def rest_after(*, failures: int) -> timedelta:
    """Tell how long a receiver that does not answer is left alone, whatever waits for it.

    Otherwise every message of an import would wait for the same timeout, and other receivers behind it.
    """
    return min(FIRST_REST * (1 << min(failures - 1, 10)), LONGEST_REST)


def is_overloaded(*, status: int | None) -> bool:
    """Tell whether a receiver should be left alone for a while, rather than that it minds this one message."""
    return status is None or status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def is_taken(*, status: int | None) -> bool:
    """Tell whether a receiver has taken the message."""
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def is_gone(*, status: int | None) -> bool:
    """Tell whether a receiver wants nothing any more."""
    return status == HTTPStatus.GONE


class SendError(StrEnum):
    """Why a try has no status."""

    TIMEOUT = "timeout"
    NO_CONNECTION = "no_connection"
    TLS = "tls"
    BAD_ANSWER = "bad_answer"
    UNKNOWN_HOST = "unknown_host"
    ADDRESS_INSIDE = "address_inside"
    BAD_ADDRESS = "bad_address"


SEND_ERROR_LABELS = {
    SendError.TIMEOUT: _("no answer in time"),
    SendError.NO_CONNECTION: _("no connection"),
    SendError.TLS: _("no trusted TLS connection"),
    SendError.BAD_ANSWER: _("the answer was not HTTP"),
    SendError.UNKNOWN_HOST: _("no server has this name"),
    SendError.ADDRESS_INSIDE: _("the name leads inside a network"),
    SendError.BAD_ADDRESS: _("the address may not be sent to any more"),
}
