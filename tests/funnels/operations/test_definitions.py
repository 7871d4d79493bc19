"""A definition is drafted, signed by two sides and published."""

from datetime import timedelta

import pytest

from crm.models import AuditEvent
from crm.rules.roles import Role
from funnels.models import Definition
from funnels.operations.definitions import (
    CriteriaDoNotFit,
    FunnelAlreadyHasADefinition,
    draft_definition,
    publish_definition,
    publish_preset_definition,
    sign_definition,
)
from funnels.operations.dictionaries import archive_criterion, create_criterion, revise_criterion
from funnels.rules.definitions import (
    AlreadySigned,
    DefinitionAlreadyPublished,
    DefinitionBlocksNothing,
    DefinitionNeedsTwoSignatures,
    DefinitionWouldBeOvertaken,
    MayNotSignForThisSide,
    Side,
)
from tests.factories.crm import UserFactory
from tests.factories.funnels import LONG_AGO, content_of, make_rules

pytestmark = pytest.mark.django_db
NOW = LONG_AGO + timedelta(days=100)


@pytest.fixture
def rules():
    return make_rules(soft=("budget",))


@pytest.fixture
def draft(rules):
    return make_draft(rules)


def make_draft(rules, *, codes=("need",), effective_from_at=NOW):
    versions = [rules.versions[code] for code in codes]
    return draft_definition(
        funnel=rules.funnel, versions=versions, note="Why", effective_from_at=effective_from_at, by=None, at=NOW
    )


def test_a_draft_is_numbered_and_asks_in_the_given_order(rules):
    definition = make_draft(rules, codes=("budget", "need"))
    assert definition.number == 2
    assert [entry.criterion_version.criterion.code for entry in definition.entries.order_by("position")] == [
        "budget",
        "need",
    ]
    assert definition.published_at is None


def test_a_draft_that_blocks_on_nothing_is_refused(rules):
    with pytest.raises(DefinitionBlocksNothing):
        make_draft(rules, codes=("budget",))


def test_a_draft_asks_a_criterion_once_and_only_of_its_funnel_and_in_use(rules):
    need = rules.versions["need"]
    again = revise_criterion(criterion=need.criterion, content=content_of("need"), by=None, at=NOW)
    foreign = make_rules(code="other").versions["need"]
    spare = create_criterion(funnel=rules.funnel, code="spare", content=content_of("spare"), by=None, at=NOW)
    archive_criterion(criterion=spare.criterion, by=None, at=NOW)
    for versions in ([need, again], [need, foreign], [need, spare]):
        with pytest.raises(CriteriaDoNotFit):
            draft_definition(funnel=rules.funnel, versions=versions, note="", effective_from_at=NOW, by=None, at=NOW)
    assert Definition.objects.filter(funnel=rules.funnel).count() == 1


def test_two_signatures_publish(draft, marketer, head):
    sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=NOW)
    sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW + timedelta(hours=1))
    published = publish_definition(definition=draft, by=head, at=NOW + timedelta(hours=2))
    assert (published.marketing_signed_by, published.marketing_signed_at) == (marketer, NOW)
    assert (published.sales_signed_by, published.sales_signed_at) == (head, NOW + timedelta(hours=1))
    assert published.published_at == NOW + timedelta(hours=2)
    actions = AuditEvent.objects.filter(object_type="funnels.definition", object_id=str(draft.pk))
    assert list(actions.values_list("action", flat=True)) == [
        "definition.draft",
        "definition.sign",
        "definition.sign",
        "definition.publish",
    ]


def test_one_signature_does_not_publish(draft, marketer):
    sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=NOW)
    with pytest.raises(DefinitionNeedsTwoSignatures):
        publish_definition(definition=draft, by=None, at=NOW)
    draft.refresh_from_db()
    assert draft.published_at is None


def test_a_side_is_signed_by_its_own_people_and_once(draft, marketer, head, manager):
    with pytest.raises(MayNotSignForThisSide):
        sign_definition(definition=draft, side=Side.SALES, by=marketer, at=NOW)
    with pytest.raises(MayNotSignForThisSide):
        sign_definition(definition=draft, side=Side.SALES, by=manager, at=NOW)
    sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW)
    with pytest.raises(AlreadySigned):
        sign_definition(definition=draft, side=Side.SALES, by=UserFactory(role=Role.HEAD), at=NOW)


def test_a_definition_never_reaches_back(rules, marketer, head):
    draft = make_draft(rules, effective_from_at=NOW - timedelta(days=30))
    sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=NOW)
    sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW)
    assert publish_definition(definition=draft, by=None, at=NOW).effective_from_at == NOW


def test_a_definition_may_wait_for_its_date(rules, marketer, head):
    draft = make_draft(rules, effective_from_at=NOW + timedelta(days=7))
    sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=NOW)
    sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW)
    assert publish_definition(definition=draft, by=None, at=NOW).effective_from_at == NOW + timedelta(days=7)


def test_a_definition_is_not_published_before_one_that_already_waits(rules, marketer, head):
    waiting = make_draft(rules, effective_from_at=NOW + timedelta(days=7))
    hurried = make_draft(rules)
    for draft in (waiting, hurried):
        sign_definition(definition=draft, side=Side.MARKETING, by=marketer, at=NOW)
        sign_definition(definition=draft, side=Side.SALES, by=head, at=NOW)
    publish_definition(definition=waiting, by=None, at=NOW)
    with pytest.raises(DefinitionWouldBeOvertaken):
        publish_definition(definition=hurried, by=None, at=NOW)


def test_a_published_definition_is_neither_signed_nor_published_again(rules, head):
    with pytest.raises(DefinitionAlreadyPublished):
        sign_definition(definition=rules.definition, side=Side.SALES, by=head, at=NOW)
    with pytest.raises(DefinitionAlreadyPublished):
        publish_definition(definition=rules.definition, by=None, at=NOW)


def test_the_system_signs_only_the_first_definition_of_a_funnel(rules, draft):
    assert rules.definition.marketing_signed_at == LONG_AGO
    assert rules.definition.marketing_signed_by is None
    with pytest.raises(FunnelAlreadyHasADefinition):
        publish_preset_definition(definition=draft, at=NOW)
