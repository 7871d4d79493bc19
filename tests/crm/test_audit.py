"""Who did what, when."""

from datetime import datetime

import pytest
import structlog

from crm.models import AuditEvent, Team, User
from crm.operations import audit


def test_record_names_the_actor_the_object_and_the_request(admin: User, team: Team, at: datetime) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r" * 100):
        event = audit.record(action="team.rename", obj=team, by=admin, at=at, changes={"leads": 3})
    event.refresh_from_db()
    assert (event.actor_id, event.object_type, event.object_id) == (admin.pk, "crm.team", str(team.pk))
    assert (event.at, event.changes, event.request_id) == (at, {"leads": 3}, "r" * 64)


@pytest.mark.django_db
def test_record_takes_a_name_instead_of_an_object_and_the_system_as_actor(at: datetime) -> None:
    event = audit.record(action="leads.import", obj=("leads.importbatch", "7"), by=None, at=at)
    assert (event.actor_id, event.object_type, event.object_id) == (None, "leads.importbatch", "7")


def test_the_story_survives_what_it_is_about(admin: User, at: datetime) -> None:
    team = Team.objects.create(name="Gone")
    audit.record(action="team.create", obj=team, by=admin, at=at)
    team.delete()
    assert AuditEvent.objects.filter(action="team.create").exists()
