"""The API's description in docs/openapi.yaml is the one the code gives, and a change of it is told."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client

KEPT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


def test_the_description_kept_is_the_one_the_code_gives(capsys: pytest.CaptureFixture[str]) -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert yaml.safe_load(out.getvalue()) == yaml.safe_load(KEPT.read_text(encoding="utf-8")), (
        "run `manage.py spectacular --file docs/openapi.yaml` and tell the change in CHANGELOG.md"
    )


def test_every_operation_says_how_it_refuses() -> None:
    described = yaml.safe_load(KEPT.read_text(encoding="utf-8"))
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            answers = set(operation["responses"])
            assert answers >= {"400", "401", "403", "404", "405", "429", "500"}, (method, path)
            if "requestBody" in operation:
                assert answers >= {"413", "415", "422"}, (method, path)


def test_amounts_are_text_or_numbers_as_they_are_read() -> None:
    shapes = yaml.safe_load(KEPT.read_text(encoding="utf-8"))["components"]["schemas"]
    assert shapes["SaleIn"]["properties"]["amount"]["type"] == ["string", "number"]
    assert shapes["TransitionIn"]["properties"]["amount"]["anyOf"][0]["type"] == ["string", "number"]


@pytest.mark.django_db
def test_it_is_served_to_machines_and_to_people(client: Client) -> None:
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")
    page = client.get("/api/docs/")
    assert "/api/v1/openapi.json" in page.content.decode()
    assert "unsafe" not in page.headers["Content-Security-Policy"]
