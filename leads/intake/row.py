"""What every door makes of a request before it becomes a lead: one row, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from leads.rules.facts import TouchResult


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRow:
    """A request as told, tidied but not looked up: names and codes are text, times carry their zone.

    An empty text or None means that nothing was said. Phone and e-mail are as they arrived; the operation that
    receives the row normalises them with the company's region. Without `has_own_id` the external id was made by the
    door, to know the same request again, and tells nothing of who sent it.
    """

    external_id: str = ""
    has_own_id: bool = True
    source: str = ""
    first_source: str = ""
    last_source: str = ""
    campaign: str = ""
    segment: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    company: str = ""
    message: str = ""
    owner: str = ""
    received_at: datetime | None = None
    first_touch_at: datetime | None = None
    stage: str = ""
    lost_at: datetime | None = None
    lost_reasons: tuple[str, ...] = ()
    lost_note: str = ""
    won: bool = False
    won_at: datetime | None = None
    amount: Decimal | None = None
    verdict: Literal["target"] | None = None
    fails: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    touch: TouchResult | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    utm: Mapping[str, str] = field(default_factory=dict)
    is_test: bool = False
    raw: Mapping[str, object] = field(default_factory=dict)
