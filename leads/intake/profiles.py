"""Every profile by the name it has in an address: how it is read, what its sender wants to hear, what proves it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext_lazy as _

from leads.intake import amocrm, bitrix24, calltouch, facebook, generic, google_ads, tilda, vk
from leads.intake.hook import Deal, Handshake, Hook, Setup, Translated, sourced, with_campaign

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Translate(Protocol):
    """What a profile does with a hook."""

    def __call__(self, *, hook: Hook, setup: Setup) -> Translated: ...


Greet = Callable[..., Handshake | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A sender we understand. `answer` is the text it wants for a yes; without one it gets JSON."""

    code: str
    name: str | _StrPromise
    translate: Translate
    greet: Greet | None = None
    answer: str = ""
    default_source: str = ""
    secrets: Mapping[str, str | _StrPromise]
    is_asked_by_get: bool = False


def _no_secrets() -> dict[str, str | _StrPromise]:
    return {}


_ALL = (
    Profile(code="generic", name=_("Any form or program"), translate=generic.translate, secrets=_no_secrets()),
    Profile(code="tilda", name="Tilda", translate=tilda.translate, answer="ok", secrets=_no_secrets()),
    Profile(code="amocrm", name="amoCRM", translate=amocrm.translate, secrets=_no_secrets()),
    Profile(
        code="bitrix24",
        name="Bitrix24",
        translate=bitrix24.translate,
        secrets={"application_token": _("Application token of the outgoing hook")},
    ),
    Profile(
        code="calltouch",
        name="Calltouch, Callibri",
        translate=calltouch.translate,
        answer="ok",
        default_source="calltouch",
        secrets=_no_secrets(),
        is_asked_by_get=True,
    ),
    Profile(
        code="facebook",
        name="Facebook Lead Ads",
        translate=facebook.translate,
        greet=facebook.greet,
        default_source="facebook",
        secrets={"app_secret": _("App secret"), "verify_token": _("Verify token")},
        is_asked_by_get=True,
    ),
    Profile(
        code="google-ads",
        name="Google Ads",
        translate=google_ads.translate,
        default_source="google",
        secrets={"google_key": _("Key of the lead form")},
    ),
    Profile(
        code="vk",
        name="VK",
        translate=vk.translate,
        greet=vk.greet,
        answer="ok",
        default_source="vk",
        secrets={"confirmation": _("Confirmation text"), "secret": _("Secret key")},
    ),
)
PROFILES: Mapping[str, Profile] = {profile.code: profile for profile in _ALL}


def translate(*, profile: Profile, hook: Hook, setup: Setup, bound: Collection[str] = ()) -> Translated:
    """Make of a hook what its profile says, each row with its source and campaign settled.

    `bound` are the sources the key of the address is for; none is all.
    """
    told = profile.translate(hook=hook, setup=setup)
    if not isinstance(told, tuple):
        return told
    return tuple(_settled(deal, bound, profile.default_source) for deal in told)


def _settled(deal: Deal, bound: Collection[str], default: str) -> Deal:
    row = sourced(row=deal.row, bound=bound, default=default)
    return replace(deal, row=with_campaign(row=row))
