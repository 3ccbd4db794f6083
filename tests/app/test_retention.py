"""What is deleted, and when: by what became of it, by what it shows, for want of room."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import structs

from app.retention import CAMERAS, Known, carry_out, plan, remembered_pictures
from app.shop_photos import ShopPhotos
from app.upkeep import EvidenceUpkeep
from config.schema import Evidence
from domain.case import CaseState, ClosedReason
from domain.clock import ManualClock
from domain.errors import StoreUnavailable
from domain.finding import Change
from domain.picture import PictureFacts, SeenThing, picture_name
from storage.camera_memory import CameraMemories
from storage.evidence_store import EvidenceStore, Hold, Word
from tests.cases.city import Town, bikes, clock_ms, make_site
from vision.album import Album, LeftMark, Spare
from vision.memory import CameraMemory, Place, to_bytes
from vision.view_memory import ViewMemory

DAY_MS = 86_400_000
SEEN, AGAIN, CLEAR = Change.RAISED, Change.RENEWED, Change.RESOLVED
START_MS = clock_ms("10:00")


class Archive:
    """The book and the pictures it speaks of, on a clock that is moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(make_site(folder / "site"), folder)
        self.store = EvidenceStore(folder / "evidence")
        self.clock = ManualClock(START_MS)
        self.folder = folder / "evidence"

    def keep(self, look_id: str, at_ms: int = START_MS, *labels: str, size: int = 10) -> str:
        """A picture of the camera C1 that shows such things."""
        name = picture_name("C1", look_id, at_ms)
        seen = tuple(SeenThing(zone="door-1", label=label, score=0.5, box=(0, 0, 1, 1), stay_s=0) for label in labels)
        facts = PictureFacts(name=name, camera_id="C1", look_id=look_id, taken_ms=at_ms, seen=seen)
        self.store.keep(facts, bytes(size), b"blurred")
        return name

    def record(self, change: Change, at: str) -> str:
        """A finding with its picture."""
        name = self.keep(f"look-{clock_ms(at)}", clock_ms(at), "bicycle")
        self.town.record(bikes(change, clock_ms(at)))
        return name

    def close_case(self, at_ms: int) -> None:
        """A person has verified it."""
        (case,) = self.town.store.cases()
        with self.town.store.transaction() as tx:
            tx.save_case(
                structs.replace(case, state=CaseState.CLOSED, closed_ms=at_ms, closed_reason=ClosedReason.FIXED)
            )

    def remember(self, memory: CameraMemory) -> None:
        """What the watching of the camera has saved."""
        with closing(CameraMemories(self.folder.parent / CAMERAS)) as memories:
            memories.save({"C1": to_bytes(memory)})

    def due(self, days: float, terms: Evidence | None = None) -> dict[str, str]:
        """What would be deleted so many days after the start, and why."""
        now_ms = START_MS + round(days * DAY_MS)
        return {one.name: one.why for one in plan(self.store, self.known(now_ms), terms or Evidence(), now_ms).due}

    def known(self, now_ms: int = START_MS) -> Known:
        """As the upkeep finds it."""
        held = frozenset(hold.target for hold in self.store.holds.all())
        named = remembered_pictures(self.folder.parent, Evidence(), now_ms)
        return Known(uses=self.town.store.picture_uses(), held=held, named=named)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Empty, at 10:00."""
    made = Archive(tmp_path)
    yield made
    made.town.store.close()


def test_what_nothing_was_raised_for_goes_after_a_week(archive: Archive) -> None:
    """Counted from when it was taken."""
    name = archive.keep("look-1")
    assert archive.due(6.9) == {}
    assert archive.due(7) == {name: "no_finding"}


def test_what_is_open_is_kept_for_ever(archive: Archive) -> None:
    """Every picture of the story, not only the newest."""
    archive.record(SEEN, "10:00")
    archive.record(AGAIN, "10:15")
    archive.record(AGAIN, "10:30")
    assert archive.due(10_000) == {}


def test_what_was_corrected_goes_a_month_after_its_end(archive: Archive) -> None:
    """All its pictures together."""
    names = {archive.record(SEEN, "10:00"), archive.record(CLEAR, "10:12")}
    assert archive.due(30) == {}
    assert archive.due(30.1) == dict.fromkeys(names, "self_corrected")


def test_what_became_a_case_goes_half_a_year_after_it_was_closed(archive: Archive) -> None:
    """Though its ladder and its alarm ended long before."""
    at = ("10:00", "10:15", "10:30")
    names = {archive.record(change, one) for change, one in zip((SEEN, AGAIN, AGAIN), at, strict=True)}
    names.add(archive.record(CLEAR, "10:40"))
    assert archive.due(1000) == {}
    archive.close_case(START_MS + 20 * DAY_MS)
    assert archive.due(199.9) == {}
    assert archive.due(200) == dict.fromkeys(names, "case_closed")


def test_a_class_may_have_its_own_periods(archive: Archive) -> None:
    """Of several things in a picture the longest holds; what is not said is as for all."""
    terms = Evidence.model_validate({"keep_class": {"bicycle": {"no_finding": "2d"}, "truck": {"no_finding": "20d"}}})
    bicycle, both = archive.keep("look-1", START_MS, "bicycle"), archive.keep("look-2", START_MS, "bicycle", "truck")
    chair = archive.keep("look-3", START_MS, "chair")
    assert archive.due(3, terms) == {bicycle: "no_finding"}
    assert set(archive.due(8, terms)) == {bicycle, chair}
    assert set(archive.due(20, terms)) == {bicycle, chair, both}


def test_what_is_held_stays_whatever_its_age(archive: Archive) -> None:
    """One picture, or all of a case."""
    names = {archive.record(change, at) for change, at in ((SEEN, "10:00"), (AGAIN, "10:15"), (AGAIN, "10:30"))}
    archive.record(CLEAR, "10:40")
    archive.close_case(START_MS)
    (case,) = archive.town.store.cases()
    free, held = archive.keep("free"), archive.keep("held")
    for target in (held, f"case:{case.id}"):
        archive.store.holds.add(Hold(target=target, who="court", why="appeal", at_ms=START_MS))
    assert archive.due(1000) == {free: "no_finding"}
    archive.store.holds.release(f"case:{case.id}", who="court", why="settled", at_ms=START_MS)
    assert names < set(archive.due(1000))


def test_a_case_that_is_held_while_its_pictures_are_deleted_keeps_them(archive: Archive) -> None:
    """A sweep of a city takes seconds: who has said that it is held must not find it gone."""
    for change, at in ((SEEN, "10:00"), (AGAIN, "10:15"), (AGAIN, "10:30"), (CLEAR, "10:40")):
        archive.record(change, at)
    archive.close_case(START_MS)
    free = archive.keep("free")
    (case,) = archive.town.store.cases()
    now_ms = START_MS + 1000 * DAY_MS
    sweep = plan(archive.store, archive.known(), Evidence(), now_ms)
    assert len(sweep.due) > 1
    archive.store.holds.add(Hold(target=f"case:{case.id}", who="court", why="appeal", at_ms=now_ms))
    assert carry_out(archive.store, sweep, now_ms) == 1
    assert free not in {stored.name for stored in archive.store.pictures()}
    assert len(list(archive.store.pictures())) == len(sweep.due) - 1


def test_the_first_picture_of_what_still_stands_there_stays(archive: Archive) -> None:
    """A rule may want it after weeks: neither age nor want of room takes it, nor the view before it came."""
    onset, context, of_left, spare, aside, other = (archive.keep(f"look-{n}", size=400_000) for n in range(6))
    stands = Place(
        label="bicycle",
        home=(0, 0, 1, 1),
        box=(0, 0, 1, 1),
        score=0.5,
        patch=b"",
        stay_ms=0,
        seen_ms=0,
        looks=9,
        onset=onset,
        context=context,
    )
    spares = (Spare(name=spare, taken_ms=0, kept=True), Spare(name=aside, taken_ms=1))
    left = (LeftMark(key="carton", stay_ms=0, looks=9, onset=of_left),)
    seen = ViewMemory(picture_ms=START_MS + 8 * DAY_MS)
    archive.remember(CameraMemory(places=(stands,), album=Album(spares=spares, left=left), seen=seen))
    assert set(archive.due(8)) == {aside, other}
    assert set(archive.due(14.9)) == {aside, other}
    assert len(archive.due(15.1)) == 6  # the camera is not watched any more
    small = Evidence.model_validate({"max_size": "0MiB", "keep": {"no_finding": "90d"}})
    assert archive.due(8, small) == {aside: "no_room", other: "no_room"}

    archive.remember(CameraMemory(seen=seen))
    assert len(archive.due(8)) == 6


def test_a_memory_that_cannot_be_read_stops_every_deletion(archive: Archive) -> None:
    """The file, not one camera's memory in it: that one names nothing, for the worker cannot read it either."""
    name = archive.keep("look-1")
    with closing(CameraMemories(archive.folder.parent / CAMERAS)) as memories:
        memories.save({"C1": b"\xc1 of another version"})
    assert archive.due(8) == {name: "no_finding"}
    for file in archive.folder.parent.glob(f"{CAMERAS}*"):
        file.write_bytes(b"no database" * 100)
    with pytest.raises(StoreUnavailable, match=r"cameras\.db cannot be read.*no picture is deleted"):
        archive.due(8)


def test_without_room_the_oldest_without_a_finding_go_and_nothing_else(archive: Archive) -> None:
    """What belongs to findings may pass the bound: that is told, and not solved by deleting it."""
    mine = archive.record(SEEN, "10:00")
    names = [archive.keep(f"look-{n}", START_MS + n * 60_000, size=400_000) for n in range(5)]
    archive.store.holds.add(Hold(target=names[0], who="court", why="appeal", at_ms=START_MS))
    terms = Evidence.model_validate({"max_size": "1MiB"})
    assert archive.due(1, terms) == {names[1]: "no_room", names[2]: "no_room", names[3]: "no_room"}

    sweep = plan(archive.store, archive.known(), Evidence.model_validate({"max_size": "0MiB"}), START_MS)
    assert mine not in {one.name for one in sweep.due}
    assert sweep.short_of >= 400_000


def test_half_a_pair_goes_after_an_hour(archive: Archive) -> None:
    """A crash while it was written, or while it was deleted."""
    name = archive.keep("look-1")
    (archive.folder / f"{name}.jpg").unlink()
    now_ms = round((archive.folder / f"{name}.record").stat().st_mtime * 1000)
    for age_ms, due in ((60_000, []), (3_700_000, [name])):
        sweep = plan(archive.store, archive.known(), Evidence(), now_ms + age_ms)
        assert [one.name for one in sweep.due if one.why == "half_written"] == due
    carry_out(archive.store, sweep, now_ms)
    assert not list(archive.store.pictures())


def test_upkeep_deletes_writes_down_and_waits_for_what_is_unread(archive: Archive) -> None:
    """A message that no rule has judged may be about any picture: until then none is deleted. Nor is what the next look
    may name.
    """
    name, caught_up = archive.keep("look-1"), False
    named = {name}
    upkeep = EvidenceUpkeep(
        archive.store,
        archive.town.store,
        Evidence(),
        archive.clock,
        caught_up=lambda: caught_up,
        named=lambda: named,
        photos=ShopPhotos(archive.town.site.settings.data_dir),
    )
    archive.clock.advance(seconds=8 * 86_400)
    assert upkeep.step() == 60
    assert archive.store.shareable(name) is not None

    caught_up = True
    assert upkeep.step() == 3600
    assert archive.store.shareable(name) is not None

    named.clear()
    assert upkeep.step() == 3600
    assert list(archive.store.pictures()) == []
    (line,) = archive.store.ledger.lines()
    assert (line.what, line.name, line.who, line.why) == (Word.DELETED, name, "upkeep", "no_finding")
