"""Sources, campaigns and segments of the demonstration."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from leads.demo.story import (
    CAME_BACK_DIRECT_SHARE,
    CAMPAIGN_NAMES,
    DIRECT,
    HEARD_OF_FROM,
    RETURNED_BY,
    SEGMENTS,
    SOURCES,
    SourceStory,
)
from leads.models import Campaign, Segment, Source
from leads.operations.dictionaries import undefined_source


@dataclass(frozen=True, slots=True)
class Places:
    """Where the leads of the story come from."""

    sources: dict[str, Source]
    unknown: Source
    direct: Source
    campaigns: dict[tuple[int, str], Campaign]
    segments: list[Segment]

    def source(self, story: SourceStory | None) -> Source:
        """Find the row of a source of the story."""
        return self.unknown if story is None else self.sources[story.code]

    def visits(self, story: SourceStory | None, number: int) -> tuple[Source | None, Source | None]:
        """Choose where a person had first been from, and last, if not from the source of the request."""
        random = Random(number * 37 + 11)
        never = 1 - sum(HEARD_OF_FROM.values())
        (heard_of_from,) = random.choices([*HEARD_OF_FROM, ""], [*HEARD_OF_FROM.values(), never])
        came_back_direct = random.random() < CAME_BACK_DIRECT_SHARE
        if story is None:
            return None, None
        first = self.sources.get(heard_of_from) if story.code in RETURNED_BY else None
        return first, self.direct if came_back_direct else None

    def campaign(self, source: Source, code: str) -> Campaign | None:
        """Find a campaign of a source; a lead may come without one."""
        return self.campaigns.get((source.pk, code))

    def segment(self, number: int) -> Segment | None:
        """Choose a segment for a request; a few stay without."""
        random = Random(number * 31 + 7)
        weights = [weight for _code, _names, weight in SEGMENTS]
        return random.choices([*self.segments, None], [*weights, 0.03])[0]


def create_places(*, language: str, at: datetime) -> Places:
    """Create the sources with their campaigns, and the segments."""
    sources = {}
    campaigns = {}
    for story in SOURCES:
        source = Source.objects.create(code=story.code, name=story.names[language], is_confirmed=True, created_at=at)
        sources[story.code] = source
        for code in story.campaigns:
            name = CAMPAIGN_NAMES[code][language]
            campaigns[source.pk, code] = Campaign.objects.create(source=source, code=code, name=name, created_at=at)
    segments = [
        Segment.objects.create(code=code, name=names[language], is_confirmed=True, created_at=at)
        for code, names, _weight in SEGMENTS
    ]
    direct = Source.objects.create(code="direct", name=DIRECT[language], is_confirmed=True, created_at=at)
    return Places(
        sources=sources, unknown=undefined_source(at=at), direct=direct, campaigns=campaigns, segments=segments
    )
