"""Which pictures are to be deleted: by what became of them, what they show, and how much room there is."""

import logging
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from msgspec import Struct

from config.schema import Evidence, Keep, KeepClass
from domain.errors import StoreUnavailable
from domain.picture import PictureState, PictureUse, day_ms_of
from storage.camera_memory import CameraMemories
from storage.evidence_store import EvidenceStore, Stored
from storage.evidence_store.holds import OF_CASE
from vision.named import named_pictures

log = logging.getLogger(__name__)

CAMERAS: Final = "cameras.db"
"""Where in the data folder the memories of cameras are."""
UPKEEP: Final = "upkeep"
"""Who deletes, in the ledger."""
_HALF_WRITTEN_MS: Final = 3_600_000
"""So long a picture may lack a part: it is just being written."""


class Due(Struct, frozen=True, kw_only=True):
    """A picture that is to be deleted, and why: a state whose time has passed, `half_written` or `no_room`."""

    name: str
    size: int
    why: str
    case_ids: frozenset[str] = frozenset()
    """Cases that show it: a hold on one of them keeps it too."""


class Sweep(Struct, frozen=True, kw_only=True):
    """What is to go, and what is left then. Sizes in bytes."""

    due: tuple[Due, ...]
    pictures: int
    size: int
    held: int
    short_of: int = 0
    """By how much the bound is passed even so: all that is left belongs to a finding, or is held."""


class Known(Struct, frozen=True, kw_only=True):
    """What is known of the pictures besides what lies on disk."""

    uses: Mapping[str, Collection[PictureUse]]
    held: Collection[str]
    """Targets of holds."""
    named: Collection[str] = ()
    """What cameras remember of what still stands before them: the next look may quote it."""


def remembered_pictures(data_dir: Path, terms: Evidence, now_ms: int) -> frozenset[str]:
    """What the cameras' next looks may quote, as `watch` has last saved it there; nothing where no camera is watched.

    A camera that has given no picture for as long as `no_finding` lasts will quote nothing. Raises StoreUnavailable if
    that cannot be read: then nothing may be deleted.
    """
    path = data_dir / CAMERAS
    if not path.is_file():
        return frozenset()
    try:
        with closing(CameraMemories(path)) as memories:
            return named_pictures(memories.each(), now_ms - round(1000 * terms.keep.no_finding))
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be read: {error}; no picture is deleted until it can") from error


def plan(store: EvidenceStore, known: Known, terms: Evidence, now_ms: int) -> Sweep:
    """Look through all pictures. Nothing is deleted. Raises ValueError if it can't be read what is held."""
    due: list[Due] = []
    unclaimed: list[tuple[int, Stored]] = []
    pictures = size = held = 0
    for stored in store.pictures():
        uses = known.uses.get(stored.name, ())
        pictures += 1
        size += stored.size
        if is_held(stored.name, uses, known.held):
            held += 1
            continue
        if stored.name in known.named:
            continue
        why, taken_ms = _why(store, stored, uses, terms, now_ms)
        if why:
            case_ids = frozenset(use.case_id for use in uses if use.case_id is not None)
            due.append(Due(name=stored.name, size=stored.size, why=why, case_ids=case_ids))
        elif not uses:
            unclaimed.append((taken_ms, stored))
    left = size - sum(one.size for one in due)
    for _, stored in sorted(unclaimed, key=lambda pair: (pair[0], pair[1].name)):
        if left <= terms.max_size:
            break
        due.append(Due(name=stored.name, size=stored.size, why="no_room"))
        left -= stored.size
    short_of = max(left - terms.max_size, 0)
    return Sweep(due=tuple(due), pictures=pictures - len(due), size=left, held=held, short_of=short_of)


def carry_out(store: EvidenceStore, sweep: Sweep, now_ms: int) -> int:
    """Delete what is due; how many were. One that was held meanwhile stays, itself or a case that shows it."""
    store.tidy((now_ms - _HALF_WRITTEN_MS) / 1000)
    return sum(
        store.delete(one.name, who=UPKEEP, why=one.why, at_ms=now_ms, case_ids=one.case_ids) for one in sweep.due
    )


def is_held(name: str, uses: Iterable[PictureUse], held: Collection[str]) -> bool:
    """Whether somebody has said that it stays: the picture itself, or a case that shows it."""
    return name in held or any(use.case_id is not None and f"{OF_CASE}{use.case_id}" in held for use in uses)


def _why(
    store: EvidenceStore, stored: Stored, uses: Collection[PictureUse], terms: Evidence, now_ms: int
) -> tuple[str | None, int]:
    """Why it is to go, or None; and when it was taken."""
    day_ms = day_ms_of(stored.name)
    if any(use.state is PictureState.OPEN for use in uses):
        return None, day_ms
    if not stored.whole:
        return ("half_written" if now_ms - stored.changed_s * 1000 > _HALF_WRITTEN_MS else None), day_ms
    # Only the records of those that may be due are read: the shortest period has passed for few.
    if not uses and now_ms - day_ms < 1000 * _shortest_s(terms):
        return None, day_ms
    record = store.record(stored.name)
    taken_ms = record.facts.taken_ms if record else day_ms
    classes = {thing.label for thing in record.facts.seen} if record else set()
    ends = [(use.since_ms + round(1000 * kept_s(use.state, classes, terms)), use.state) for use in uses]
    if not ends:
        ends = [(taken_ms + round(1000 * kept_s(PictureState.NO_FINDING, classes, terms)), PictureState.NO_FINDING)]
    until_ms, state = max(ends)
    return (state.value if until_ms <= now_ms else None), taken_ms


def kept_s(state: PictureState, classes: Collection[str], terms: Evidence) -> float:
    """How long, for the class of what it shows that is kept longest."""
    common = _periods(terms.keep)[state] or 0.0
    own = [_periods(terms.keep_class[label])[state] for label in classes if label in terms.keep_class]
    return max((common if period is None else period for period in own), default=common)


def _periods(keep: Keep | KeepClass) -> dict[PictureState, float | None]:
    return {
        PictureState.NO_FINDING: keep.no_finding,
        PictureState.SELF_CORRECTED: keep.self_corrected,
        PictureState.CASE_CLOSED: keep.case_closed,
    }


def _shortest_s(terms: Evidence) -> float:
    own = [keep.no_finding for keep in terms.keep_class.values() if keep.no_finding is not None]
    return min((terms.keep.no_finding, *own))
