"""The menu: what the person may open, and nothing that does not exist."""

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


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every template the menu of the person who is looking."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"menu": ()}
    return {"menu": tuple(_shown(item, request) for item in ITEMS if is_granted(user.role, item.permission))}


def _shown(item: Item, request: HttpRequest) -> Item:
    url = reverse(item.url_name)
    is_current = request.path == url if url == "/" else request.path.startswith(url)
    return Item(item.name, item.url_name, item.permission, url=url, is_current=is_current)
