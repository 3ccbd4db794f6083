"""From a look to pictures on disk: what a sighting names is there, and what is not there it does not name."""

from pathlib import Path

import numpy as np
import pytest

from domain.picture import PictureFacts
from domain.sighting import SeenObject
from storage.evidence_store import EvidenceStore
from tests.fakes.cameras import jpeg
from tests.vision.scenes import BIKES_ZONE, NOON_MS, Array, camera, sensed, street, zone
from tests.vision.test_evidence import CHINESE
from vision.archive import Archive
from vision.detectors.openvino import OpenVino
from vision.evidence import Hider
from vision.look import Look, Terms, Visit, look
from vision.memory import CameraMemory
from vision.picture import Picture

MINUTE_MS = 60_000
WATCHED = camera(zone(BIKES_ZONE))


class Full(EvidenceStore):
    """A store on a disk that is full now and then."""

    full = False

    def keep(self, facts: PictureFacts, original: bytes, shareable: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super().keep(facts, original, shareable)


class Watching:
    """One camera, looked at every minute."""

    def __init__(self, folder: Path, detector: OpenVino) -> None:
        self.store = Full(folder)
        self._detector = detector
        self._archive = Archive(self.store, Hider(detect=detector.detect), CHINESE)
        self._memory = CameraMemory()
        self._looks = 0

    def sees(self, picture: Array, *, early: bool = False, own_ms: int | None = None) -> Look:
        """The next look."""
        self._looks += 1
        data = jpeg(sensed(picture, seed=self._looks))
        visit = Visit(
            camera=WATCHED,
            brought=Picture(data=data, own_ms=own_ms),
            taken_ms=NOON_MS + self._looks * MINUTE_MS,
            early=early,
        )
        taken = look(visit, self._memory, self._detector, Terms(min_score=0.35))
        filed = self._archive.file(visit, taken)
        self._memory = filed.memory
        return filed


def things(taken: Look) -> list[SeenObject]:
    """What stands in the zone."""
    return [seen for part in taken.sighting.zones for seen in part.objects]


@pytest.fixture
def watching(tmp_path: Path, detector: OpenVino) -> Watching:
    """A camera nobody has looked through yet."""
    return Watching(tmp_path / "evidence", detector)


def test_bicycles_that_come_are_shown_before_when_they_came_and_after(watching: Watching) -> None:
    """All four pictures are there, each with a copy, and their times are in their order."""
    empty = [watching.sees(street("clear")) for _ in range(3)]
    came = [watching.sees(street()) for _ in range(3)]
    gone = [watching.sees(street("clear")) for _ in range(5)]

    assert [one.sighting.picture for one in empty] == [None] * 3
    last = things(came[-1])
    assert last
    for seen in last:
        assert seen.context == f"cam-1/20251122/{empty[0].sighting.look_id}"
        assert seen.onset == came[0].sighting.picture
        for name in (seen.context, seen.onset):
            assert name is not None
            assert watching.store.shareable(name) is not None
    cleared = [one.sighting.picture for one in gone if one.sighting.picture and not things(one)]
    assert cleared
    assert list(watching.store.verify()) == []


def test_the_record_says_what_a_court_would_ask(watching: Watching) -> None:
    """Place, both clocks, the drawing of the zones, the model, the scores and stays."""
    taken = watching.sees(street(), own_ms=NOON_MS - 5000)
    assert taken.sighting.picture is not None
    record = watching.store.record(taken.sighting.picture)
    assert record is not None
    facts = record.facts
    assert facts.place == "劳动中路 劳动中路 12 号"
    assert (facts.taken_ms, facts.camera_ms) == (NOON_MS + MINUTE_MS, NOON_MS - 5000)
    assert (facts.model, facts.model_sha256) == (taken.sighting.model, taken.sighting.model_sha256)
    assert facts.zones_key
    assert {thing.label for thing in facts.seen} == {"bicycle"}
    assert record.sha256 == taken.sighting.picture_sha256


def test_a_picture_the_disk_did_not_take_is_named_by_nobody(watching: Watching) -> None:
    """Not in the sighting, not as the onset; the next look is kept instead."""
    watching.store.full = True
    lost = watching.sees(street())
    assert lost.sighting.picture is None
    assert {seen.onset for seen in things(lost)} == {None}

    watching.store.full = False
    second = watching.sees(street())
    assert second.sighting.picture is not None
    assert {seen.onset for seen in things(second)} == {second.sighting.picture}


def test_a_picture_of_before_that_cannot_be_kept_is_not_claimed(watching: Watching) -> None:
    """The look goes on without."""
    watching.sees(street("clear"))
    watching.sees(street())
    watching.store.full = True
    assert {seen.context for seen in things(watching.sees(street()))} == {None}


def test_a_picture_that_was_asked_for_is_kept_whatever_it_shows(watching: Watching) -> None:
    """A re-check has to be shown."""
    assert watching.sees(street("clear")).sighting.picture is None
    assert watching.sees(street("clear"), early=True).sighting.picture is not None


def test_a_black_picture_is_not_filed(watching: Watching) -> None:
    """It shows nothing, neither for nor against anyone."""
    watching.sees(street("clear"))
    black = watching.sees(np.zeros_like(street("clear")))
    assert black.sighting.picture is None
    assert list(watching.store.pictures()) == []
