"""What every drain does beside the jobs: before them, after them, and without standing in their way."""

from datetime import datetime

import pytest
from django.db import OperationalError

from crm.operations import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []

    def step(name: str) -> None:
        register = jobs.on_drain if name == "before" else jobs.after_drain

        @register
        def its_step(*, at: datetime) -> int:
            done.append(name)
            return 2

    monkeypatch.setattr(jobs, "_before_jobs", [])
    monkeypatch.setattr(jobs, "_after_jobs", [])
    monkeypatch.setattr(jobs, "_handlers", {})
    jobs.job("work")(lambda at, **ids: done.append("job"))
    step("after")
    step("before")
    return done


def test_steps_stand_around_the_jobs_and_count(done: list[str], at: datetime) -> None:
    jobs.enqueue(name="work", at=at)
    assert jobs.drain(at=at) == 5
    assert done == ["before", "job", "after"]


def test_a_step_that_fails_stops_no_job(done: list[str], at: datetime) -> None:
    @jobs.on_drain
    def breaks(*, at: datetime) -> int:
        raise ValueError("somebody's secret")

    jobs.enqueue(name="work", at=at)
    assert jobs.drain(at=at) == 5
    assert done == ["before", "job", "after"]


def test_a_database_that_is_away_is_not_hidden(done: list[str], at: datetime) -> None:
    @jobs.on_drain
    def breaks(*, at: datetime) -> int:
        raise OperationalError

    with pytest.raises(OperationalError):
        jobs.drain(at=at)
