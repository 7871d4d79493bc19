"""One spelling for searching: neither case nor ё stands between a person and a name."""


def fold(text: str) -> str:
    """Fold a text for comparison: casefolded, ё as е, white space collapsed."""
    return " ".join(text.casefold().replace("ё", "е").split())


def search_key(*parts: str) -> str:
    """Join what a contact can be found by into one folded text."""
    return " ".join(folded for part in parts if (folded := fold(part)))


APART = '«»„“”"(),;:/-'  # what stands between words besides a space


def words(text: str) -> list[str]:
    """Take a text apart into folded words."""
    return fold(text).translate(str.maketrans(APART, " " * len(APART))).split()
