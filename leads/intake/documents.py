"""What a JSON document must be like to be believed: the right kind of thing under every known key."""

from collections.abc import Collection, Iterable, Mapping

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError


class MappingRefused(DomainError):
    """A mapping that is not understood, or does not fit the file. Says which key and what is allowed there."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__("mapping_refused", format_lazy(_("The mapping is refused: {why}"), why=message), "mapping")


def told_object(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Read a key that holds an object."""
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise MappingRefused(format_lazy(_("“{key}” must be an object."), key=key))
    return value


def told_text(where: str, value: object) -> str:
    """Read a text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise MappingRefused(format_lazy(_("“{key}” must be a text that is not empty."), key=where))
    return value


def told_texts(where: str, value: object) -> tuple[str, ...]:
    """Read a list of texts, each once."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise MappingRefused(format_lazy(_("“{key}” must be a list of texts."), key=where))
    return tuple(dict.fromkeys(value))


def refuse_unknown(where: str, document: Mapping[str, object], allowed: Collection[str]) -> None:
    """Refuse a key that nobody would read."""
    for key in document:
        if key not in allowed:
            raise MappingRefused(
                format_lazy(
                    _("“{key}” is not a known key; allowed here: {allowed}."), key=where + key, allowed=listed(allowed)
                )
            )


def listed(names: Iterable[str]) -> str:
    """Write names in a row."""
    return ", ".join(names)
