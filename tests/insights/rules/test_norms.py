"""A norm is called kept or broken only when leads that still have time cannot change it."""

import pytest

from insights.rules.norms import Kept, Norm

AT_LEAST, AT_MOST = Norm(0.8, is_at_least=True), Norm(0.05)


@pytest.mark.parametrize(
    ("norm", "k", "n", "waiting", "kept"),
    [
        (AT_LEAST, 8, 10, 0, Kept.IN),
        (AT_LEAST, 7, 10, 0, Kept.OUT),
        (AT_LEAST, 7, 10, 1, Kept.NOT_OVER),
        (AT_LEAST, 6, 10, 1, Kept.OUT),
        (AT_MOST, 5, 100, 0, Kept.IN),
        (AT_MOST, 6, 100, 0, Kept.OUT),
        (AT_MOST, 6, 100, 1, Kept.NOT_OVER),
        (AT_MOST, 7, 100, 1, Kept.OUT),
        (AT_MOST, 0, 10, 0, Kept.IN),
        (AT_LEAST, 0, 0, 0, None),
    ],
)
def test_a_norm(norm: Norm, k: int, n: int, waiting: int, kept: Kept | None) -> None:
    assert norm.of(k, n, waiting=waiting) is kept
