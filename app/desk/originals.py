"""Originals and shops' photos for the console: nothing is read before it is written down."""

from pathlib import Path

from app.shop_photos import ShopPhotos
from domain.clock import Clock
from domain.errors import StoreUnavailable
from storage.case_store import CaseStore
from storage.evidence_store import EvidenceStore


class Originals:
    """Fits `console.desk.originals.OriginalDesk`."""

    def __init__(self, evidence: EvidenceStore, store: CaseStore, photos: ShopPhotos, clock: Clock) -> None:
        self._evidence, self._photos = evidence, photos
        self._store = store
        self._clock = clock

    def original(self, name: str, *, who: str, why: str, address: str) -> bytes | None:
        """From the store of pictures."""
        try:
            found = self._evidence.original(name, who=who, why=why, at_ms=self._clock.now_ms(), address=address)
        except (LookupError, ValueError):
            return None
        except OSError as problem:
            raise _not_shown(f"the original of {name}", problem) from problem
        return found.data

    def shop_photo(self, reply_id: int, *, who: str, why: str, address: str) -> bytes | None:
        """From the data folder; in the ledger of the store of pictures."""
        with self._store.glance() as tx:
            said = tx.reply(reply_id)
        path = self._photos.path(said.picture) if said is not None and said.picture else None
        if path is None:
            return None
        return self._written_down(path, who=who, why=why, address=address)

    def _written_down(self, path: Path, *, who: str, why: str, address: str) -> bytes | None:
        try:
            self._evidence.showed(f"shop:{path.name}", who=who, why=why, at_ms=self._clock.now_ms(), address=address)
            return path.read_bytes()
        except FileNotFoundError:  # it has just been let go
            return None
        except OSError as problem:
            raise _not_shown("a shop's photo", problem) from problem


def _not_shown(what: str, problem: OSError) -> StoreUnavailable:
    said = f"{what} is not shown: it cannot be written into the ledger, or read"
    return StoreUnavailable(f"{said} ({problem.strerror or problem})")
