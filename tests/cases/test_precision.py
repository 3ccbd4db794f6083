"""Precision, with its interval."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from cases.notices.letters import Letters
from cases.precision import Precision, Rights, wilson
from domain.errors import OrderRefused
from tests.cases.city import Town, clock_ms, make_site

FOUND = Precision(matter="09010", n=0, wrong=0, judged=0, since_ms=0, enough=False, min_precision=0.8)


@pytest.mark.parametrize(
    ("hits", "n", "interval"),
    [
        (16, 20, (0.584, 0.919)),  # as tables have it
        (0, 10, (0.0, 0.278)),
        (10, 10, (0.722, 1.0)),
        (1, 1, (0.207, 1.0)),
        (81, 263, (0.255, 0.366)),  # Newcombe 1998
    ],
)
def test_wilsons_interval(hits: int, n: int, interval: Sequence[float]) -> None:
    """It holds the share, and never leaves 0–1."""
    low, high = wilson(hits, n)

    assert [round(low, 3), round(high, 3)] == list(interval)
    assert 0 <= low <= hits / n <= high + 1e-12 <= 1 + 1e-12


def test_of_nothing_there_is_no_precision() -> None:
    """Nor is nothing too low."""
    assert (FOUND.share, FOUND.interval, FOUND.is_too_low) == (None, None, False)


def test_a_right_that_was_not_lost_cannot_be_given_back(tmp_path: Path) -> None:
    """Nor one of a matter that there is not, nor without a name and a reason."""
    town = Town(make_site(tmp_path / "site"), tmp_path)
    rights = Rights(town.site, Letters(town.site))
    for matter, who, why, said in (
        ("09010", "王工", "好了", "has its right"),
        ("99999", "王工", "好了", "no matter"),
        ("09010", " ", "好了", "say who"),
        ("09010", "王工", "", "say who"),
    ):
        with town.store.transaction() as tx, pytest.raises(OrderRefused, match=said):
            rights.restore(tx, matter, who=who, why=why, now_ms=clock_ms("10:00"))
    town.store.close()
