"""Who may come to which address: the matrix of routes and roles, written out by hand.

To add a route, add a row to ROUTES: who is let in, by which method it is tried, what stands in its address. An address
that takes several methods has a row for each: the method stands behind its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crm.rules.roles import Role

ADMIN, HEAD, MANAGER, MARKETER, EXECUTIVE = Role
EVERYBODY = frozenset(Role)
SELLERS = (ADMIN, HEAD, MANAGER)


@dataclass(frozen=True)
class Route:
    """Who may come to an address; `args` are names of things in the `world` fixture."""

    allowed: frozenset[Role]
    method: str = "get"
    args: tuple[str, ...] = ()
    public: bool = False


def public(method: str = "get", *args: str) -> Route:
    return Route(EVERYBODY, method, args, public=True)


def roles(*allowed: Role, method: str = "get", args: tuple[str, ...] = ()) -> Route:
    return Route(frozenset(allowed), method, args)


def everybody(method: str = "get", *args: str) -> Route:
    return Route(EVERYBODY, method, args)


ROUTES: Mapping[str, Route] = {
    "livez": public(),
    "readyz": public(),
    "crm:login": public(),
    "crm:logout": public("post"),
    "crm:password_reset": public(),
    "crm:password_reset_done": public(),
    "crm:password_reset_confirm": public("get", "uid", "token"),
    "crm:password_reset_complete": public(),
    "crm:language": public("post"),
    "crm:theme": public("post"),
    "crm:password_change": everybody(),
    "crm:profile": everybody(),
    "crm:settings": roles(ADMIN),
    "insights:board": everybody(),
    "insights:leads": everybody(),
    "insights:definitions": everybody(),
    "insights:export": everybody("get", "metric"),
    "leads:list": everybody(),
    "leads:create": roles(ADMIN, HEAD, MANAGER),
    "leads:card": everybody("get", "lead"),
    "leads:judge": roles(ADMIN, HEAD, MANAGER, method="post", args=("lead",)),
    "leads:touch": roles(ADMIN, HEAD, MANAGER, method="post", args=("lead",)),
    "leads:move": roles(ADMIN, HEAD, MANAGER, method="post", args=("lead",)),
    "leads:lose": roles(ADMIN, HEAD, MANAGER, method="post", args=("lead",)),
    "leads:win": roles(ADMIN, HEAD, MANAGER, method="post", args=("lead",)),
    "leads:reopen": roles(ADMIN, HEAD, MANAGER, method="post", args=("lead",)),
    "leads:assign": roles(ADMIN, HEAD, MANAGER, method="post", args=("lead",)),
    "leads:merge": roles(ADMIN, HEAD, method="post", args=("lead",)),
    "leads:unmerge": roles(ADMIN, HEAD, method="post", args=("lead",)),
    "forms:page": public("get", "form_key"),
    "forms:embed": public("get", "form_key"),
    "form_settings:list": roles(ADMIN),
    "form_settings:create": roles(ADMIN),
    "form_settings:edit": roles(ADMIN, args=("form",)),
    "form_settings:archive": roles(ADMIN, method="post", args=("form",)),
    "form_settings:quarantine": roles(ADMIN),
    "form_settings:spam": roles(ADMIN),
    "form_settings:release": roles(ADMIN, method="post", args=("suspected",)),
    "form_settings:keep": roles(ADMIN, method="post", args=("suspected",)),
    "crm:webhooks": roles(ADMIN),
    "crm:webhooks_create": roles(ADMIN),
    "crm:webhook": roles(ADMIN, args=("webhook",)),
    "crm:webhook_rotate": roles(ADMIN, method="post", args=("webhook",)),
    "crm:webhook_enable": roles(ADMIN, method="post", args=("webhook",)),
    "crm:webhook_disable": roles(ADMIN, method="post", args=("webhook",)),
    "crm:webhook_test": roles(ADMIN, method="post", args=("webhook",)),
    "crm:webhook_replay": roles(ADMIN, method="post", args=("webhook",)),
    "crm:webhook_redeliver": roles(ADMIN, method="post", args=("delivery",)),
    "keys:list": roles(ADMIN),
    "keys:create": roles(ADMIN),
    "keys:rotate": roles(ADMIN, args=("key",)),
    "keys:revoke": roles(ADMIN, method="post", args=("key",)),
    "hooks:door": public("get", "token_pushed", "sender"),  # the token in the address is who comes, not the person
    "hooks:list": roles(ADMIN),
    "hooks:change": roles(ADMIN, args=("key", "sender")),
    "hooks:submissions": roles(ADMIN),
    "hooks:submission": roles(ADMIN, args=("pushed",)),
    "hooks:replay": roles(ADMIN, method="post", args=("pushed",)),
    "hooks:replay_all": roles(ADMIN, method="post"),
    "openapi": public(),
    "api_docs": public(),
    "api:metric": everybody("get", "metric"),
    "api:events": roles(ADMIN, MARKETER, EXECUTIVE),
    "api:webhooks": roles(ADMIN),
    "api:webhooks post": roles(ADMIN, method="post"),
    "api:webhook": roles(ADMIN, args=("webhook",)),
    "api:webhook patch": roles(ADMIN, method="patch", args=("webhook",)),
    "api:webhook_deliveries": roles(ADMIN, args=("webhook",)),
    "api:webhook_rotate": roles(ADMIN, method="post", args=("webhook",)),
    "api:webhook_test": roles(ADMIN, method="post", args=("webhook",)),
    "api:webhook_replay": roles(ADMIN, method="post", args=("webhook",)),
    "api:webhook_redeliver": roles(ADMIN, method="post", args=("delivery",)),
    "api:leads": everybody(),
    "api:leads post": roles(*SELLERS, method="post"),
    "api:leads_batch": roles(*SELLERS, method="post"),
    "api:lead": everybody("get", "lead"),
    "api:lead patch": roles(*SELLERS, method="patch", args=("lead",)),
    "api:lead_by_external_id": everybody("get", "source", "external_id"),
    "api:assessments": roles(*SELLERS, method="post", args=("lead",)),
    "api:transitions": roles(*SELLERS, method="post", args=("lead",)),
    "api:touches": roles(*SELLERS, method="post", args=("lead",)),
    "api:sales": roles(*SELLERS, method="post", args=("lead",)),
    "api:sources": everybody(),
    "api:sources post": roles(*SELLERS, method="post"),
    "api:campaigns": everybody(),
    "api:campaigns post": roles(*SELLERS, method="post"),
    "api:segments": everybody(),
    "api:segments post": roles(*SELLERS, method="post"),
    "api:funnels": everybody(),
    "api:criteria": everybody(),
    "api:loss_reasons": everybody(),
}
