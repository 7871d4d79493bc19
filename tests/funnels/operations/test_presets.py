"""Presets are complete in both languages and install once."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.models import AuditEvent
from funnels.models import Criterion, CriterionVersion, Definition, Funnel, LossReason, Stage, StageLossReason
from funnels.operations.presets import FOLDER, LANGUAGES, UnknownPreset, load_preset, preset_codes, use_preset
from funnels.queries import (
    blocking_bits,
    criteria_of,
    current_definition,
    first_stage,
    reasons_of,
    stages_of,
    won_stage,
)
from funnels.rules.criteria import AnswerType, EvidenceRule, JudgedBy
from funnels.rules.definitions import Side
from funnels.rules.moves import Milestone
from tests.factories.funnels import LONG_AGO

CODES = ["b2b-services", "manufacturer", "online-school", "real-estate"]
MODELS = [Funnel, Stage, Criterion, CriterionVersion, Definition, LossReason, StageLossReason, AuditEvent]


def everything():
    """Every row of the rules, to tell whether anything changed."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def texts_in(node, path=""):
    """Walk a preset's file down to what is written in two languages."""
    if isinstance(node, dict) and set(node) & set(LANGUAGES):
        yield path, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from texts_in(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from texts_in(value, f"{path}/{index}")


def install(code, language="en", at=LONG_AGO):
    return use_preset(code=code, language=language, by=None, at=at)


def test_the_presets_are_those_promised():
    assert preset_codes() == CODES


@pytest.mark.parametrize("code", CODES)
def test_every_text_of_a_preset_is_written_in_both_languages(code):
    raw = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    texts = list(texts_in(raw))
    assert len(texts) > 60
    for path, text in texts:
        assert set(text) == set(LANGUAGES), path
        assert all(words.strip() for words in text.values()), path
        assert not any("а" <= letter.lower() <= "я" for letter in text["en"]), path


@pytest.mark.parametrize("code", CODES)
@pytest.mark.django_db
def test_a_preset_is_complete(code):
    funnel = install(code).funnel
    stages = list(stages_of(funnel=funnel))
    criteria = criteria_of(definition=current_definition(funnel=funnel, at=LONG_AGO))
    assert 5 <= len(stages) <= 6
    assert 5 <= len(criteria) <= 7
    assert first_stage(funnel=funnel).milestone == Milestone.NEW
    assert won_stage(funnel=funnel) == stages[-1]
    order = list(Milestone)
    ranks = [order.index(Milestone(stage.milestone)) for stage in stages]
    assert ranks == sorted(set(ranks))
    assert blocking_bits(criteria=criteria)
    assert "contact_valid" in {criterion.code for criterion in criteria}
    for criterion in criteria:
        assert criterion.answerable_at_id
        assert all((criterion.wording, criterion.example_met, criterion.example_failed, criterion.failed_name))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.django_db
def test_every_open_stage_offers_a_competitor_and_another_reason_with_a_note(code):
    funnel = install(code).funnel
    for stage in stages_of(funnel=funnel).exclude(milestone=Milestone.WON):
        reasons = {reason.code: reason for reason in reasons_of(stage=stage)}
        assert "competitor" in reasons
        assert reasons["other"].needs_note
        assert len(reasons) >= 4
    assert {reason.side for reason in funnel.loss_reasons.all()} == {side.value for side in Side}
    assert funnel.loss_reasons.filter(implied_criterion__isnull=False).count() >= 4
    assert not reasons_of(stage=won_stage(funnel=funnel)).exists()


@pytest.mark.django_db
def test_presets_show_every_kind_of_answer():
    for code in CODES:
        install(code)
    versions = CriterionVersion.objects.all()
    assert set(versions.values_list("answer_type", flat=True)) == {kind.value for kind in AnswerType}
    assert set(versions.values_list("judged_by", flat=True)) == {who.value for who in JudgedBy}
    assert set(versions.values_list("evidence", flat=True)) == {evidence.value for evidence in EvidenceRule}


@pytest.mark.django_db
def test_online_school_blocks_on_its_six_criteria():
    funnel = install("online-school").funnel
    criteria = criteria_of(definition=current_definition(funnel=funnel, at=LONG_AGO))
    assert [criterion.code for criterion in criteria] == [
        "contact_valid",
        "new_customer",
        "product_fit",
        "need",
        "eligible",
        "budget",
    ]
    assert all(criterion.is_blocking for criterion in criteria)
    assert criteria[0].evidence == EvidenceRule.UNREACHABLE


@pytest.mark.parametrize("second", LANGUAGES)
@pytest.mark.parametrize("first", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
@pytest.mark.django_db
def test_installing_twice_changes_nothing(code, first, second):
    assert install(code, first).is_new
    before = everything()
    again = install(code, second, at=LONG_AGO + timedelta(days=5))
    assert not again.is_new
    assert everything() == before


@pytest.mark.django_db
def test_installing_again_leaves_what_people_have_edited():
    funnel = install("real-estate", "ru").funnel
    Stage.objects.filter(funnel=funnel, code="viewing").update(name="Просмотр на месте")
    LossReason.objects.filter(funnel=funnel, code="price").update(archived_at=LONG_AGO)
    before = everything()
    install("real-estate", "en")
    assert everything() == before


@pytest.mark.django_db
def test_a_preset_speaks_the_language_it_was_installed_in():
    assert install("online-school", "ru").funnel.name == "Онлайн-школа"
    assert install("real-estate", "en").funnel.name == "Real estate"


@pytest.mark.django_db
def test_installing_is_signed_by_the_system_and_written_down():
    funnel = install("online-school").funnel
    definition = current_definition(funnel=funnel, at=LONG_AGO)
    assert definition.published_at == definition.marketing_signed_at == definition.sales_signed_at == LONG_AGO
    assert definition.marketing_signed_by is None
    assert "ready-made" in definition.note
    event = AuditEvent.objects.get(action="preset.install")
    assert event.changes == {"code": "online-school", "language": "en"}


@pytest.mark.parametrize("code", ["bakery", "../settings", ""])
def test_an_unknown_preset_is_refused_with_the_known_ones(code):
    with pytest.raises(UnknownPreset) as caught:
        load_preset(code=code, language="en")
    assert ", ".join(CODES) in str(caught.value)


@pytest.mark.django_db
def test_the_command_says_what_it_did_and_then_that_it_did_nothing():
    first, second = StringIO(), StringIO()
    call_command("use_preset", "online-school", "--language", "ru", stdout=first)
    call_command("use_preset", "online-school", "--language", "en", stdout=second)
    assert "online-school" in first.getvalue()
    assert "6" in first.getvalue()
    assert "nothing was changed" in second.getvalue()
    assert Funnel.objects.get().name == "Онлайн-школа"


@pytest.mark.django_db
def test_the_command_refuses_an_unknown_preset():
    with pytest.raises(CommandError, match="online-school"):
        call_command("use_preset", "bakery")
