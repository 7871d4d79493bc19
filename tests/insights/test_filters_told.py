"""The strip of the board says what the numbers are narrowed to: a name where one is chosen, else how many."""

import pytest

from insights.queries.choices import Choice
from insights.views.questions import Filter

CHOICES = [Choice("vk", "VK"), Choice("ads", "Google Ads, brand and competitors"), Choice("seo", "SEO")]


@pytest.mark.parametrize(
    ("chosen", "told"),
    [(("vk",), "VK"), (("ads",), "Google Ads, brand and c…"), (("vk", "seo"), "2"), (("gone",), "1")],
)
def test_one_is_named_and_several_are_counted(chosen: tuple[str, ...], told: str) -> None:
    strip = Filter(name="source", label="Source", chosen=chosen, choices=CHOICES, hidden=(), clear_url="")
    assert strip.told == told
