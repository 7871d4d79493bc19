"""The tokens of the pages: whatever is read stands out enough from what it is written on, in both themes (WCAG AA)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
PAIRS = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS)
LIGHT = {name: light for name, light, _ in PAIRS}
DARK = {name: dark for name, _, dark in PAIRS}
TEXT, SHAPE = 4.5, 3.0

WRITTEN_ON = [
    ("ink", ("bg", "card", "track", "brand-soft", "nt-wash", "wait-soft", "warn-soft", "ok-soft")),
    ("dim", ("bg", "card", "track", "brand-soft", "wait-soft")),
    ("brand", ("bg", "card", "brand-soft")),
    ("brand-ink", ("brand",)),
    ("on-nt", ("nt",)),
    ("nt-text", ("card", "nt-wash")),
    ("warn", ("card", "warn-soft")),
    ("ok", ("card", "ok-soft")),
]
SEEN_ON = [("edge", "card"), ("nt", "card"), ("overdue", "card"), ("brand", "card"), ("brand", "bg")]


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_surface_it_is_written_on(theme: dict[str, str]) -> None:
    weak = {
        f"{ink} on {surface}": round(contrast(theme[ink], theme[surface]), 2)
        for ink, surfaces in WRITTEN_ON
        for surface in surfaces
        if contrast(theme[ink], theme[surface]) < TEXT
    }
    assert weak == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_shapes_that_mean_something_can_be_seen(theme: dict[str, str]) -> None:
    weak = {
        f"{shape} on {surface}": round(contrast(theme[shape], theme[surface]), 2)
        for shape, surface in SEEN_ON
        if contrast(theme[shape], theme[surface]) < SHAPE
    }
    assert weak == {}


def test_colours_are_named_in_the_tokens_only() -> None:
    literal = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)\(", re.IGNORECASE)
    strays = {
        path.name: literal.findall(path.read_text(encoding="utf-8"))
        for path in (STATIC / "css").glob("*.css")
        if path.name != "tokens.css"
    }
    assert {name: found for name, found in strays.items() if found} == {}


def test_every_token_that_is_used_exists() -> None:
    defined = set(re.findall(r"--([\w-]+):", TOKENS))
    used = {
        name
        for path in (STATIC / "css").glob("*.css")
        for name in re.findall(r"var\(--([\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert used - defined == set()
