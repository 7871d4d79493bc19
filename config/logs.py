"""Structured logs: one line of JSON an event, with the request's id; readable lines on a terminal."""

import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from crm.rules.tokens import masked


def without_tokens(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Leave tokens out of a line: some senders can only be told by the address they push to."""
    return {key: masked(text=value) if isinstance(value, str) else value for key, value in event.items()}


_shared: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_tokens,
]

structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

_renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": _renderer,
            "foreign_pre_chain": _shared,
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "razbor": {"level": "INFO"},
        "django": {"handlers": [], "level": "WARNING"},  # Django's own handler would say everything a second time
        "django_structlog": {"level": "WARNING"},
    },
}
