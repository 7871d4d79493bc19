"""People who do nothing but judge their queue, each with leads of their own that no other test looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from django.test import Client
from django.utils import timezone

from crm.demo import PASSWORD
from crm.models import User
from crm.operations import people, second_factor
from crm.rules.roles import Role
from funnels.models import Funnel
from leads.intake.row import IntakeRow
from leads.operations import arrivals
from leads.rules.facts import Channel

FIFTY, OFFLINE, EXPIRED, PAIR = "fifty", "offline", "expired", "pair"
STEPS, LOSS, HISTORY, PLAIN, CALLS, LAST = "steps", "loss", "history", "plain", "calls", "last"
TIRED, RACE, TABS, AWAY, PORTAL = "tired", "race", "tabs", "away", "portal"
CROWD = "crowd"  # more leads at one stage than are shown of it at once
TWOFOLD, COMER, SETTER = "twofold", "comer", "setter"  # two who sign in in two steps, and one who sets it up
LEADS = {
    FIFTY: 54,
    OFFLINE: 5,
    EXPIRED: 4,
    PAIR: 4,
    STEPS: 5,
    LOSS: 3,
    HISTORY: 4,
    PLAIN: 4,
    CALLS: 4,
    LAST: 1,
    TIRED: 5,
    RACE: 6,
    TABS: 4,
    AWAY: 4,
    PORTAL: 3,
    CROWD: 54,
    TWOFOLD: 3,
    COMER: 1,
    SETTER: 1,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody at their desk: how to sign in, an open session, their leads in the order they are offered."""

    email: str
    session: str
    codes: Sequence[str]
    secret: str  # of the authenticator, empty for those who sign in in one step


def seats() -> Mapping[str, Seat]:
    """Seat a manager for each test, with the leads it judges."""
    return {name: _seat(name, leads) for name, leads in LEADS.items()}


def _seat(name: str, leads: int) -> Seat:
    now, funnel = timezone.now(), Funnel.objects.get()
    email = f"{name}@example.com"
    user = people.create_user(
        email=email, name=name.title(), role=Role.MANAGER, team=None, password=PASSWORD, by=None, at=now
    )
    codes = []
    for number in range(leads):
        at = now - timedelta(seconds=leads - number)
        row = IntakeRow(source="seo", name=f"{name.title()} {number}", owner=email, received_at=at)
        codes.append(arrivals.receive(row=row, funnel=funnel, by=None, at=at, channel=Channel.API).lead.code)
    client = Client()
    client.force_login(user)
    secret = _two_steps(user, at=now - timedelta(minutes=5)) if name in (TWOFOLD, COMER) else ""
    return Seat(email, client.cookies["sessionid"].value, codes[::-1], secret)


def _two_steps(user: User, *, at: datetime) -> str:
    secret = second_factor.begin(user=user, at=at).secret
    second_factor.confirm(user=user, code=pyotp.TOTP(secret).at(at), at=at)
    return secret
