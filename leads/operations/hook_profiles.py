"""Say of an address how its payload is read, where its leads go and what proves their origin."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import ApiKey, User
from crm.operations import audit
from crm.operations.rights import require_administrator
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, Reach
from funnels.models import Funnel
from leads.intake.fields import check_map
from leads.intake.profiles import PROFILES
from leads.models import HookProfile

LONGEST_SECRET = 500


class UnknownProfile(DomainError):
    """A sender we do not understand, or a secret it does not have."""

    def __init__(self) -> None:
        super().__init__("unknown_profile", _("There is no such profile."), "profile")


class KeyDoesNotPush(DomainError):
    """An address by a key that may not push leads."""

    def __init__(self) -> None:
        super().__init__("key_does_not_push", _("This key may not push leads: choose one with leads:write."), "key")


class SecretIsTooLong(DomainError):
    """A secret nobody would have been given."""

    def __init__(self) -> None:
        super().__init__("secret_too_long", _("A secret has at most 500 characters."))


@transaction.atomic
def configure(
    *,
    key: ApiKey,
    profile: str,
    by: User | None,
    at: datetime,
    funnel: Funnel | None = None,
    field_map: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    forget: Collection[str] = (),
) -> HookProfile:
    """Set an address up or change it. A secret that is not told stays; `forget` names those to be removed.

    Raises UnknownProfile, KeyDoesNotPush, SecretIsTooLong, FieldMapIsWrong, PathIsMissing.
    """
    require_administrator(by=by)
    told = {name: value for name, value in (secrets or {}).items() if value}
    if profile not in PROFILES or not set(told) <= set(PROFILES[profile].secrets):
        raise UnknownProfile
    if key.reach(Permission.CREATE_LEAD) is Reach.NONE:
        raise KeyDoesNotPush
    if any(len(value) > LONGEST_SECRET for value in told.values()):
        raise SecretIsTooLong
    check_map(field_map=field_map or {})
    held, _is_new = HookProfile.objects.select_for_update().get_or_create(
        api_key=key, profile=profile, defaults={"created_at": at, "changed_at": at}
    )
    held.funnel, held.field_map, held.changed_at = funnel, dict(field_map or {}), at
    held.secrets = {name: value for name, value in {**held.secrets, **told}.items() if name not in forget}
    held.save()
    changes = {
        "profile": profile,
        "token_id": key.token_id,
        "funnel": funnel.code if funnel else None,
        "fields": sorted(held.field_map),
        "secrets": sorted(told),
        "forgotten": sorted(forget),
    }
    audit.record(action="hook.configure", obj=held, by=by, at=at, changes=changes)
    return held
