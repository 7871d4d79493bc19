"""Foreign keys point down, only operations write, personal data is declared, settings are documented."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT = Path(settings.BASE_DIR)
LAYERS = ("crm", "funnels", "leads", "insights", "reviews")

READ_ONLY_LAYERS = ("views", "api", "queries", "rules", "forms", "tasks", "charts", "exports", "intake", "management")
# `update` and `add` of dicts and sets are told from those of querysets by what they are called on.
WRITES = {
    "save",
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "delete",
    "acreate",
    "asave",
    "adelete",
    "aupdate",
}
QUERYSET_MAKERS = {"objects", "filter", "exclude", "all", "select_for_update", "visible_to", "valid", "order_by"}

# Free text of the leads app that says nothing about a person: codes, names of sources and files.
NOT_PERSONAL = {
    "leads.BulkRun": {"act", "results"},
    "leads.ListColumns": {"columns"},
    "leads.Assessment": {"by_role"},
    "leads.Source": {"code", "name"},
    "leads.SourceAlias": {"name"},
    "leads.Campaign": {"code", "name"},
    "leads.Segment": {"code", "name"},
    "leads.FirstRun": {"skipped"},
    "leads.HookProfile": {"profile", "field_map", "secrets"},
    "leads.ImportBatch": {"file_name", "sha256", "mapping"},
    "leads.ImportDraft": {
        "file_name",
        "sha256",
        "kind",
        "encoding",
        "delimiter",
        "page",
        "pages",
        "source",
        "language",
        "empty_words",
        "date_format",
    },
    "leads.ImportMemory": {"source", "headings", "empty_words", "date_format"},
    "leads.ConsentText": {"text", "digest"},
    "leads.PublicForm": {"key", "title", "campaign", "fields", "thanks_text", "thanks_url", "allowed_sites"},
    "leads.Sale": {"currency"},
    "leads.Submission": {"error_code", "content_type", "profile"},
    "leads.Touch": {"telephony_code"},
    "leads.Transition": {"from_milestone"},
}


def _our_models() -> list[type[models.Model]]:
    return [model for label in LAYERS for model in apps.get_app_config(label).get_models()]


def _sources(layer: str) -> Iterator[Path]:
    for app in LAYERS:
        yield from (ROOT / app).glob(f"{layer}.py")
        yield from (ROOT / app / layer).rglob("*.py")


@pytest.mark.parametrize("model", _our_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: type[models.Model]) -> None:
    own = LAYERS.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if field.is_relation and field.concrete and field.related_model is not None:
            target = field.related_model._meta.app_label
            assert target in LAYERS[: own + 1], f"{model._meta.label}.{field.name} points to {target}"


@pytest.mark.parametrize("model", _our_models(), ids=lambda model: model._meta.label)
def test_personal_data_is_declared(model: type[models.Model]) -> None:
    names = {field.name for field in model._meta.get_fields()}
    assert "PERSONAL_DATA" in vars(model), "say which fields hold personal data, if only ()"
    assert set(model.PERSONAL_DATA) <= names


@pytest.mark.parametrize("model", list(apps.get_app_config("leads").get_models()), ids=lambda model: model._meta.label)
def test_every_text_of_a_lead_is_personal_or_known_not_to_be(model: type[models.Model]) -> None:
    text = {
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
    }
    harmless = NOT_PERSONAL.get(model._meta.label, set())
    assert text - set(model.PERSONAL_DATA) == harmless


def _written(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_write(node.func):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} .{node.func.attr}()")
    return found


def _is_write(function: ast.Attribute) -> bool:
    if function.attr == "update":
        return _makes_a_queryset(function.value)
    return function.attr in WRITES


def _makes_a_queryset(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        value = value.func
    return isinstance(value, ast.Attribute) and value.attr in QUERYSET_MAKERS


@pytest.mark.parametrize("layer", READ_ONLY_LAYERS)
def test_only_operations_write(layer: str) -> None:
    assert [write for path in _sources(layer) for write in _written(path)] == []


@pytest.mark.parametrize(
    "code",
    [
        "lead.save()",
        "Lead.objects.create(a=1)",
        "Lead.objects.filter(a=1).update(b=2)",
        "Lead.objects.update(b=2)",
        "lead.touches.all().delete()",
        "Lead.objects.get_or_create(a=1)",
        "Lead.objects.bulk_create([])",
    ],
)
def test_a_write_is_recognised(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "view.py"
    path.write_text(code)
    assert len(_written(path)) == 1


@pytest.mark.parametrize("code", ["context.update(a=1)", "hashlib.new('x').update(b'')", "Lead.objects.filter(a=1)"])
def test_what_is_no_write_is_left_alone(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "view.py"
    path.write_text(code)
    assert _written(path) == []


def _names_read() -> set[str]:
    reads = re.compile(r"""\benv(?:\.\w+)?\(\s*["']([A-Z_]+)["']""")
    others = re.compile(r"""os\.(?:environ\[|environ\.get\(|getenv\()\s*["']([A-Z_]+)["']""")
    names: set[str] = set()
    for app in ("config", *LAYERS):
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            names.update(reads.findall(text), others.findall(text))
    return names


def test_every_setting_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    documented = set(re.findall(r"^#?\s*([A-Z_]+)=", example, flags=re.MULTILINE))
    assert _names_read() - documented == set()
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"} <= _names_read()


def test_only_config_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for app in LAYERS
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"os\.environ|os\.getenv|config\.env", path.read_text(encoding="utf-8"))
    ]
    assert readers == []
