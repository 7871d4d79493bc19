"""What is deployed, read as data: nothing here needs Docker."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
OURS = {"migrate", "web", "worker", "beat"}
SECRETS = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"}


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def names_in_example() -> set[str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", text, flags=re.MULTILINE))


def names_read_by_settings() -> set[str]:
    text = "".join((ROOT / "config" / name).read_text(encoding="utf-8") for name in ("settings.py", "env.py"))
    return set(re.findall(r"\benv(?:\.\w+)?\(\s*\"([A-Z0-9_]+)\"", text))


def names_read_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


def command(name: str) -> str:
    return " ".join(str(word) for word in services()[name]["command"])


def test_the_services_are_those_the_runbook_names() -> None:
    assert set(services()) == OURS | {"postgres", "redis"}


@pytest.mark.parametrize("name", sorted((OURS | {"postgres", "redis"}) - {"migrate"}))
def test_every_lasting_service_has_a_health_check_and_restarts(name: str) -> None:
    service = services()[name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(OURS | {"postgres", "redis"}))
def test_no_service_runs_as_root_or_gains_privileges(name: str) -> None:
    service = services()[name]
    assert service["user"] not in ("root", "0", 0)
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_read_the_one_env_file_and_write_only_to_tmp(name: str) -> None:
    service = services()[name]
    assert service["env_file"] == ".env"
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_the_tables_are_migrated(name: str) -> None:
    assert services()[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_migrate_runs_once_and_ends() -> None:
    assert services()["migrate"]["restart"] == "no"
    assert "migrate" in command("migrate")


def test_redis_keeps_its_queue_and_never_evicts() -> None:
    assert "--appendonly yes" in command("redis")
    assert "--maxmemory-policy noeviction" in command("redis")


def test_postgres_sorts_and_lowers_russian() -> None:
    arguments = services()["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert {"--encoding=UTF8", "--locale-provider=icu", "--icu-locale=ru-RU"} <= set(arguments)
    assert int(services()["postgres"]["image"].partition(":")[2]) >= 15


def test_no_database_or_broker_port_is_published() -> None:
    assert "ports" not in services()["postgres"]
    assert "ports" not in services()["redis"]
    assert all(str(port).startswith("127.0.0.1:") for port in services()["web"]["ports"])


def test_data_survives_the_containers() -> None:
    mounted = {volume.partition(":")[0] for name in ("postgres", "redis") for volume in services()[name]["volumes"]}
    assert mounted == set(compose()["volumes"])


def test_the_image_ends_as_an_ordinary_user() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["razbor"]
    assert services()["web"]["user"] == users[-1]


def test_the_image_is_built_in_stages_and_collects_static_files() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert len(re.findall(r"^FROM ", text, flags=re.MULTILINE)) == 2
    assert "collectstatic" in text
    assert '"gunicorn", "config.wsgi:application"' in text


def test_no_secret_reaches_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".git", "var"} <= set(ignored)


def test_every_setting_in_the_example_is_read() -> None:
    assert names_in_example() - names_read_by_settings() - names_read_by_compose() == set()


def test_every_setting_read_is_in_the_example() -> None:
    assert (names_read_by_settings() | names_read_by_compose()) - names_in_example() == set()


def test_every_setting_in_the_example_is_explained() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    unexplained = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if re.match(r"(# )?[A-Z][A-Z0-9_]+=", line) and not re.match(r"# (?![A-Z][A-Z0-9_]+=)", before)
    ]
    assert unexplained == []


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_every_secret_may_come_from_a_file(name: str) -> None:
    assert f"{name}_FILE" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_the_example_holds_no_secret() -> None:
    values = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
        if re.match(r"[A-Z]", line)
    )
    assert values["SECRET_KEY"] == values["POSTGRES_PASSWORD"] == ""


def test_the_runbook_explains_every_setting() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert {name for name in names_in_example() if f"| `{name}` |" not in text} == set()


def test_the_runbook_explains_every_check() -> None:
    raised = set(re.findall(r"razbor\.[EW]\d{3}", (ROOT / "config" / "checks.py").read_text(encoding="utf-8")))
    explained = set(re.findall(r"razbor\.[EW]\d{3}", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")))
    assert raised == explained
