"""The last looks of a camera: bounded, there after a restart, and never in the way of who judges."""

import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from domain.sighting import SeenElsewhere, SeenObject, Sighting, ViewHealth, ZoneSighting
from storage.looks import APART_MS, DAY_MS, MOST, NEWEST, Looks

BEGAN = 1_787_338_800_000
SECOND_MS, MINUTE_MS = 1000, 60_000


def look(taken_ms: int, *, view: ViewHealth = ViewHealth.HEALTHY, bikes: int = 0, camera_id: str = "cam-1") -> Sighting:
    things = tuple(
        SeenObject(label="bicycle", score=0.5, box=(n / 10, 0.5, n / 10 + 0.1, 0.7), overlap=1, stay_s=9, looks=2)
        for n in range(bikes)
    )
    return Sighting(
        camera_id=camera_id,
        look_id=f"{camera_id}-{taken_ms}",
        taken_ms=taken_ms,
        received_ms=taken_ms,
        view=view,
        zones=(ZoneSighting(zone="front", objects=things),) if view is ViewHealth.HEALTHY else (),
        elsewhere=(SeenElsewhere(label="car", score=0.7, box=(0.1, 0.2, 0.3, 0.4)),),
    )


@pytest.fixture
def looks(tmp_path: Path) -> Iterator[Looks]:
    opened = Looks(tmp_path / "looks.db")
    yield opened
    opened.close()


def pruned(looks: Looks) -> None:
    """Long enough for old ones to be let go."""
    for _ in range(60):
        looks.step()


def test_a_look_is_there_as_it_was_after_a_step_and_a_restart(tmp_path: Path) -> None:
    first = Looks(tmp_path / "looks.db")
    first.note(look(BEGAN, bikes=2))
    assert first.newest("cam-1", limit=9) == []
    first.close()
    second = Looks(tmp_path / "looks.db")
    assert second.newest("cam-1", limit=9) == [look(BEGAN, bikes=2)]
    second.close()


def test_the_last_fifty_are_whole_and_older_ones_are_few(looks: Looks) -> None:
    """A look every ten seconds for three hours, with nothing in it: fifty, and one every five minutes before."""
    for n in range(1080):
        looks.note(look(BEGAN + n * 10 * SECOND_MS))
    pruned(looks)
    found = looks.newest("cam-1", limit=1000)
    assert [one.taken_ms for one in found[:NEWEST]] == [BEGAN + n * 10 * SECOND_MS for n in range(1079, 1029, -1)]
    older = [one.taken_ms for one in found[NEWEST:]]
    assert {before - after for before, after in pairwise(older)} == {APART_MS}


def test_changes_stay_for_a_day(looks: Looks) -> None:
    """Of the view, and of what stands there; whatever comes after."""
    told = [
        look(BEGAN, bikes=1),
        look(BEGAN + SECOND_MS, view=ViewHealth.COVERED),
        look(BEGAN + 2 * SECOND_MS, bikes=3),
    ]
    for one in told:
        looks.note(one)
    for n in range(100):
        looks.note(look(BEGAN + MINUTE_MS + n * SECOND_MS))
    pruned(looks)
    assert looks.newest("cam-1", limit=1000)[-3:] == told[::-1]
    for n in range(100):
        looks.note(look(BEGAN + DAY_MS + MINUTE_MS + n * APART_MS))
    pruned(looks)
    assert looks.newest("cam-1", limit=1000)[-1].taken_ms > BEGAN + MINUTE_MS


def test_no_camera_takes_more_than_its_part(looks: Looks) -> None:
    """One in which something changes with every look."""
    for n in range(3 * MOST):
        looks.note(look(BEGAN + n * SECOND_MS, bikes=n % 5))
    pruned(looks)
    assert len(looks.newest("cam-1", limit=10_000)) == MOST


def test_a_look_that_is_judged_twice_is_there_once(looks: Looks) -> None:
    for _ in range(2):
        looks.note(look(BEGAN))
        looks.step()
    assert len(looks.newest("cam-1", limit=9)) == 1


def test_marks_are_of_one_camera_and_from_a_time_on(looks: Looks) -> None:
    for at, camera_id in ((0, "cam-1"), (1, "cam-2"), (2, "cam-1")):
        looks.note(look(BEGAN + at * MINUTE_MS, bikes=at, camera_id=camera_id))
    looks.step()
    [mark] = looks.marks("cam-1", BEGAN + 1)
    assert (mark.taken_ms, mark.view, mark.things) == (BEGAN + 2 * MINUTE_MS, ViewHealth.HEALTHY, 2)


def test_who_judges_waits_for_no_disk(tmp_path: Path) -> None:
    """While the file is locked by somebody, looks are noted all the same, and nothing else is asked of the disk."""
    looks = Looks(tmp_path / "looks.db")
    with sqlite3.connect(tmp_path / "looks.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        for n in range(30_000):
            looks.note(look(BEGAN + n))
            looks.note(object())
        other.execute("COMMIT")
    looks.step()
    assert len(looks.newest("cam-1", limit=30_000)) == 20_000  # the rest is let go: memory has an end
    looks.close()


def test_what_could_not_be_written_counts_as_a_change_when_it_is(looks: Looks, tmp_path: Path) -> None:
    """A look that the file did not take at first is not compared with itself."""
    with sqlite3.connect(tmp_path / "looks.db", isolation_level=None) as other:
        other.execute("ALTER TABLE looks RENAME TO away")
        looks.note(look(BEGAN, bikes=1))
        with pytest.raises(sqlite3.DatabaseError):
            looks.step()
        other.execute("ALTER TABLE away RENAME TO looks")
    for n in range(1, 100):
        looks.note(look(BEGAN + n * SECOND_MS, bikes=2))
    pruned(looks)
    assert looks.newest("cam-1", limit=1000)[-1] == look(BEGAN, bikes=1)
