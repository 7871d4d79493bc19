"""Sources, campaigns and segments are kept in order: each act, each refusal, what is written down."""

from collections.abc import Callable

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed
from insights.queries.scope import received
from insights.rules.slice import Slice
from leads.models import Campaign, Segment, Source, SourceAlias
from leads.operations import assignment_rules, dictionaries, merges, names
from leads.operations.assignment_rules import RuleContent
from leads.queries.consistency import differences
from leads.queries.listing import listed
from leads.queries.names import merge_preview, names_page
from leads.queries.narrowing import Narrowing, narrowed
from leads.rules.assignment import Method
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, fresh, make_lead

pytestmark = pytest.mark.django_db


def source(name: str) -> Source:
    return names.create_source(name=name, by=None, at=MONDAY)


def campaign(of: Source, name: str) -> Campaign:
    found = dictionaries.resolve_campaign(source=of, name=name, at=MONDAY)
    assert found is not None
    return found


def segment(name: str) -> Segment:
    return names.create_segment(name=name, by=None, at=MONDAY)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refusal:
        act()
    return refusal.value.code


def test_a_source_named_by_hand_is_confirmed_and_made_once(admin: User) -> None:
    first = names.create_source(name="  Word of  mouth ", by=admin, at=MONDAY)
    assert (first.code, first.is_confirmed) == ("Word of mouth", True)
    assert names.create_source(name="word of mouth", by=admin, at=MONDAY) == first
    assert AuditEvent.objects.filter(action="source.confirm").count() == 1


@pytest.mark.parametrize(
    ("name", "code"), [(" ", "name_required"), ("x" * 101, "name_too_long"), ("undefined", "undefined_source")]
)
def test_a_source_needs_a_name_of_its_own(name: str, code: str) -> None:
    assert refused(lambda: source(name)) == code
    assert not Source.objects.exclude(code="undefined").exists()


def test_after_renaming_the_code_and_the_old_name_mean_the_same_source(admin: User) -> None:
    google = source("google")
    for name in ("Google Ads", "Google", "Google"):
        names.rename(row=google, name=name, by=admin, at=MONDAY)
    for sent in ("google", "Google Ads", "Google"):
        assert dictionaries.resolve_source(name=sent, at=MONDAY) == google
    event = AuditEvent.objects.filter(action="source.rename").latest("id")
    assert (event.actor_id, event.changes) == (admin.pk, {"code": "google", "old": "Google Ads", "new": "Google"})
    assert AuditEvent.objects.filter(action="source.rename").count() == 2


def test_a_name_that_means_something_else_is_refused() -> None:
    google, yandex = source("google"), source("yandex")
    names.add_alias(source=yandex, name="Я.Директ", by=None, at=MONDAY)
    for taken in ("yandex", "YANDEX", "Я.Директ"):
        assert refused(lambda taken=taken: names.rename(row=google, name=taken, by=None, at=MONDAY)) == "name_taken"  # type: ignore[misc]
        assert refused(lambda taken=taken: names.add_alias(source=google, name=taken, by=None, at=MONDAY)) == (  # type: ignore[misc]
            "name_taken"
        )
    assert refused(lambda: names.rename(row=segment("a"), name=" ", by=None, at=MONDAY)) == "name_required"


def test_out_of_use_and_back_what_is_sent_is_taken_in() -> None:
    rules = make_rules()
    google = source("google")
    for _ in range(2):
        names.archive(row=google, by=None, at=MONDAY)
    lead = make_lead(rules, source="google")
    assert lead.source == google
    (shown,) = names_page(kind="source").archived
    assert (shown.leads, shown.is_archived_but_arriving) == (1, True)
    assert names.restore(row=google, by=None, at=MONDAY).archived_at is None
    assert list(AuditEvent.objects.filter(action__startswith="source.").values_list("action", flat=True)) == [
        "source.confirm",
        "source.archive",
        "source.restore",
    ]


def test_the_row_of_leads_without_a_source_is_left_alone() -> None:
    undefined = dictionaries.undefined_source(at=MONDAY)
    for act in (
        lambda: names.rename(row=undefined, name="x", by=None, at=MONDAY),
        lambda: names.archive(row=undefined, by=None, at=MONDAY),
        lambda: names.add_alias(source=undefined, name="x", by=None, at=MONDAY),
    ):
        assert refused(act) == "undefined_source"


def test_other_names_come_and_go_but_not_that_of_a_joined_source() -> None:
    google, old = source("google"), source("adwords")
    names.add_alias(source=google, name="Гугл", by=None, at=MONDAY)
    names.remove_alias(source=google, name="Гугл", by=None, at=MONDAY)
    merges.merge_source_as_alias(source=old, into=google, by=None, at=MONDAY)
    assert refused(lambda: names.remove_alias(source=google, name="adwords", by=None, at=MONDAY)) == "alias_of_merged"
    assert list(SourceAlias.objects.values_list("name", flat=True)) == ["adwords"]
    assert refused(lambda: names.restore(row=old, by=None, at=MONDAY)) == "is_merged"
    assert refused(lambda: names.add_alias(source=old, name="x", by=None, at=MONDAY)) == "is_merged"


def test_only_an_administrator_keeps_names(head: User) -> None:
    google, other = source("google"), source("other")
    spring, autumn = campaign(google, "spring"), campaign(google, "autumn")
    small, large = segment("small"), segment("large")
    for act in (
        lambda: merges.merge_source_as_alias(source=google, into=other, by=head, at=MONDAY),
        lambda: merges.merge_campaign(campaign=spring, into=autumn, by=head, at=MONDAY),
        lambda: merges.merge_segment(segment=small, into=large, by=head, at=MONDAY),
        lambda: dictionaries.confirm_source(source=google, by=head, at=MONDAY),
        lambda: names.create_source(name="x", by=head, at=MONDAY),
        lambda: names.create_segment(name="x", by=head, at=MONDAY),
        lambda: names.rename(row=google, name="x", by=head, at=MONDAY),
        lambda: names.archive(row=google, by=head, at=MONDAY),
        lambda: names.add_alias(source=google, name="x", by=head, at=MONDAY),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_campaigns_of_one_source_are_joined_and_the_old_code_still_means_them() -> None:
    rules = make_rules()
    google, yandex = source("google"), source("yandex")
    lead = make_lead(rules, source="google", campaign="sprnig")
    spring, typo = campaign(google, "spring"), campaign(google, "sprnig")
    assert merges.merge_campaign(campaign=typo, into=spring, by=None, at=MONDAY) == 1
    assert merges.merge_campaign(campaign=typo, into=spring, by=None, at=MONDAY) == 0
    assert fresh(lead).campaign == spring
    assert make_lead(rules, source="google", campaign="sprnig").campaign == spring
    foreign = campaign(yandex, "spring")
    assert (
        refused(lambda: merges.merge_campaign(campaign=spring, into=foreign, by=None, at=MONDAY))
        == "campaigns_of_two_sources"
    )
    assert differences() == []


def test_segments_are_joined_through_each_other() -> None:
    rules = make_rules()
    lead = make_lead(rules, segment="B2B")
    first, second, third = segment("B2B"), segment("firms"), segment("companies")
    merges.merge_segment(segment=first, into=second, by=None, at=MONDAY)
    merges.merge_segment(segment=second, into=third, by=None, at=MONDAY)
    assert fresh(lead).segment == third
    assert make_lead(rules, segment="B2B").segment == make_lead(rules, segment="FIRMS").segment == third
    assert AuditEvent.objects.filter(action="segment.merge").count() == 2


def test_rules_of_assignment_follow_what_is_joined(manager: User) -> None:
    rules = make_rules()
    said = {"method": Method.ROUND_ROBIN, "people": [manager]}
    for told in ({"source": source("goggle")}, {"segment": segment("firms")}):
        assignment_rules.create_rule(content=RuleContent(**said, **told), by=None, at=MONDAY)  # type: ignore[arg-type]
    google, companies = source("google"), segment("companies")
    assert merge_preview(row=source("goggle"), into=google).rules == 1
    assert merge_preview(row=segment("firms"), into=companies).rules == 1
    merges.merge_source_as_alias(source=source("goggle"), into=google, by=None, at=MONDAY)
    merges.merge_segment(segment=segment("firms"), into=companies, by=None, at=MONDAY)
    leads = [make_lead(rules, source="google"), make_lead(rules, source="goggle"), make_lead(rules, segment="firms")]
    assert [fresh(lead).owner for lead in leads] == [manager] * 3


@pytest.mark.parametrize(("asked", "code"), [("source", "goggle"), ("campaign", "sprnig"), ("segment", "firms")])
def test_an_old_link_asks_for_what_a_joined_name_is_now(asked: str, code: str, admin: User) -> None:
    rules = make_rules()
    lead = make_lead(rules, source="goggle", campaign="sprnig", segment="firms")
    google = source("google")
    merges.merge_campaign(
        campaign=campaign(source("goggle"), "sprnig"), into=campaign(source("goggle"), "spring"), by=None, at=MONDAY
    )
    merges.merge_source_as_alias(source=source("goggle"), into=google, by=None, at=MONDAY)
    merges.merge_segment(segment=segment("firms"), into=segment("companies"), by=None, at=MONDAY)
    assert list(narrowed(actor=admin, by=Narrowing(**{asked: code}), at=MONDAY)) == [lead]  # type: ignore[arg-type]
    assert list(listed(actor=admin, by={asked: code})) == [lead]
    on_board = {"source": {"sources": ("goggle",)}, "segment": {"segments": ("firms",)}}
    if asked in on_board:
        assert list(received(slice=Slice(funnel=rules.funnel.code, **on_board[asked]))) == [lead]


def test_the_preview_says_what_joining_does() -> None:
    rules = make_rules()
    for name in ("spring", "autumn"):
        make_lead(rules, source="goggle", campaign=name)
    make_lead(rules, source="google", campaign="spring")
    preview = merge_preview(row=Source.objects.get(code="goggle"), into=Source.objects.get(code="google"))
    assert (preview.leads, preview.campaigns, preview.same_campaigns, preview.collisions) == (2, 1, 1, 0)
    merges.merge_source_as_alias(
        source=Source.objects.get(code="goggle"), into=Source.objects.get(code="google"), by=None, at=MONDAY
    )
    assert Source.objects.get(code="google").leads.count() == 3
    assert Campaign.objects.filter(archived_at__isnull=True).count() == 2
    assert make_lead(rules, source="goggle", campaign="spring").campaign == Campaign.objects.get(
        source__code="google", code="spring"
    )


def test_names_that_wait_stand_first_the_most_leads_on_top() -> None:
    rules = make_rules()
    source("Google")
    make_lead(rules, source="site")
    for _ in range(2):
        make_lead(rules, source="Sites")
    page = names_page(kind="source")
    assert [(row.name, row.leads) for row in page.waiting] == [("Sites", 2), ("site", 1)]
    assert page.waiting_leads == 3
    assert [row.name for row in page.in_use] == ["Google"]
