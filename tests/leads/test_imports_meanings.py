"""What the columns and words of a file are said to mean: checked, remembered, proposed."""

from typing import Any

import pytest

from crm.models import AuditEvent, User
from funnels.operations.dictionaries import create_reason
from funnels.rules.definitions import Side
from leads.models import ImportMemory, Lead, Source, SourceAlias
from leads.operations.imports import background, drafts
from leads.operations.imports.background import WordsAreNotSettled
from leads.operations.imports.drafts import (
    ColumnChosenTwice,
    FileHasNoRows,
    NobodyToKnow,
    Reading,
    TooManyWords,
)
from leads.operations.imports.taking import Taking
from tests.factories.funnels import Rules, make_rules
from tests.leads.import_drafts import AT, HEADINGS, counts, drained, imported, prepared, rows, tried

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_parts")]


@pytest.fixture
def rules() -> Rules:
    return make_rules()


def test_words_without_a_meaning_are_not_lost_in_silence(rules: Rules, admin: User) -> None:
    draft = prepared(rules, admin, "1;Анна;;Fair;странная метка")
    with pytest.raises(WordsAreNotSettled):
        background.start_trial(draft=draft, by=admin, at=AT)
    meant = {"tag": {"странная метка": {"means": "fails:budget", "also": "meets:need", "lost": "price"}}}
    draft = drained(background.say_and_try(draft=draft, told=meant, by=admin, at=AT))
    drained(background.start(draft=draft, by=admin, at=AT))
    lead = Lead.objects.get()
    assert lead.fail_mask == rules.mask("budget")
    assert lead.assessed_mask == rules.mask("budget", "need")
    assert [reason.code for reason in lead.transitions.get(kind="lose").reasons.all()] == ["price"]


def test_no_reason_is_proposed_with_which_every_row_would_fail(rules: Rules, admin: User) -> None:
    told = {"funnel": rules.funnel, "by": None, "at": AT, "side": Side.CLIENT}
    create_reason(code="later", name="Отложили", stages=[rules.stages["offer"]], position=9, **told)
    create_reason(
        code="vague", name="Непонятно", stages=rules.reasons["early"].stages.all(), position=10, needs_note=True, **told
    )
    lost = [("Отложили", ""), ("Непонятно", ""), ("Early", "early")]

    def proposed(headings: str, end: str) -> list[tuple[str, str]]:
        lines = [f"{number};Анна;;Fair;{word}{end}" for number, (word, _reason) in enumerate(lost)]
        words = prepared(rules, admin, *lines, headings=headings).word_meanings["tag"]
        return [(word, told["lost"]) for word, told in words.items()]

    assert proposed(HEADINGS, "") == lost
    assert proposed(f"{HEADINGS};stage", ";Offer") == [("Отложили", "later"), *lost[1:]]
    assert proposed(f"{HEADINGS};lost note", ";why") == [lost[0], ("Непонятно", "vague"), lost[2]]


def test_new_names_and_named_owners_do_not_send_rows_the_long_way(
    rules: Rules, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone: list[str] = []
    with_care = Taking._with_care

    def noted(self: Taking, arrival: Any, row: Any) -> Any:
        alone.append(arrival.row.external_id)
        return with_care(self, arrival, row)

    monkeypatch.setattr(Taking, "_with_care", noted)
    lines = [f"{number};Анна;;Fair {number % 3};{number % 2};{admin.email}" for number in range(9)]
    draft = prepared(rules, admin, *lines, headings="id;name;phone;source;campaign;owner")
    draft = tried(draft, admin)
    assert (counts(draft), alone) == ((9, 0, 0, 0), [])
    assert not Source.objects.filter(name__startswith="Fair").exists()
    imported(draft, admin)
    assert alone == ["0", "1", "2", "3", "4", "5"]  # the first leads of names, and those that come in with them
    assert set(Lead.objects.values_list("owner", flat=True)) == {admin.pk}


def test_a_source_may_be_agreed_to_be_another_name(rules: Rules, admin: User) -> None:
    known = Source.objects.create(code="yandex", name="Яндекс", is_confirmed=True, created_at=AT)
    draft = prepared(rules, admin, "1;Анна;;ЯД;", "2;Пётр;;Fair;")
    drafts.say_words(draft=draft, told={"source": {"ЯД": {"to": "yandex", "always": True}, "Fair": {"to": "yandex"}}})
    imported(draft, admin)
    assert set(Lead.objects.values_list("source__code", flat=True)) == {"yandex"}
    assert [(alias.name, alias.source) for alias in SourceAlias.objects.all()] == [("ЯД", known)]
    assert AuditEvent.objects.filter(action="source.alias").exists()


def test_the_next_file_of_a_source_comes_explained(rules: Rules, admin: User) -> None:
    draft = prepared(rules, admin, "1;Анна;;Fair;грустный", source="Partner")
    meanings = draft.column_meanings | {"name": "company"}
    draft = drafts.say_columns(draft=draft, meanings=meanings, empty_words=["-"], date_format="%d/%m/%Y", at=AT)
    draft = drafts.say_words(draft=draft, told={"tag": {"грустный": {"means": "fails:need"}}})
    tried(draft, admin)
    again = prepared(rules, admin, "2;Пётр;;Fair;ГРУСТНЫЙ", source="Partner")
    assert again.column_meanings["name"] == "company"
    assert again.word_meanings["tag"]["ГРУСТНЫЙ"]["means"] == "fails:need"
    other = prepared(rules, admin, "2;Пётр;;Fair;грустный", source="Somebody else")
    assert other.column_meanings["name"] == "name"
    assert other.word_meanings["tag"]["грустный"]["means"] == ""
    assert ImportMemory.objects.count() == 1


def test_what_columns_mean_is_checked(rules: Rules, admin: User) -> None:
    draft = prepared(rules, admin, *rows(201))
    meanings = dict.fromkeys(draft.columns, "attribute")
    told = {"empty_words": [], "date_format": "", "at": AT}
    with pytest.raises(NobodyToKnow):
        drafts.say_columns(draft=draft, meanings=meanings, **told)
    with pytest.raises(ColumnChosenTwice):
        drafts.say_columns(draft=draft, meanings=meanings | {"id": "phone", "phone": "phone"}, **told)
    with pytest.raises(TooManyWords):
        drafts.say_columns(draft=draft, meanings=meanings | {"id": "external_id", "phone": "tag"}, **told)
    with pytest.raises(FileHasNoRows):
        prepared(rules, admin)


def test_a_file_is_read_another_way(rules: Rules, admin: User) -> None:
    draft = drafts.read_as(draft=prepared(rules, admin, *rows(2)), reading=Reading(encoding="utf-8", delimiter=","))
    assert (draft.delimiter, len(draft.columns)) == (",", 1)
    draft = drafts.read_as(draft=draft, reading=Reading(encoding="utf-8", delimiter=";"))
    assert len(draft.columns) == 5
