"""The menu: what the person may open, and nothing that does not exist."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.permissions import Permission, is_granted


@dataclass(frozen=True)
class Item:
    """One line of the menu."""

    name: Promise
    url_name: str
    permission: Permission
    url: str = ""
    is_current: bool = False


ITEMS = (
    Item(_("Board"), "insights:board", Permission.VIEW_BOARD),
    Item(_("Leads"), "leads:list", Permission.READ_LEADS),
    Item(_("Settings"), "crm:settings", Permission.ADMINISTER),
)
SETTINGS = (
    Item(_("Company"), "crm:settings", Permission.ADMINISTER),
    Item(_("Keys"), "keys:list", Permission.ADMINISTER),
    Item(_("Inbound"), "hooks:list", Permission.ADMINISTER),
    Item(_("Submissions"), "hooks:submissions", Permission.ADMINISTER),
    Item(_("Forms"), "form_settings:list", Permission.ADMINISTER),
    Item(_("Webhooks"), "crm:webhooks", Permission.ADMINISTER),
)


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every template the menu of the person who is looking, and within the settings the menu of those."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"menu": (), "submenu": ()}
    within = SETTINGS if request.path.startswith(reverse("crm:settings")) else ()
    return {"menu": _granted(ITEMS, user, request), "submenu": _granted(within, user, request)}


def _granted(items: Iterable[Item], user: User, request: HttpRequest) -> tuple[Item, ...]:
    return tuple(_shown(item, request) for item in items if is_granted(user.role, item.permission))


def _shown(item: Item, request: HttpRequest) -> Item:
    url = reverse(item.url_name)
    is_whole = url == "/" or item in SETTINGS[:1]
    is_current = request.path == url if is_whole else request.path.startswith(url)
    return Item(item.name, item.url_name, item.permission, url=url, is_current=is_current)
