"""Sources as somebody names them, among those that there are."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from leads.models import Source
from leads.models.source import UNDEFINED_SOURCE

MOST_NAMED = 30


class NoSuchSource(DomainError):
    """Naming a source that there is not, where none may be made."""

    def __init__(self, *, name: str, known: Iterable[str]) -> None:
        listed = list(known)
        told = ", ".join(listed[:MOST_NAMED]) + (" …" if len(listed) > MOST_NAMED else "")
        message = format_lazy(
            _("There is no source “{name}”. The known sources are: {known}."), name=name, known=told or "—"
        )
        super().__init__("unknown_source", message, "sources")


def sources_in_use() -> QuerySet[Source]:
    """List the sources that leads may come from, without the row of those that came from nowhere known."""
    return Source.objects.filter(archived_at__isnull=True).exclude(code=UNDEFINED_SOURCE).order_by("name", "code")


def known_source(*, name: str) -> Source:
    """Find the source in use that a name means: an alias agreed upon, else its code, else its name."""
    told = " ".join(name.split())
    found = sources_in_use().filter(Q(aliases__name=told) | Q(code=told) | Q(name=told)).distinct()
    ranked = sorted(found, key=lambda source: (not source.aliases.filter(name=told).exists(), source.code != told))
    if not ranked:
        raise NoSuchSource(name=told, known=sources_in_use().values_list("code", flat=True))
    return ranked[0]


def known_codes(*, names: Iterable[str]) -> list[str]:
    """Find the codes of the sources that names mean, each once."""
    return list(dict.fromkeys(known_source(name=name).code for name in names if name.strip()))


def source_of(*, pk: int) -> Source:
    """Read a source by its number."""
    return Source.objects.get(pk=pk)
