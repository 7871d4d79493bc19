"""What else a part of a question could be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """A ready-made choice: what it is called, where it leads, whether it is in force."""

    label: str
    url: str
    is_current: bool
