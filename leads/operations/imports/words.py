"""The words of a file, what each may stand for here, and what it probably stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm.models import User
from funnels.models import LossReason
from funnels.queries import criteria_of, current_definition, first_stage, reasons_of, stages_of
from leads.intake.guess import guess_meaning, guess_tag, guess_won
from leads.intake.mapping import compared
from leads.models import ImportDraft, Source
from leads.queries.inbox import holders
from leads.queries.known_sources import sources_in_use

Told = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """Codes and names a word may stand for, by kind. `failures` says how a criterion is called when it is not met."""

    criteria: dict[str, str]
    failures: dict[str, str]
    reasons: dict[str, str]
    stages: dict[str, str]
    sources: dict[str, str]
    people: dict[str, str]


def vocabularies(*, draft: ImportDraft, at: datetime, actor: User) -> Vocabularies:
    """Read what words may stand for, as far as a person may say."""
    criteria = criteria_of(definition=current_definition(funnel=draft.funnel, at=at))
    reasons = LossReason.objects.filter(funnel=draft.funnel, archived_at__isnull=True)
    return Vocabularies(
        criteria={criterion.code: criterion.name for criterion in criteria},
        failures={one.code: one.failed_name for one in criteria},
        reasons={reason.code: reason.name for reason in reasons},
        stages={stage.code: stage.name for stage in stages_of(funnel=draft.funnel)},
        sources={source.code: source.name for source in sources_in_use()},
        people={person.email: person.name for person in holders(actor=actor)},
    )


def propose(
    *, draft: ImportDraft, words: Mapping[str, Mapping[str, int]], told: Told, at: datetime
) -> dict[str, dict[str, dict[str, Any]]]:
    """Say of every word what was said of it before, else a guess; with how many rows have it."""
    known = vocabularies(draft=draft, at=at, actor=draft.uploaded_by)
    losable = _losable(draft, has_stages="stage" in words)
    proposed: dict[str, dict[str, dict[str, Any]]] = {}
    for key, counts in words.items():
        before = {compared(word): meant for word, meant in told.get(key, {}).items()}
        proposed[key] = {
            word: {**(before.get(compared(word)) or _guess(key, word, known, losable)), "count": count}
            for word, count in counts.items()
        }
    return proposed


def _losable(draft: ImportDraft, *, has_stages: bool) -> dict[str, str]:
    """List the reasons that may be proposed for a tag: those with which no row would be refused for sure.

    Where no column tells the stage, every lead is lost at the first; where none holds notes, no reason gets one.
    """
    reasons = reasons_of(stage=first_stage(funnel=draft.funnel))
    if has_stages:
        reasons = LossReason.objects.filter(funnel=draft.funnel, archived_at__isnull=True)
    has_notes = "lost_note" in draft.column_meanings.values()
    return {reason.code: reason.name for reason in reasons if has_notes or not reason.needs_note}


def _guess(key: str, word: str, known: Vocabularies, losable: Mapping[str, str]) -> dict[str, Any]:
    if key == "tag":
        both_names = {code: f"{name} {known.failures[code]}" for code, name in known.criteria.items()}
        means, lost = guess_tag(word, both_names, losable)
        return {"means": means, "also": "", "lost": lost}
    if key == "source":
        return {"to": _source_meant(word, known.sources), "always": False}
    if key == "won":
        return {"to": guess_won(word) or None}
    among = {"owner": known.people, "stage": known.stages, "lost_reason": known.reasons}[key]
    return {"to": guess_meaning(word, among) or ("" if key == "owner" else None)}


def _source_meant(word: str, known: Mapping[str, str]) -> str | None:
    """Tell the code of the source a word means, by an alias, its code or name, or nearly so; None is a new one."""
    in_use = Source.objects.filter(archived_at__isnull=True)
    found = in_use.filter(aliases__name=word).first() or in_use.filter(code=word).first()
    found = found or in_use.filter(name=word).first()
    return found.code if found else guess_meaning(word, known) or None


def is_settled(*, draft: ImportDraft) -> bool:
    """Tell whether every word that has to mean something does; a source not named is a new one."""
    return all(
        told.get("means") if key == "tag" else told.get("to") is not None
        for key, words in draft.word_meanings.items()
        if key != "source"
        for told in words.values()
    )
