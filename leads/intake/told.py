"""What a person chose in the pages of an import → the document every import is told by."""

from collections.abc import Mapping, Sequence
from typing import Any

from leads.intake.mapping import REPLACED, TARGET

KEEP, IGNORE = "attribute", ""
NOTHING, TEST = "nothing", "test"
LISTED = ("source", "owner", "stage", "tag", "lost_reason", "won")

Words = Mapping[str, Mapping[str, Mapping[str, Any]]]


def document_of(
    *, columns: Mapping[str, str], words: Words, empty: Sequence[str], date_format: str, funnel: str
) -> dict[str, Any]:
    """Write down the meaning of columns and words the way a mapping is written by hand."""
    named: dict[str, Any] = {key: column for column, key in columns.items() if key not in (KEEP, IGNORE)}
    kept = [column for column, key in columns.items() if key == KEEP]
    document: dict[str, Any] = {
        "funnel": funnel,
        "columns": named | ({"attributes": kept} if kept else {}),
        "empty_values": list(empty),
        "date_formats": [date_format] if date_format else [],
    }
    if "tag" in named:
        document["tag_values"] = {word: meaning_of(told) for word, told in words.get("tag", {}).items()}
    values = {
        key: {word: str(told.get("to", "")) for word, told in words[key].items() if told.get("to") is not None}
        for key in REPLACED
        if key in named and words.get(key)
    }
    return document | {"values": values}


def meaning_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Write down what one tag says about a lead."""
    said = [str(told.get(key, "")) for key in ("means", "also")]
    meaning: dict[str, Any] = {}
    for one in said:
        kind, _colon, code = one.partition(":")
        if kind == TARGET:
            meaning["verdict"] = TARGET
        elif kind in ("fails", "meets"):
            meaning.setdefault(kind, []).append(code)
        elif kind == "touch":
            meaning["touch"] = code
        elif kind == TEST:
            meaning["test"] = True
    if told.get("lost"):
        meaning["lost"] = [str(told["lost"])]
    return meaning
