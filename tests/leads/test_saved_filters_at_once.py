"""One person keeps a filter twice at one moment: it is one, or the second is told that the name is taken."""

import pytest

from crm.rules.roles import Role
from leads.models import SavedFilter
from leads.operations import saved_filters
from tests.at_once import ON_POSTGRESQL, together
from tests.factories.crm import UserFactory
from tests.factories.leads import MONDAY

pytestmark = [pytest.mark.django_db(transaction=True), ON_POSTGRESQL]


@pytest.mark.parametrize(
    ("queries", "fates"), [(("a=1", "a=1"), ["kept", "kept"]), (("a=1", "a=2"), ["kept", "name_taken"])]
)
def test_a_filter_kept_twice_at_once(
    queries: tuple[str, str], fates: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = UserFactory(role=Role.MANAGER)

    def kept(query: str) -> str:
        saved_filters.keep(name="Mine", query=query, is_shared=False, by=person, at=MONDAY)
        return "kept"

    acts = [lambda query=query: kept(query) for query in queries]
    assert sorted(map(str, together(monkeypatch, saved_filters, "_check_sharing", *acts))) == fates
    assert SavedFilter.objects.count() == 1
