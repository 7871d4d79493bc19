"""A draft is rewritten, put away, overtaken; signatures stand for the text they were given under."""

from datetime import timedelta

import pytest

from crm.models import AuditEvent
from funnels.models import Definition
from funnels.operations.definitions import (
    CriteriaDoNotFit,
    change_draft,
    discard_draft,
    draft_definition,
    publish_definition,
    sign_definition,
    take_back_draft,
)
from funnels.operations.dictionaries import CriterionIsInForce, archive_criterion, create_criterion
from funnels.queries import stamp_of
from funnels.rules.definitions import (
    DefinitionAlreadyPublished,
    DefinitionBlocksNothing,
    DefinitionChangedMeanwhile,
    DefinitionIsDiscarded,
    DraftChangedMeanwhile,
    Side,
)
from tests.factories.funnels import LONG_AGO, content_of, make_rules

pytestmark = pytest.mark.django_db
NOW = LONG_AGO + timedelta(days=100)


@pytest.fixture
def rules():
    return make_rules(soft=("budget",))


@pytest.fixture
def draft(rules):
    return make_draft(rules)


def make_draft(rules, *codes, note="Why", at=NOW, by=None):
    versions = [rules.versions[code] for code in codes or ("need",)]
    return draft_definition(funnel=rules.funnel, versions=versions, note=note, effective_from_at=at, by=by, at=at)


def stamp(draft):
    now = Definition.objects.get(pk=draft.pk)
    return stamp_of(definition=now, asked=list(now.entries.values_list("criterion_version_id", flat=True)))


def change(draft, rules, *codes, note="Why", effective_from_at=NOW, seen=""):
    versions = [rules.versions[code] for code in codes]
    return change_draft(
        definition=draft,
        versions=versions,
        note=note,
        effective_from_at=effective_from_at,
        by=None,
        at=NOW,
        seen=seen,
    )


def sign_both(draft, marketer, head):
    sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=NOW)
    return sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW)


def codes_of(draft):
    return [entry.criterion_version.criterion.code for entry in draft.entries.order_by("position")]


def last_audit():
    return AuditEvent.objects.order_by("id").last()


def test_a_draft_sent_twice_is_one_draft(rules, head):
    assert make_draft(rules, by=head) == make_draft(rules, by=head)
    assert make_draft(rules, by=head, note="Other") != make_draft(rules, by=head)
    assert Definition.objects.filter(funnel=rules.funnel, published_at__isnull=True).count() == 2


def test_a_change_clears_the_signatures_and_says_so(rules, draft, marketer, head):
    sign_both(draft, marketer, head)
    changed = change(draft, rules, "budget", "need")
    assert codes_of(changed) == ["budget", "need"]
    assert (changed.marketing_signed_at, changed.marketing_signed_by, changed.sales_signed_at) == (None, None, None)
    assert last_audit().action == "definition.change_draft"
    assert last_audit().changes["signatures_cleared"] == ["marketing", "sales"]


@pytest.mark.parametrize("said", [{"note": "Other"}, {"effective_from_at": NOW + timedelta(days=1)}])
def test_another_note_or_date_is_another_text(rules, draft, marketer, head, said):
    sign_both(draft, marketer, head)
    assert change(draft, rules, "need", **said).sales_signed_at is None


def test_a_draft_saved_as_it_was_stays_signed(rules, draft, marketer, head):
    sign_both(draft, marketer, head)
    events = AuditEvent.objects.count()
    assert change(draft, rules, "need").sales_signed_by == head
    assert AuditEvent.objects.count() == events


def test_a_change_that_cannot_stand_leaves_the_draft_alone(rules, draft, marketer, head):
    sign_both(draft, marketer, head)
    with pytest.raises(DefinitionBlocksNothing):
        change(draft, rules, "budget")
    with pytest.raises(CriteriaDoNotFit):
        change(draft, rules, "need", "need")
    draft.refresh_from_db()
    assert draft.sales_signed_by == head
    assert codes_of(draft) == ["need"]


def test_a_published_definition_is_neither_changed_nor_put_away(rules, marketer, head):
    with pytest.raises(DefinitionAlreadyPublished):
        change(rules.definition, rules, "need")
    with pytest.raises(DefinitionAlreadyPublished):
        discard_draft(definition=rules.definition, by=head, at=NOW)


def test_a_discarded_draft_does_nothing_until_it_is_taken_back(rules, draft, marketer, head):
    sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=NOW)
    for _again in range(2):
        discard_draft(definition=draft, by=head, at=NOW)
    assert AuditEvent.objects.filter(action="definition.discard").count() == 1
    for act in (
        lambda: sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW),
        lambda: publish_definition(definition=draft, by=head, at=NOW),
        lambda: change(draft, rules, "budget", "need"),
    ):
        with pytest.raises(DefinitionIsDiscarded):
            act()
    back = take_back_draft(definition=draft, by=head, at=NOW)
    assert (back.discarded_at, back.discarded_by, back.marketing_signed_by) == (None, None, marketer)


def test_another_draft_published_meanwhile_has_to_be_looked_at_first(rules, marketer, head):
    first, second = make_draft(rules), make_draft(rules, "contact_valid")
    sign_both(second, marketer, head)
    sign_both(first, marketer, head)
    publish_definition(definition=first, by=head, at=NOW)
    later = NOW + timedelta(days=1)
    with pytest.raises(DefinitionChangedMeanwhile) as refusal:
        publish_definition(definition=second, by=head, at=later)
    assert "2" in str(refusal.value)
    rebased = change(second, rules, "contact_valid")
    assert (rebased.based_on, rebased.sales_signed_at) == (first, None)
    sign_both(rebased, marketer, head)
    assert publish_definition(definition=rebased, by=head, at=later).published_at == later


def test_nobody_signs_an_outdated_comparison(rules, marketer, head):
    first, second = make_draft(rules), make_draft(rules, "contact_valid")
    sign_both(first, marketer, head)
    publish_definition(definition=first, by=head, at=NOW)
    with pytest.raises(DefinitionChangedMeanwhile):
        sign_definition(definition=second, side=Side.SALES, by=head, at=NOW)


def test_a_criterion_archived_since_is_not_published(rules, marketer, head):
    spare = create_criterion(funnel=rules.funnel, code="spare", content=content_of("spare"), by=None, at=NOW)
    draft = draft_definition(funnel=rules.funnel, versions=[spare], note="", effective_from_at=NOW, by=None, at=NOW)
    archive_criterion(criterion=spare.criterion, by=None, at=NOW)
    sign_both(draft, marketer, head)
    with pytest.raises(CriteriaDoNotFit):
        publish_definition(definition=draft, by=head, at=NOW)


def test_a_criterion_of_a_definition_to_come_is_not_archived(rules, marketer, head):
    spare = create_criterion(funnel=rules.funnel, code="spare", content=content_of("spare"), by=None, at=NOW)
    draft = draft_definition(
        funnel=rules.funnel,
        versions=[spare],
        note="",
        effective_from_at=NOW + timedelta(days=9),
        by=None,
        at=NOW,
    )
    publish_definition(definition=sign_both(draft, marketer, head), by=head, at=NOW)
    with pytest.raises(CriterionIsInForce):
        archive_criterion(criterion=spare.criterion, by=None, at=NOW)


def test_nobody_signs_a_text_they_have_not_read(rules, draft, head):
    read = stamp(draft)
    change(draft, rules, "budget", "need")
    with pytest.raises(DraftChangedMeanwhile):
        sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW, seen=read)
    assert Definition.objects.get(pk=draft.pk).sales_signed_at is None
    sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW, seen=stamp(draft))
    assert Definition.objects.get(pk=draft.pk).sales_signed_by == head


def test_two_who_rewrite_one_draft_do_not_undo_each_other(rules, draft):
    read = stamp(draft)
    change(draft, rules, "budget", "need", seen=read)
    change(draft, rules, "budget", "need", seen=read)  # a form sent twice says nothing new
    with pytest.raises(DraftChangedMeanwhile):
        change(draft, rules, "need", note="Mine", seen=read)
    assert Definition.objects.get(pk=draft.pk).note == "Why"
    change(draft, rules, "need", note="Mine", seen=stamp(draft))
    assert Definition.objects.get(pk=draft.pk).note == "Mine"
