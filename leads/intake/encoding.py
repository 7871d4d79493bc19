"""In which encoding a text file is. A file that is not understood is refused: mojibake must never become data."""

import re
from collections import Counter

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError

SAMPLE = 65_536
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Latin and Cyrillic letters have these high bytes in UTF-16; neither byte occurs in a text of another encoding.
HIGH_BYTES = b"\x00\x04"
ENOUGH_HIGH_BYTES = 0.8
CYRILLIC = re.compile(r"[А-Яа-яЁёІіЇїЄєҐґЎў]")
TYPOGRAPHIC = frozenset("«»„“”‘’–—…•·№§©®™°±\u00a0\u00ad")
WORD = re.compile(r"[^\W\d_]+")
LATIN = re.compile(r"[A-Za-z]")
FREQUENT = frozenset("оеаинтсрвл")
ENOUGH_KNOWN_CHARACTERS = 0.95
MOST_MIXED_WORDS = 0.1


class EncodingNotRecognised(DomainError):
    """A file in an encoding that cannot be told with confidence."""

    def __init__(self, *, line: int) -> None:
        message = format_lazy(
            _(
                "The encoding of the file is not recognised: line {line} is not UTF-8, and the text is not Russian in "
                "Windows-1251. Save the file as UTF-8 or as an Excel workbook (.xlsx) and choose it again."
            ),
            line=line,
        )
        super().__init__("encoding_not_recognised", message, "file")


class EncodingDoesNotFit(DomainError):
    """A file that was said to be in an encoding it is not in."""

    def __init__(self, *, encoding: str) -> None:
        message = format_lazy(_("The file is not in the encoding {encoding}. Choose another."), encoding=encoding)
        super().__init__("encoding_does_not_fit", message, "encoding")


def detect(content: bytes, hint: str = "") -> str:
    """Tell the encoding of a text by its bytes; `hint` is believed only where the bytes leave a doubt."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return encoding if _decodes(content, encoding) else _refuse(content)
    for encoding in ("utf-16-le", "utf-16-be"):
        if _is_utf_16(content[:SAMPLE], encoding) and _decodes(content, encoding):
            return encoding
    if _decodes(content, "utf-8"):
        return "utf-8"
    if _is_russian_in_cp1251(content):
        return "cp1251"
    if hint and _decodes(content, hint):
        return hint
    return _refuse(content)


def decoded(content: bytes, encoding: str) -> str:
    """Read a text in the encoding somebody has chosen."""
    try:
        return content.decode(encoding)
    except UnicodeError:
        raise EncodingDoesNotFit(encoding=encoding) from None


def _is_utf_16(sample: bytes, encoding: str) -> bool:
    high = sample[1::2] if encoding == "utf-16-le" else sample[::2]
    return len(high) > 1 and sum(byte in HIGH_BYTES for byte in high) >= ENOUGH_HIGH_BYTES * len(high)


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _is_russian_in_cp1251(content: bytes) -> bool:
    """Almost any bytes decode as cp1251, so the text itself has to look like Russian."""
    if not _decodes(content, "cp1251"):
        return False
    text = content.decode("cp1251")
    # Counted, never listed: a file of ten megabytes must not become a list of ten million letters.
    foreign = {character: times for character, times in Counter(text).items() if character > "\x7f"}
    known = sum(times for character, times in foreign.items() if character in TYPOGRAPHIC or CYRILLIC.match(character))
    if known < ENOUGH_KNOWN_CHARACTERS * sum(foreign.values()):
        return False
    # "Müller" of a Western encoding reads as "Mьller": two alphabets in one word.
    kinds = Counter(bool(LATIN.search(word[0])) for word in WORD.finditer(text) if CYRILLIC.search(word[0]))
    if kinds[True] > MOST_MIXED_WORDS * kinds.total():
        return False
    return _frequent(text) >= _frequent(content.decode("koi8-r"))


def _frequent(text: str) -> float:
    letters = {letter: times for letter, times in Counter(text.lower()).items() if CYRILLIC.match(letter)}
    frequent = sum(times for letter, times in letters.items() if letter in FREQUENT)
    return frequent / sum(letters.values()) if letters else 0.0


def _refuse(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingNotRecognised(line=content[: error.start].count(b"\n") + 1) from None
    raise EncodingNotRecognised(line=1)
