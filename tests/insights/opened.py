"""A page as a reader meets it: its links with their words, and the count a list of leads says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse

K_OF_N = re.compile(r"(\d[\d,]*) of \d")
NUMBER = re.compile(r"\d[\d,]*")
COUNT = re.compile(r'<b class="pick">([\d,]+)</b>')


@dataclass(slots=True)
class Link:
    """Where a link leads and what it says, aloud or in writing."""

    href: str
    label: str
    text: str = ""

    @property
    def told(self) -> str:
        return self.label or " ".join(self.text.split())

    @property
    def path(self) -> str:
        return urlsplit(self.href).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.href).query, keep_blank_values=True)

    @property
    def count(self) -> int:
        """Read how many leads the link promises: k of "k of n", or its only number."""
        found = K_OF_N.search(self.told) or NUMBER.search(self.told)
        assert found, f"the link “{self.told}” to {self.href} names no count"
        return int(found[1 if found.re is K_OF_N else 0].replace(",", ""))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []
        self._open: Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in known:
            self._open = Link(known["href"], known.get("aria-label", ""))
            self.found.append(self._open)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.text += data


def links(response: HttpResponse) -> list[Link]:
    """Read all links of a page."""
    parser = _Links()
    parser.feed(response.content.decode())
    return parser.found


def links_to(response: HttpResponse, path: str) -> Iterator[Link]:
    """Read the links of a page to an address."""
    return (link for link in links(response) if link.path == path)


def listed(response: HttpResponse) -> int:
    """Read how many leads a list says it holds."""
    found = COUNT.search(response.content.decode())
    assert found, "the list does not say how many leads it holds"
    return int(found[1].replace(",", ""))


def panel_of(response: HttpResponse, code: str) -> Any:
    """Find a panel among those of the board."""
    return next(frame.panel for frame in response.context["frames"] if frame.page.code == code)  # type: ignore[attr-defined]
