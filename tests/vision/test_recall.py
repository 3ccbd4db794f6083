"""Memories in the worker and in the store."""

import pytest
from msgspec import structs

from domain.sighting import ViewHealth
from vision.album import Album, LeftMark
from vision.memory import CameraMemory, Place, from_bytes, to_bytes
from vision.recall import AT_A_TIME, SAVE_WITHIN_MS, Recall
from vision.view_memory import ViewMemory

PLACE = Place(label="bicycle", home=(0, 0, 1, 1), box=(0, 0, 1, 1), score=0.5, patch=b"", stay_ms=0, seen_ms=0, looks=1)
CALM = CameraMemory(view=ViewHealth.HEALTHY, seen=ViewMemory(picture_ms=1000), places=(PLACE,))


class Store:
    """Counts what is saved."""

    def __init__(self, **memories: CameraMemory) -> None:
        self.kept = {camera_id: to_bytes(memory) for camera_id, memory in memories.items()}
        self.saves: list[list[str]] = []
        self.broken = False
        self.broken_after: int | None = None

    def load(self, camera_id: str) -> bytes | None:
        return self.kept.get(camera_id)

    def save(self, memories: dict[str, bytes]) -> None:
        if self.broken or (self.broken_after is not None and len(self.saves) >= self.broken_after):
            raise OSError(28, "No space left on device")
        self.saves.append(list(memories))
        self.kept.update(memories)


def test_only_memories_in_which_something_of_weight_changed_are_saved() -> None:
    """A stay that grows can be worked out again; an onset, a view and ten minutes cannot."""
    store = Store(calm=CALM)
    recall = Recall(store)
    assert recall.get("calm") == CALM
    grown = structs.replace(
        CALM, seen=ViewMemory(picture_ms=2000), places=(structs.replace(PLACE, stay_ms=1000, looks=2),)
    )
    recall.put("calm", grown)
    recall.save()
    assert store.saves == []
    for memory in (
        structs.replace(grown, view=ViewHealth.DARK),
        structs.replace(grown, places=()),
        structs.replace(grown, album=Album(left=(LeftMark(key="0.1-0.2", stay_ms=0, looks=1),))),
        structs.replace(grown, seen=ViewMemory(picture_ms=1000 + SAVE_WITHIN_MS)),
    ):
        fresh = Recall(Store(calm=CALM))
        fresh.get("calm")
        fresh.put("calm", memory)
        fresh.save()
        assert fresh._store.saves == [["calm"]]  # type: ignore[attr-defined]


def test_at_the_end_everything_is_saved() -> None:
    """In one batch."""
    store = Store()
    recall = Recall(store)
    for name in ("b", "a"):
        recall.get(name)
        recall.put(name, CALM)
    recall.save(everything=True)
    assert store.saves == [["a", "b"]]
    assert from_bytes(store.kept["a"]) == CALM


def test_what_could_not_be_saved_is_tried_again() -> None:
    """A full disk is told once for each try, and loses nothing."""
    store = Store()
    recall = Recall(store)
    recall.get("a")
    recall.put("a", CALM)
    store.broken = True
    with pytest.raises(OSError, match="No space left"):
        recall.save()
    store.broken = False
    recall.save()
    assert store.saves == [["a"]]


def test_a_city_is_saved_in_parts() -> None:
    """Each once; a store that fails at the third part is asked for all that had changed again."""
    store = Store()
    recall = Recall(store)
    names = [f"c{n:03}" for n in range(3 * AT_A_TIME)]
    for name in names:
        recall.get(name)
        recall.put(name, CALM)
    store.broken_after = 2
    with pytest.raises(OSError, match="No space left"):
        recall.save()
    assert [name for saved in store.saves for name in saved] == names[: 2 * AT_A_TIME]
    store.broken_after = None
    recall.save()
    assert store.saves[2:] == [names[n : n + AT_A_TIME] for n in range(0, len(names), AT_A_TIME)]
    recall.save()
    assert len(store.saves) == 5
    assert recall.known("c000") == CALM
    assert recall.known("unknown") is None


def test_memories_that_cannot_be_read_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Another version wrote them; a camera that is new has none, and needs no word."""
    store = Store()
    store.kept = {"a": b"\xc1 no msgpack", "b": b"\xc1 no msgpack"}
    recall = Recall(store)
    assert recall.get("new") == recall.get("a") == recall.get("b") == CameraMemory()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert told[0].startswith("a: its memory is of another version, or damaged, and cannot be read")
