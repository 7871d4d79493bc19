"""The person's word on what the columns and tags of a spreadsheet mean: a checked JSON document."""

import codecs
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from leads.intake.documents import MappingRefused, listed, refuse_unknown, told_object, told_text, told_texts
from leads.intake.sheet import plain_name
from leads.intake.values import is_usable
from leads.rules.facts import TouchResult

KEYS = (
    "file",
    "encoding",
    "funnel",
    "columns",
    "empty_values",
    "tag_values",
    "won_values",
    "values",
    "date_formats",
)
UTM_COLUMNS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
COLUMNS = (
    "external_id",
    "source",
    "first_source",
    "last_source",
    "campaign",
    "segment",
    "name",
    "phone",
    "email",
    "company",
    "message",
    "owner",
    "created_at",
    "first_touch_at",
    "tag",
    "stage",
    "lost_at",
    "lost_reason",
    "lost_note",
    "won",
    "won_at",
    "amount",
    *UTM_COLUMNS,
)
REPLACED = ("source", "owner", "stage", "lost_reason", "won")
TAG_KEYS = ("fails", "meets", "verdict", "lost", "touch", "test")
TARGET = "target"
SURROGATE = re.compile("[\ud800-\udfff]")
COMMON_WON_VALUES: Mapping[str, bool] = {
    **dict.fromkeys(("1", "true", "yes", "да"), True),
    **dict.fromkeys(("0", "false", "no", "нет"), False),
}


@dataclass(frozen=True, slots=True)
class TagMeaning:
    """What one tag says about a lead. A tag may mean nothing."""

    fails: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    is_target: bool = False
    lost: tuple[str, ...] = ()
    touch: TouchResult | None = None
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """A mapping that was checked. Tags and other values are kept under their compared form (`compared`).

    `values` says by column which words of the file stand for which of ours.
    """

    columns: Mapping[str, str]
    attributes: tuple[str, ...] = ()
    file: str = ""
    encoding: str = ""
    funnel: str = ""
    empty_values: frozenset[str] = frozenset({""})
    tag_values: Mapping[str, TagMeaning] = field(default_factory=dict)
    won_values: Mapping[str, bool] = field(default_factory=lambda: COMMON_WON_VALUES)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    document: Mapping[str, object] = field(default_factory=dict)

    def check_columns(self, present: Collection[str], repeated: Collection[str] = ()) -> None:
        """Refuse a file that lacks a column the mapping names, or has it twice."""
        for key, name in (*self.columns.items(), *(("attributes", name) for name in self.attributes)):
            if name not in present:
                raise MappingRefused(
                    format_lazy(
                        _("columns.{key} names the column “{name}”, and the file has only: {present}."),
                        key=key,
                        name=name,
                        present=", ".join(present),
                    )
                )
            if name in repeated:
                raise MappingRefused(
                    format_lazy(
                        _("columns.{key} names the column “{name}”, which the file has more than once."),
                        key=key,
                        name=name,
                    )
                )


def dumped(document: Mapping[str, object]) -> str:
    """Write a document down the way `parse` reads it."""
    return json.dumps(document, ensure_ascii=False)


def compared(text: str) -> str:
    """Write a tag the way tags are compared: people and exports differ in case and spaces."""
    return " ".join(text.split()).casefold()


def parse(text: str | bytes) -> ImportMapping:
    """Read a mapping, refusing whatever is not understood in it."""
    document = _document(text)
    refuse_unknown("", document, KEYS)
    columns = told_object(document, "columns")
    if not columns:
        raise MappingRefused(format_lazy(_("“columns” is empty; allowed in it: {allowed}."), allowed=listed(COLUMNS)))
    refuse_unknown("columns.", columns, (*COLUMNS, "attributes"))
    tags = _tags(told_object(document, "tag_values"))
    empty = told_texts("empty_values", document.get("empty_values", []))
    if ("tag" in columns) != ("tag_values" in document):
        raise MappingRefused(_("“columns.tag” and “tag_values” belong together: give both or neither."))
    return ImportMapping(
        columns={key: plain_name(told_text(f"columns.{key}", columns[key])) for key in COLUMNS if key in columns},
        attributes=tuple(map(plain_name, told_texts("columns.attributes", columns.get("attributes", [])))),
        file=told_text("file", document["file"]) if "file" in document else "",
        encoding=_encoding(document.get("encoding", "")),
        funnel=told_text("funnel", document["funnel"]) if "funnel" in document else "",
        empty_values=frozenset({"", *map(str.strip, empty)}),
        tag_values=tags,
        won_values=_won_values(document),
        values=_values(told_object(document, "values")),
        date_formats=_date_formats(document),
        document=document,
    )


def _document(text: str | bytes) -> Mapping[str, object]:
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        document = json.loads(text, object_pairs_hook=_without_repeats)
        is_keepable = _is_keepable(document)
    except UnicodeDecodeError:
        raise MappingRefused(_("it is not UTF-8 text.")) from None
    except ValueError as error:  # not only a JSONDecodeError: numbers may be too long to be read
        raise MappingRefused(format_lazy(_("it is not JSON: {error}."), error=str(error))) from None
    except RecursionError:
        raise MappingRefused(_("it is nested too deeply.")) from None
    if not is_keepable:
        raise MappingRefused(_("it has a character that no database keeps."))
    if not isinstance(document, dict):
        raise MappingRefused(format_lazy(_("it must be an object with the keys {allowed}."), allowed=listed(KEYS)))
    return document


def _is_keepable(document: object) -> bool:
    """Tell whether a document has neither a NUL nor half of a surrogate pair: the batch keeps it as it was told."""
    written = json.dumps(document, ensure_ascii=False)
    return "\\u0000" not in written and not SURROGATE.search(written)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A key given twice would silently lose its first meaning."""
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MappingRefused(format_lazy(_("the key “{key}” is given twice."), key=twice))
    return document


def _tags(document: Mapping[str, object]) -> dict[str, TagMeaning]:
    meanings: dict[str, TagMeaning] = {}
    for tag, told in document.items():
        meaning = _meaning(f"tag_values.{tag}", told)
        if meanings.setdefault(compared(tag), meaning) != meaning:
            raise MappingRefused(
                format_lazy(_("the tag “{tag}” is given twice, differing in case or spaces only."), tag=tag)
            )
    return meanings


def _meaning(where: str, told: object) -> TagMeaning:
    if not isinstance(told, dict):
        raise MappingRefused(
            format_lazy(_("“{key}” must be an object; allowed in it: {allowed}."), key=where, allowed=listed(TAG_KEYS))
        )
    refuse_unknown(f"{where}.", told, TAG_KEYS)
    verdict = told.get("verdict")
    if verdict not in (None, TARGET):
        raise MappingRefused(
            format_lazy(
                _("“{key}.verdict” may only be “target”: a non-target lead is described by the criteria it fails."),
                key=where,
            )
        )
    fails = told_texts(f"{where}.fails", told.get("fails", []))
    meets = told_texts(f"{where}.meets", told.get("meets", []))
    if set(meets) & set(fails):
        raise MappingRefused(format_lazy(_("“{key}” says that one criterion is both met and failed."), key=where))
    if verdict and fails:
        raise MappingRefused(
            format_lazy(_("“{key}” says both “verdict”: “target” and “fails”; a target lead fails nothing."), key=where)
        )
    test = told.get("test", False)
    if not isinstance(test, bool):
        raise MappingRefused(format_lazy(_("“{key}.test” must be true or false."), key=where))
    return TagMeaning(
        fails=fails,
        meets=meets,
        is_target=verdict == TARGET,
        lost=told_texts(f"{where}.lost", told.get("lost", [])),
        touch=_touch(f"{where}.touch", told.get("touch")),
        is_test=test,
    )


def _touch(where: str, told: object) -> TouchResult | None:
    if told is None:
        return None
    allowed = [result.value for result in TouchResult]
    if told not in allowed:
        raise MappingRefused(format_lazy(_("“{key}” may be one of: {allowed}."), key=where, allowed=listed(allowed)))
    return TouchResult(str(told))


def _values(document: Mapping[str, object]) -> dict[str, Mapping[str, str]]:
    refuse_unknown("values.", document, REPLACED)
    replaced: dict[str, Mapping[str, str]] = {}
    for key in document:
        words = told_object(document, key)
        for word, meant in words.items():
            if not isinstance(meant, str):
                raise MappingRefused(format_lazy(_("“values.{key}.{word}” must be a text."), key=key, word=word))
        replaced[key] = {compared(word): str(meant) for word, meant in words.items()}
    return replaced


def _won_values(document: Mapping[str, object]) -> Mapping[str, bool]:
    if "won_values" not in document:
        return COMMON_WON_VALUES
    values = told_object(document, "won_values")
    for key, value in values.items():
        if not isinstance(value, bool):
            raise MappingRefused(format_lazy(_("“won_values.{key}” must be true or false."), key=key))
    return {compared(key): bool(value) for key, value in values.items()}


def _date_formats(document: Mapping[str, object]) -> tuple[str, ...]:
    formats = told_texts("date_formats", document.get("date_formats", []))
    for known in formats:
        if not is_usable(known):
            raise MappingRefused(
                format_lazy(
                    _("“date_formats” has “{known}”: a format names the day, the month and the year, each once."),
                    known=known,
                )
            )
    return formats


def _encoding(told: object) -> str:
    name = str(told)
    if not name:
        return ""
    try:
        info = codecs.lookup(name)
        "".encode(info.name)  # "hex", "zlib" and the like are codecs too, but not of text
    except (LookupError, ValueError):
        raise MappingRefused(
            format_lazy(_("“encoding” is “{name}”; known are utf-8, utf-16, cp1251 and the like."), name=name)
        ) from None
    return info.name
