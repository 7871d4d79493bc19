"""CPU as /proc tells it, and names of databases that may be dropped."""

import os

import pytest

from bench import database, machine
from bench.machine import Meter, cpu_seconds, described, tree


def test_cpu_is_user_and_kernel_time_whatever_the_process_is_called() -> None:
    stat = f"42 (a) (worker) S 1 42 42 0 -1 4194560 100 0 0 0 {3 * machine.TICKS} {machine.TICKS} 9 9 20 0 1 0 5"
    assert cpu_seconds(stat) == 4


def test_a_process_that_comes_in_between_counts_whole_and_one_that_has_gone_not_at_all() -> None:
    pids: list[int] = []
    meter = Meter(lambda: pids)
    meter.start()
    pids += [os.getpid(), 2**22 + 1]
    assert meter.spent() > 0


def test_a_process_is_the_root_of_its_tree() -> None:
    assert next(tree(os.getpid())) == os.getpid()


def test_the_machine_is_described_with_its_load_and_commit() -> None:
    told = described(postgres="15.1")
    assert {"cores", "python", "postgres", "commit", "has_changes", "load_average"} <= set(told)


@pytest.mark.parametrize("url", ["postgres://postgres@127.0.0.1/razbor", "postgres://postgres@db.example/razbor_bench"])
def test_a_database_that_may_be_somebodys_is_never_dropped(url: str) -> None:
    with pytest.raises(SystemExit):
        database.name_of(url)


def test_another_database_of_ours_is_named_beside() -> None:
    assert database.named("postgres://p@127.0.0.1:5432/razbor_bench", "_grown").endswith(":5432/razbor_bench_grown")
