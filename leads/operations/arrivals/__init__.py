"""Take a request in: keep it raw, know the person, tell repeats from news, put it at the start of its funnel."""

from leads.operations.arrivals.arrival import (
    Arrival,
    ExternalIdIsTooLong,
    NothingToKnowBy,
    Outcome,
    Received,
    deadlines,
)
from leads.operations.arrivals.news import news_among, take_in_news
from leads.operations.arrivals.receive import receive, receive_arrival

__all__ = [
    "Arrival",
    "ExternalIdIsTooLong",
    "NothingToKnowBy",
    "Outcome",
    "Received",
    "deadlines",
    "news_among",
    "receive",
    "receive_arrival",
    "take_in_news",
]
