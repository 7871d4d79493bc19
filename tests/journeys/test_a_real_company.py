"""The leads of a real online school give the numbers that were counted independently of this project."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from crm.models import User
from funnels.models import Criterion
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Contact, ImportBatch, Lead, Source, Submission, Touch, Transition
from leads.queries.consistency import differences
from tests.insights.opened import links, links_to, listed

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "data" / "xeducation"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (FOLDER / "leads.csv").exists(), reason="the real company's file is not on this machine"),
]

FAILED = {
    "product_fit": 630,
    "new_customer": 465,
    "eligible": 177,
    "contact_valid": 157,
    "need": 145,
    "budget": 6,
}
NOTES = {
    "982 leads won without a verdict": 982,
    "31 leads won although non-target": 31,
    "36 leads without a source": 36,
}
SUBSET = 1000
SOURCES = {
    "Google": (2868, 833, 460, 1575),
    "Direct Traffic": (2543, 656, 562, 1325),
    "Olark Chat": (1755, 245, 302, 1208),
    "Organic Search": (1154, 315, 201, 638),
    "Reference": (534, 495, 8, 31),
}


def bring_in(file: Path) -> str:
    out = StringIO()
    arguments = ["--mapping", str(FOLDER / "mapping.json"), "--arrived-at", "2026-03-02"]
    call_command("import_leads", str(file), *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def split(**of: object) -> tuple[int, int, int, int]:
    leads = Lead.objects.valid().filter(**of)
    verdicts = [leads.filter(verdict=verdict).count() for verdict in (Verdict.TARGET, Verdict.NON_TARGET)]
    return leads.count(), *verdicts, leads.filter(verdict=Verdict.UNDECIDED).count()  # type: ignore[return-value]


def failed() -> Mapping[str, int]:
    masks = list(Lead.objects.valid().values_list("fail_mask", flat=True))
    return {criterion.code: sum(mask >> criterion.bit & 1 for mask in masks) for criterion in Criterion.objects.all()}


def opened(client: Client) -> set[str]:
    """Open every number of the board, see that its list is as long as it says, and tell what the numbers were."""
    with time_machine.travel(datetime(2026, 3, 10, tzinfo=UTC), tick=False):
        board = client.get("/", {"period": "all", "age": "none"}, headers={"accept-language": "en"})
        promised = {(link.href, link.count) for link in links_to(board, "/board/leads/")}
        for href, count in promised:
            assert listed(client.get(href, headers={"accept-language": "en"})) == count, href
        return {link.told for link in links_to(board, "/board/leads/")}


def check_notes(client: Client) -> None:
    """The board names what spoils its numbers; each note opens as many leads, and aliases wait to be confirmed."""
    with time_machine.travel(datetime(2026, 3, 10, tzinfo=UTC), tick=False):
        board = client.get("/", {"period": "all", "age": "none"}, headers={"accept-language": "en"})
        told = {link.told: link for link in links(board)}
        for note, count in NOTES.items():
            assert told[note].count == count
            assert listed(client.get(told[note].href, headers={"accept-language": "en"})) == count, note
        alias = told["5 leads under a name that looks like another source"]
        twin, known = Source.objects.get(code="google"), Source.objects.get(code="Google")
        join = f"{reverse('dictionaries:source_merge', args=[twin.pk])}?into={known.pk}"
        names = client.get(alias.href, headers={"accept-language": "en"})
        assert join in {link.href for link in links(names)}, "it waits to be told apart or joined"


def facts() -> list[int]:
    return [model._default_manager.count() for model in (Lead, Assessment, Touch, Transition, Contact, Source)]


@pytest.fixture(autouse=True)
def school() -> None:
    call_command("use_preset", "online-school", stdout=StringIO())


def test_the_numbers_are_those_counted_by_hand_and_undo_leaves_no_lead(
    client_of: Callable[[User], Client], head: User, admin: User
) -> None:
    """One walk: the file is long, and each step stands on the one before it."""
    out = bring_in(FOLDER / "leads.csv")

    assert "created: 9240" in out
    assert "failed: 0" in out
    assert split() == (9240, 2645, 1580, 5015)
    assert failed() == FAILED
    for source, expected in SOURCES.items():
        assert split(source__code=source) == expected, source
    assert split(source__code="undefined")[0] == 36
    twin = Source.objects.get(code="google")
    assert twin.looks_like == Source.objects.get(code="Google")
    assert twin.leads.count() == 5
    won = Lead.objects.filter(outcome=Outcome.WON)
    assert won.count() == 3561
    assert won.filter(verdict=Verdict.NON_TARGET).count() == 31
    assert won.filter(verdict=Verdict.UNDECIDED).count() == 982
    assert differences() == []

    numbers = opened(client_of(head))
    for said in (
        "received 9,240",
        "counted 9,240",
        "Target: 2,645 of 9,240 — 28.6%",
        "Non-target: 1,580 of 9,240 — 17.1%",
    ):
        assert said in numbers
    assert any(said.startswith("Google, non-target: 460 of 2,868 — 16.0%") for said in numbers)
    check_notes(client_of(admin))
    for count in FAILED.values():
        assert any(f": {count} of 9,240" in said for said in numbers), count

    before = facts()
    assert "recognised: 9240" in bring_in(FOLDER / "leads.csv")
    assert facts() == before

    call_command("undo_import", "last", stdout=StringIO())
    assert facts() == before
    call_command("undo_import", "last", stdout=StringIO())
    assert Lead.objects.count() == 0
    assert facts()[:5] == [0] * 5
    assert Submission.objects.count() == 2 * 9240


def test_a_windows_copy_of_the_file_says_the_same(tmp_path: Path) -> None:
    lines = (FOLDER / "leads.csv").read_text(encoding="utf-8").splitlines()[: SUBSET + 1]
    text = "\n".join(lines).replace("Olark Chat", "Чат на сайте")  # the file itself is all of ASCII
    copies = {encoding: tmp_path / f"{encoding}.csv" for encoding in ("utf-8", "cp1251")}
    for encoding, copy in copies.items():
        copy.write_bytes(text.encode(encoding))

    assert f"created: {SUBSET}" in bring_in(copies["utf-8"])
    assert Lead.objects.filter(source__code="Чат на сайте").exists()
    assert f"recognised: {SUBSET}" in bring_in(copies["cp1251"])
    first, second = (
        list(Submission.objects.filter(import_batch=batch).order_by("row_number").values_list("payload", flat=True))
        for batch in ImportBatch.objects.order_by("id")
    )
    assert first == second
