"""Whole looks, with the real detector on real pictures."""

from itertools import count

import numpy as np
import pytest
from msgspec import structs

from domain.errors import SourceError, SourceFault
from domain.register import Camera, ZoneRole
from domain.sighting import ViewHealth
from tests.fakes.cameras import jpeg
from tests.vision.scenes import BIKES_ZONE, NOON_MS, ROAD_ZONE, Array, camera, covered, road, sensed, street, zone
from vision.detecting import CONFIRMED_LOOKS, REUSED_LOOKS
from vision.detectors.openvino import OpenVino
from vision.look import Look, Terms, Visit, look
from vision.memory import CameraMemory, from_bytes, to_bytes
from vision.picture import Picture

SECOND_MS = 1000


class Lookout:
    """One camera, looked at every 20 s; its memory goes through bytes each time, as it does in a store."""

    def __init__(self, detector: OpenVino, watched: Camera, *, skip_unchanged: bool = True) -> None:
        self._detector = detector
        self._camera = watched
        self._terms = Terms(min_score=0.35, skip_unchanged=skip_unchanged)
        self._seeds = count()
        self._memory = to_bytes(CameraMemory())
        self.now_ms = NOON_MS

    def sees(self, picture: Array, *, early: bool = False) -> Look:
        """A look at this scene, with fresh noise."""
        return self.gets(Picture(data=jpeg(sensed(picture, seed=next(self._seeds)))), early=early)

    def gets(self, brought: Picture | SourceError, *, early: bool = False) -> Look:
        """A look at exactly this."""
        self.now_ms += 20 * SECOND_MS
        visit = Visit(camera=self._camera, brought=brought, taken_ms=self.now_ms, early=early)
        taken = look(visit, from_bytes(self._memory), self._detector, self._terms)
        self._memory = to_bytes(taken.memory)
        return taken


def counts(taken: Look) -> dict[str, int]:
    """How many objects each zone of the look holds."""
    return {found.zone: len(found.objects) for found in taken.sighting.zones}


@pytest.fixture
def lookout(detector: OpenVino) -> Lookout:
    """A camera over the pavement with the bicycles."""
    return Lookout(detector, camera(zone(BIKES_ZONE, shop_id="shop-7")))


def test_the_whole_ladder_on_real_pictures(lookout: Lookout) -> None:
    """Bicycles stand, are seen longer and longer, and go: each step is in the sightings, with its pictures."""
    looks = [lookout.sees(street()) for _ in range(5)] + [lookout.sees(street("clear")) for _ in range(3)]
    assert [taken.sighting.view for taken in looks] == [ViewHealth.HEALTHY] * 8
    assert [counts(taken)["front"] for taken in looks] == [2, 2, 2, 2, 2, 0, 0, 0]
    fifth = looks[4].sighting.zones[0]
    assert fifth.shop_id == "shop-7"
    assert {(seen.label, seen.stay_s, seen.looks) for seen in fifth.objects} == {("bicycle", 80.0, 5)}
    assert all(0.5 < seen.overlap <= 1 for seen in fifth.objects)
    assert [taken.keep for taken in looks] == [True, True, False, True, True, True, True, False]
    assert looks[4].sighting.model == "nanodet-g-416.onnx"


def test_looks_come_sooner_until_a_thing_is_sure_and_until_its_going_is(lookout: Lookout) -> None:
    """Then the normal interval is enough."""
    assert [lookout.sees(street()).sooner for _ in range(CONFIRMED_LOOKS + 1)] == [True] * 5 + [False] * 2
    assert [lookout.sees(street("clear")).sooner for _ in range(3)] == [True, True, False]


def test_a_false_clear_is_impossible(lookout: Lookout) -> None:
    """Between bicycles and bicycles the camera goes dark, freezes, is covered, dies and sends rubbish: no such look
    says anything of the zone, and the stay goes on.
    """
    for _ in range(3):
        lookout.sees(street())
    frozen = Picture(data=jpeg(street("clear")))
    bad = [
        lookout.sees(np.zeros_like(street())),
        lookout.sees(covered(street("clear"), 0.7)),
        lookout.gets(SourceError(SourceFault.TIMEOUT, "no answer")),
        lookout.gets(Picture(data=b"<html>")),
        lookout.gets(Picture(data=jpeg(street("clear"))[:5000])),
        lookout.gets(structs.replace(frozen, own_ms=NOON_MS - 86_400_000)),
        lookout.gets(frozen),
        lookout.sees(road()[0]),
    ]
    assert [(taken.sighting.view, taken.sighting.zones) for taken in bad] == [
        (view, ()) for view in ("dark", "covered", "offline", "offline", "offline", "stale", "frozen", "moved")
    ]
    faults = [taken.sighting.fault for taken in bad if taken.sighting.view is ViewHealth.OFFLINE]
    assert faults == ["timeout", "not_an_image", "truncated"]
    again = lookout.sees(street())
    assert {seen.stay_s for seen in again.sighting.zones[0].objects} == {220.0}


def test_a_hidden_zone_is_left_out(detector: OpenVino) -> None:
    """Something large before the bicycles: the look does not say that the zone is clear, it says nothing of it."""

    class Passing:
        """The detector, but for a bus that it sees when it is told to."""

        model, model_sha256 = detector.model, detector.model_sha256
        bus = False

        def detect(self, pixels: Array) -> tuple[object, ...]:
            found = detector.detect(pixels)
            if not self.bus:
                return found
            return (*found, structs.replace(found[0], label="bus", score=0.9, box=(0.0, 0.5, 0.35, 1.0)))

    passing = Passing()
    lookout = Lookout(passing, camera(zone(BIKES_ZONE)))  # type: ignore[arg-type]
    assert counts(lookout.sees(street())) == {"front": 2}
    bus = street("clear").copy()
    bus[300:, :260] = (bus[300:, :260] // 2) + 60
    passing.bus = True
    hidden = lookout.sees(bus)
    assert hidden.sighting.view is ViewHealth.HEALTHY
    assert counts(hidden) == {}


def test_persons_are_never_reported(detector: OpenVino) -> None:
    """A zone over the whole road, full of people: only the two parked vehicles are things."""
    lookout = Lookout(detector, camera(zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))))
    labels = {seen.label for frame in road()[:10] for seen in lookout.sees(frame).sighting.zones[0].objects}
    assert "person" not in labels
    assert labels & {"car", "truck"}


def test_the_parked_van_stays_one_thing(detector: OpenVino) -> None:
    """The detector calls it car and truck in turns; it is one stay over 20 looks."""
    lookout = Lookout(detector, camera(zone(ROAD_ZONE, ZoneRole.NO_PARKING)))
    looks = [lookout.sees(frame) for frame in road()[:20]]
    assert {counts(taken)["front"] for taken in looks} == {2}
    assert {seen.stay_s for seen in looks[-1].sighting.zones[0].objects} == {380.0}


def test_an_unchanged_view_counts_again_and_every_tenth_is_looked_at_anyway(lookout: Lookout) -> None:
    """With things standing there and with none; the sightings are the same as if each had been looked at."""
    for _ in range(CONFIRMED_LOOKS):
        lookout.sees(street())
    settled = [lookout.sees(street()) for _ in range(2 * (REUSED_LOOKS + 1))]
    assert [taken.inferred for taken in settled].count(True) == 2
    assert {counts(taken)["front"] for taken in settled} == {2}
    assert all(taken.inferred != taken.reused for taken in settled)


def test_vanished_bicycles_are_looked_at(lookout: Lookout) -> None:
    """A change in a zone always goes to the detector."""
    for _ in range(CONFIRMED_LOOKS + 2):
        last = lookout.sees(street())
    assert last.reused
    gone = lookout.sees(street("clear"))
    assert gone.inferred
    assert counts(gone) == {"front": 0}


def test_an_early_look_takes_no_short_cut_and_keeps_its_picture(lookout: Lookout) -> None:
    """Somebody wants to know."""
    for _ in range(CONFIRMED_LOOKS + 4):
        lookout.sees(street())
    early = lookout.sees(street(), early=True)
    assert early.inferred
    assert early.keep


def test_skipping_can_be_switched_off(detector: OpenVino) -> None:
    """For measuring."""
    lookout = Lookout(detector, camera(zone(BIKES_ZONE)), skip_unchanged=False)
    assert all(lookout.sees(street("clear")).inferred for _ in range(4))


def test_a_mask_removes_things(detector: OpenVino) -> None:
    """A shop window full of bicycles."""
    mask = zone(((0.0, 0.6), (0.5, 0.6), (0.5, 1.0), (0.0, 1.0)), ZoneRole.MASK, "window")
    lookout = Lookout(detector, camera(zone(BIKES_ZONE), mask))
    assert counts(lookout.sees(street())) == {"front": 0}


def test_new_zones_begin_with_a_new_memory(detector: OpenVino) -> None:
    """Who redraws the zones of a camera that was moved accepts the new view with it."""
    lookout = Lookout(detector, camera(zone(BIKES_ZONE)))
    lookout.sees(street())
    assert lookout.sees(road()[0]).sighting.view is ViewHealth.MOVED
    lookout._camera = camera(zone(ROAD_ZONE))
    assert lookout.sees(road()[1]).sighting.view is ViewHealth.HEALTHY


def test_a_look_is_a_function(detector: OpenVino) -> None:
    """The same picture and memory give the same look, and change neither."""
    visit = Visit(camera=camera(zone(BIKES_ZONE)), brought=Picture(data=jpeg(street())), taken_ms=NOON_MS)
    memory = CameraMemory()
    first, second = (look(visit, memory, detector, Terms(min_score=0.35)) for _ in range(2))
    assert first == second
    assert memory == CameraMemory()


def test_a_memory_is_small_and_one_that_cannot_be_read_is_an_empty_one(lookout: Lookout) -> None:
    """A city's memories are to fit into 110 MB; a newer version's must not stop an older worker."""
    lookout.sees(street())
    assert len(lookout._memory) < 160_000
    assert from_bytes(b"\xc1 no msgpack") == CameraMemory()
    assert from_bytes(None) == CameraMemory()


def test_a_source_that_says_that_nothing_has_changed_is_frozen(lookout: Lookout) -> None:
    """An answer without a picture is no look at the street, and clears nothing."""
    lookout.sees(street())
    seen = lookout.gets(Picture(data=b"", unchanged=True)).sighting
    assert seen.view is ViewHealth.FROZEN
    assert seen.zones == ()
    assert seen.picture_sha256 is not None


def test_what_the_source_has_decoded_is_not_decoded_again(lookout: Lookout) -> None:
    """A key frame comes as pixels too; the same things are seen in them, and its bytes need not be readable."""
    sensor = sensed(street(), seed=1)
    assert counts(lookout.gets(Picture(data=b"no JPEG at all", pixels=sensor))) == {"front": 2}
    assert counts(lookout.sees(street())) == {"front": 2}
