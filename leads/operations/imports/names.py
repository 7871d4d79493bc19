"""Names of the file that a person has agreed to be other names of sources known here."""

from datetime import datetime

from crm.models import User
from crm.operations import agreements
from leads.models import ImportDraft, Source, SourceAlias
from leads.operations.dictionaries import LONGEST_SOURCE


def agree_on_names(*, draft: ImportDraft, by: User, at: datetime) -> None:
    """Make aliases of the names that were said to mean a source always; one agreed on before stays as it is."""
    for word, told in draft.word_meanings.get("source", {}).items():
        source = Source.objects.filter(code=told.get("to") or "").first()
        name = " ".join(word.split())[:LONGEST_SOURCE]
        if not told.get("always") or source is None or name in (source.code, source.name):
            continue
        alias, is_new = SourceAlias.objects.get_or_create(name=name, defaults={"source": source})
        if is_new:
            changes = {"code": source.code, "alias": alias.pk}
            agreements.record(action="source.alias", obj=source, by=by, at=at, changes=changes)
