"""The bytes of a hook → a document of names and values, whatever their form and charset."""

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import unquote_to_bytes

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from leads.intake import encoding
from leads.intake.encoding import EncodingNotRecognised
from leads.intake.hook import Hook, HookRefused

Document = dict[str, object]

MOST_FIELDS = 1_000
DEEPEST = 20
BRACKETS = re.compile(r"\[([^\]]*)\]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what a database does not take in a text
CUT_ESCAPE = re.compile(rb"%[0-9A-Fa-f]?$")
JOINED_BY = "; "
WORD = re.compile(r"\w+")
TURNED_OVER = re.compile(r"\b[а-яё][А-ЯЁ]{2,}\b")
RUSSIAN_WORD = re.compile(r"^[А-ЯЁ]?[а-яё]+\d*$|^[А-ЯЁ]+\d*$")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class BodyIsEmpty(HookRefused):
    """A request with nothing in it."""

    def __init__(self) -> None:
        super().__init__("empty_body", _("Nothing was sent: the body is empty."))


class BodyIsBroken(HookRefused):
    """A body that stops in the middle, or is no JSON and no form."""

    def __init__(self, where: str) -> None:
        message = format_lazy(
            _("The body is broken or was cut off ({where}): let the sender send it again."), where=where
        )
        super().__init__("broken_body", message)


class CharsetIsUnknown(HookRefused):
    """A body in a charset that cannot be told: mojibake must never become data."""

    def __init__(self) -> None:
        super().__init__(
            "charset_not_recognised",
            _("The text is neither UTF-8 nor Russian in Windows-1251: let the sender send UTF-8."),
        )


def read(*, hook: Hook) -> Document:
    """Read what was sent: a JSON object, a form, or the query of an address where there is no body."""
    body = hook.body.strip()
    if not body:
        if not hook.query:
            raise BodyIsEmpty
        return nested(pairs=hook.query.items())
    kind, charset = _content_type(hook.content_type)
    # Senders name the wrong type more often than a form begins with a brace.
    if body[:1] in (b"{", b"["):
        return _json(body, charset)
    if kind == MULTIPART:
        return nested(pairs=_texts(_multipart(hook), charset))
    if kind.endswith("json") or b"=" not in body:
        return _json(body, charset)
    return nested(pairs=_texts(_form(body), charset))


def nested(*, pairs: Iterable[tuple[str, str]]) -> Document:
    """Put the fields of a form where their brackets say: `leads[add][0][id]`. A name told twice keeps both values."""
    document: Document = {}
    for number, (name, value) in enumerate(pairs):
        if number >= MOST_FIELDS:
            raise BodyIsBroken(f"> {MOST_FIELDS}")
        _put(document, _steps(name), clean(value))
    return document


def clean(text: str) -> str:
    """Leave out what no database keeps."""
    return UNSTORABLE.sub("", text).strip()


def _steps(name: str) -> list[str]:
    head, bracket, rest = clean(name).partition("[")
    inner = BRACKETS.findall(bracket + rest) if bracket and head else []
    return [head, *inner] if inner else [clean(name)]


def _put(document: Document, steps: list[str], value: str) -> None:
    if len(steps) > DEEPEST:
        raise BodyIsBroken(steps[0])
    place = document
    for step in steps[:-1]:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):  # `a=1&a[b]=2`: a value and a group under one name
            inner = place[step] = {"": inner}
        place = inner
    last = steps[-1]
    told = place.get(last)
    if isinstance(told, dict):
        told.setdefault("", value)
    else:
        place[last] = _both(told, value)


def _both(told: object, value: object) -> object:
    """Keep what a repeated field says: once when it is the same, else both."""
    if told in (None, "") or told == value:
        return value
    if isinstance(told, str) and isinstance(value, str):
        return told if not value or value in told.split(JOINED_BY) else f"{told}{JOINED_BY}{value}"
    return value


def _content_type(told: str) -> tuple[str, str]:
    message = Message()
    message["content-type"] = re.sub(r"[\r\n]", " ", told) or "text/plain"
    charset = message.get_param("charset")
    kind = FORM if not told else message.get_content_type()
    return kind, charset if isinstance(charset, str) and _is_charset(charset) else ""


def _is_charset(name: str) -> bool:
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except (LookupError, ValueError):
        return False


def _json(body: bytes, charset: str) -> Document:
    text = body.decode(_charset(body, charset))
    try:
        told = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise BodyIsBroken(f"{error.lineno}:{error.colno}") from None
    except (ValueError, RecursionError):
        raise BodyIsBroken("JSON") from None
    if isinstance(told, list):
        return {"": told}
    if not isinstance(told, dict):
        raise BodyIsBroken("JSON")
    return told


def _object(pairs: list[tuple[str, object]]) -> Document:
    found: Document = {}
    for name, value in pairs:
        told = clean(value) if isinstance(value, str) else value
        found[clean(name)] = _both(found.get(clean(name)), told)
    return found


def _no_number(text: str) -> object:
    raise ValueError(text)


def _form(body: bytes) -> list[tuple[bytes, bytes]]:
    if CUT_ESCAPE.search(body):
        raise BodyIsBroken("%")
    pairs = (part.partition(b"=") for part in body.split(b"&") if part)
    return [(_unquoted(name), _unquoted(value)) for name, _equals, value in pairs]


def _unquoted(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _multipart(hook: Hook) -> list[tuple[bytes, bytes]]:
    head = re.sub(r"[\r\n]", " ", hook.content_type).encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(b"content-type: " + head + b"\r\n\r\n" + hook.body)
    if not message.is_multipart():
        raise BodyIsBroken("multipart")
    found = []
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and part.get_filename() is None:
            content = part.get_payload(decode=True)
            found.append((name.encode("utf-8", "surrogateescape"), content if isinstance(content, bytes) else b""))
    return found


def _texts(pairs: list[tuple[bytes, bytes]], charset: str) -> list[tuple[str, str]]:
    """Decode a form as a whole: a lone name is too little to tell a charset by."""
    told = next((value.decode("ascii", "replace") for name, value in pairs if name == b"_charset_"), "")
    everything = b"\n".join(part for pair in pairs for part in pair)
    known = _charset(everything, charset or (told if _is_charset(told) else ""))
    return [(name.decode(known), value.decode(known)) for name, value in pairs]


def _charset(content: bytes, told: str) -> str:
    if _stops_inside_a_letter(content):
        raise BodyIsBroken("UTF-8")
    if told and not _decodes(content, "utf-8") and _decodes(content, told):
        return told
    try:
        found = encoding.detect(content)
    except EncodingNotRecognised:
        found = "cp1251" if _is_a_little_russian(content) else ""
    if not found or (found == "cp1251" and TURNED_OVER.search(content.decode(found))):
        raise CharsetIsUnknown
    return found


def _decodes(content: bytes, charset: str) -> bool:
    try:
        content.decode(charset)
    except UnicodeError:
        return False
    return True


def _is_a_little_russian(content: bytes) -> bool:
    """Know cp1251 by the case of its words where there are too few letters to count.

    Another charset shows: KOI8-R turns the case of letters over, a Western one mixes two alphabets in a word.
    """
    if not _decodes(content, "cp1251"):
        return False
    words = WORD.findall(content.decode("cp1251"))
    return all(RUSSIAN_WORD.match(word) for word in words if not word.isascii())


def _stops_inside_a_letter(content: bytes) -> bool:
    """Tell a UTF-8 text that was cut off from a text of another charset: all but its last letter is good."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.end == len(content) and "end of data" in error.reason and not content[: error.start].isascii()
    return False


def names(document: Mapping[str, object], prefix: str = "") -> list[str]:
    """List the paths of the values in a document, for a person who has to say what they mean."""
    found: list[str] = []
    if prefix.count(".") > DEEPEST:
        return []
    for name, value in document.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            found += names(value, f"{path}.")
        elif isinstance(value, list):
            found += names({str(number): inner for number, inner in enumerate(value[:3])}, f"{path}.")
        else:
            found.append(path)
    return found
