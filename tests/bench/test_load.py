"""What the callers ask: complete leads, each once, the same in every run."""

import json
from itertools import islice

from bench.bulk import LEAST, MOST, rows_for
from bench.figures import Round
from bench.load import batches, floor_pushes, judgements, lead_told, pushes


def test_a_lead_is_the_same_in_every_run_and_another_for_every_number() -> None:
    assert lead_told("a", 1) == lead_told("a", 1)
    assert len({lead_told(name, number)["phone"] for name in "ab" for number in range(100)}) == 200


def test_pushes_have_keys_of_their_own_and_the_integrations_take_turns() -> None:
    asked = list(islice(pushes(["x", "y"])("a"), 4))
    assert [headers["Authorization"] for _path, headers, _body in asked] == ["Bearer x", "Bearer y"] * 2
    assert len({headers["Idempotency-Key"] for _path, headers, _body in asked}) == 4


def test_the_floor_is_told_the_same_leads() -> None:
    (_path, _headers, mine), (_floor_path, _floor_headers, floor) = next(pushes(["x"])("a")), next(floor_pushes("a"))
    assert mine == floor


def test_a_lead_is_judged_once_whoever_asks() -> None:
    asks = judgements(["x"], iter(["ld_1", "ld_2"]), "{}")
    assert [path for name in "ab" for path, _headers, _body in islice(asks(name), 1)] == [
        "/api/v1/leads/ld_1/assessments",
        "/api/v1/leads/ld_2/assessments",
    ]


def test_a_batch_holds_leads_of_its_own() -> None:
    bodies = [json.loads(body)["leads"] for _path, _headers, body in islice(batches(["x"], 3)("a"), 2)]
    assert len({lead["external_id"] for leads in bodies for lead in leads}) == 6


def test_an_import_has_as_many_rows_as_the_time_allows() -> None:
    assert rows_for(pilot=Round(done=300, seconds=1), seconds=3) == 900
    assert rows_for(pilot=Round(done=300, seconds=100), seconds=3) == LEAST
    assert rows_for(pilot=Round(done=300, seconds=0.001), seconds=3) == MOST
