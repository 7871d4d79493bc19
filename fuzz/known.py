"""What there has to be, so that made-up requests get further than 404: leads, webhooks, a key, a person signed in."""

import io
import json
from datetime import UTC, datetime

from bench.machine import ROOT
from bench.prepared import make_tokens
from bench.servers import HOST

PLACE = ROOT / "var" / "fuzz"
KNOWN, CASES = PLACE / "known.json", PLACE / "cases.json"  # told to the hooks, and told by them
LEADS = 300
LEADS_USED = 20  # few, so that facts gather on them
WEBHOOKS = 3  # of the 20 there may be, so that more can be made
ADMINISTRATOR = "admin@example.com"


def prepare() -> str:
    """Fill the database, write down what there is, and make a key for everything."""
    from django.core.management import call_command

    from crm.models import User
    from crm.operations import webhooks
    from funnels.models import Criterion
    from insights.queries.catalogue import CATALOGUE
    from leads.models import Lead

    call_command("migrate", verbosity=0)
    call_command("demo", leads=LEADS, stdout=io.StringIO(), stderr=io.StringIO())
    at, administrator = datetime.now(UTC), User.objects.get(email=ADMINISTRATOR)
    made = [
        webhooks.subscribe(url=f"https://example.com/hooks/{number}", by=administrator, at=at)
        for number in range(WEBHOOKS)
    ]
    leads = Lead.objects.filter(duplicate_of__isnull=True).order_by("-received_at")
    known = {
        "leads": [lead.code for lead in leads[:LEADS_USED]],
        "criteria": list(Criterion.objects.values_list("code", flat=True)),
        "metrics": list(CATALOGUE),
        "webhooks": [endpoint.code for endpoint in made],
        "deliveries": [webhooks.send_test(endpoint=endpoint, by=administrator, at=at).code for endpoint in made],
    }
    PLACE.mkdir(parents=True, exist_ok=True)
    KNOWN.write_text(json.dumps(known, indent=1))
    return make_tokens(at=at, keys=1)[0]


def sign_in(*, port: int) -> dict[str, str]:
    """Sign the administrator in, to whom webhooks belong; return the headers of the session."""
    import requests

    from crm.demo import PASSWORD

    page = f"http://{HOST}:{port}/login/"
    with requests.Session() as browser:
        browser.get(page, timeout=60).raise_for_status()
        form = {"username": ADMINISTRATOR, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        browser.post(page, data=form, timeout=60, allow_redirects=False).raise_for_status()
        cookies = {cookie.name: cookie.value or "" for cookie in browser.cookies}
    told = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": told, "X-CSRFToken": cookies["csrftoken"]}
