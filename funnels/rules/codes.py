"""Codes of rules: what integrations send, made of what people call a thing."""

import re
import unicodedata
from collections.abc import Collection

LONGEST_CODE = 64
_LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        (
            *("a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p"),
            *("r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya"),
        ),
        strict=True,
    )
)


def code_of(*, name: str, taken: Collection[str]) -> str:
    """Make a code of a name: Latin letters, digits and underscores; a number follows where it is taken."""
    latin = "".join(_LETTERS.get(letter, letter) for letter in name.casefold())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: LONGEST_CODE - 4].strip("_") or "rule"
    number, code = 1, stem
    while code in taken:
        number += 1
        code = f"{stem}_{number}"
    return code
