"""Which of the definitions explain a metric."""

from collections.abc import Sequence

from insights.views.definitions import DEFINITIONS, Definition

MEANINGS = {"quality": ("quality", "bounds", "decided", "overdue", "age")}
"""Metrics explained by more than the definition of their own name."""


def meanings(codes: Sequence[str]) -> list[Definition]:
    """Find what explains these metrics, in the order of the list of definitions."""
    named = {name for code in codes for name in MEANINGS.get(code, (code,))}
    return [definition for definition in DEFINITIONS if definition.code in named]
