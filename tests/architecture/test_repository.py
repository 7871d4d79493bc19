"""The repository as a whole: sizes, pins, and nothing that works on one machine only."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "crm", "funnels", "leads", "insights", "reviews")
MAXIMUM_LINES = 300
IGNORED = {".git", ".env", ".venv", "var", "node_modules", "staticfiles", "results"}
TEXT = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".html", ".css", ".js", ".json", ".example", ".po", ""}
# Split, so that this file passes its own test.
ABSOLUTE = re.compile("|".join(["/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/", "/wo" + "rk/", r"[A-Z]:\\" + "Users"]))
REGISTRY = re.compile("|".join(["py" + r"pi\.", "files\\.python" + "hosted", "index-" + "url", "find-" + "links"]))


def files(*suffixes: str) -> list[Path]:
    """List our files with one of the suffixes; hidden caches and environments are not ours."""
    found = []
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden_cache = any(part.endswith("_cache") or part in {"__pycache__", ".hypothesis"} for part in parts)
        if path.is_file() and path.suffix in suffixes and not hidden_cache and not IGNORED & set(parts):
            found.append(path)
    return sorted(found)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [line.partition(";")[0].strip() for line in lines if line and not line.startswith(("-", "#"))]
    unpinned = [line for line in wanted if "==" not in line]
    assert unpinned == []
    return {canonical(line.split("==")[0]): line.split("==")[1] for line in wanted}


def canonical(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", requirement.partition("[")[0]).lower()


def test_no_python_file_is_longer_than_a_screenful_of_screens() -> None:
    long = {
        named(path): count
        for path in files(".py")
        if "migrations" not in path.parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > MAXIMUM_LINES
    }
    assert long == {}


def test_no_file_names_a_place_on_one_machine() -> None:
    assert [named(path) for path in files(*TEXT) if ABSOLUTE.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_names_a_package_index() -> None:
    assert [named(path) for path in files(*TEXT) if REGISTRY.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_leaves_work_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
    assert [
        named(path) for path in files(".py", ".html", ".css", ".js") if later.search(path.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_direct_requirement_is_pinned_as_the_constraints_pin_it(name: str) -> None:
    constraints = pins("constraints.txt")
    assert {key: version for key, version in pins(name).items() if constraints.get(key) != version} == {}


def test_requirements_install_under_the_constraints() -> None:
    assert (ROOT / "requirements.txt").read_text(encoding="utf-8").startswith("-c constraints.txt\n")
    assert (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").startswith("-r requirements.txt\n")


def test_every_runtime_requirement_says_what_it_saves_and_costs() -> None:
    text = (ROOT / "docs" / "adr" / "0006-dependencies.md").read_text(encoding="utf-8").lower()
    table = "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| "))
    unexplained = {
        name for name in pins("requirements.txt") if name not in table and name.rpartition("-")[2] not in table
    }
    assert unexplained == set()


def test_no_app_has_a_file_for_odds_and_ends() -> None:
    vague = {"utils", "helpers", "common", "misc", "services", "base", "signals", "admin"}
    assert [named(path) for app in APPS for path in (ROOT / app).rglob("*.py") if path.stem in vague] == []


def test_every_file_of_one_layer_stays_in_the_contract() -> None:
    """Layers are listed once, in pyproject; the containers there are all the apps there are."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    by_id = {contract["id"]: contract for contract in contracts}
    assert set(by_id["anatomy"]["containers"]) | {"config"} == set(APPS) == set(by_id["apps"]["layers"])
    assert by_id["anatomy"]["exhaustive"] is True


def test_every_decision_is_numbered_in_order() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for path in files(".md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{named(path)} -> {target}")
    assert broken == []
