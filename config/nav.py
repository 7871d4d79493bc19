"""The menu: what the person may open, and nothing that does not exist."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.permissions import Permission, is_granted
from leads.queries.first_run import unfinished
from leads.queries.names import waiting_counts


@dataclass(frozen=True)
class Item:
    """One line of the menu."""

    name: Promise
    url_name: str
    permission: Permission
    url: str = ""
    is_current: bool = False
    waiting: int = 0
    count_url_name: str = ""
    count_url: str = ""


ITEMS = (
    Item(_("My day"), "day:page", Permission.READ_LEADS),
    Item(_("Board"), "insights:board", Permission.VIEW_BOARD),
    Item(_("Queue"), "queue:next", Permission.JUDGE_LEAD, count_url_name="queue:count"),
    Item(_("Leads"), "leads:list", Permission.READ_LEADS),
    Item(_("Pipeline"), "kanban:show", Permission.EDIT_LEAD),
    Item(_("Rules"), "rules:overview", Permission.VIEW_BOARD),
    Item(_("Import"), "imports:list", Permission.IMPORT_LEADS),
    Item(_("Settings"), "crm:settings", Permission.ADMINISTER),
)
SETTINGS = (
    Item(_("Company"), "crm:settings", Permission.ADMINISTER),
    Item(_("People"), "crm:people", Permission.ADMINISTER),
    Item(_("Sources"), "dictionaries:sources", Permission.ADMINISTER),
    Item(_("Campaigns"), "dictionaries:campaigns", Permission.ADMINISTER),
    Item(_("Segments"), "dictionaries:segments", Permission.ADMINISTER),
    Item(_("Keys"), "keys:list", Permission.ADMINISTER),
    Item(_("Inbound"), "hooks:list", Permission.ADMINISTER),
    Item(_("Submissions"), "hooks:submissions", Permission.ADMINISTER),
    Item(_("Forms"), "form_settings:list", Permission.ADMINISTER),
    Item(_("Assignment"), "assignment:rules", Permission.IMPORT_LEADS),
    Item(_("Webhooks"), "crm:webhooks", Permission.ADMINISTER),
    Item(_("Audit log"), "crm:audit_log", Permission.ADMINISTER),
)


def menu(request: HttpRequest) -> dict[str, object]:
    """Give every template the menu of the person who is looking, and within the settings the menu of those."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"menu": (), "submenu": ()}
    within = SETTINGS if request.path.startswith(reverse("crm:settings")) else ()
    return {
        "menu": _granted(ITEMS, user, request),
        "submenu": _with_waiting(_granted(within, user, request)),
        **_led_on(request, user),
    }


def _with_waiting(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Say in the menu of the settings how many names wait for a yes."""
    if not items:
        return items
    counts = {f"dictionaries:{kind}s": count for kind, count in waiting_counts().items()}
    return tuple(replace(item, waiting=counts.get(item.url_name, 0)) for item in items)


def _led_on(request: HttpRequest, user: User) -> dict[str, object]:
    """Lead an administrator on from the first page until the installation is set up."""
    if request.path != reverse("insights:board") or not is_granted(user.role, Permission.ADMINISTER):
        return {}
    return {"first_run": unfinished()}


def _granted(items: Iterable[Item], user: User, request: HttpRequest) -> tuple[Item, ...]:
    return tuple(_shown(item, request) for item in items if is_granted(user.role, item.permission))


def _shown(item: Item, request: HttpRequest) -> Item:
    url = reverse(item.url_name)
    is_whole = url == "/" or item in SETTINGS[:1]
    is_current = request.path == url if is_whole else request.path.startswith(url)
    count_url = reverse(item.count_url_name) if item.count_url_name else ""
    return replace(item, url=url, is_current=is_current, count_url=count_url)
