"""Originals for the console: nothing is read before it is written down."""

from domain.clock import Clock
from domain.errors import StoreUnavailable
from storage.evidence_store import EvidenceStore


class Originals:
    """Fits `console.desk_originals.OriginalDesk`."""

    def __init__(self, evidence: EvidenceStore, clock: Clock) -> None:
        self._evidence = evidence
        self._clock = clock

    def original(self, name: str, *, who: str, why: str, address: str) -> bytes | None:
        """From the store of pictures."""
        try:
            found = self._evidence.original(name, who=who, why=why, at_ms=self._clock.now_ms(), address=address)
        except (LookupError, ValueError):
            return None
        except OSError as problem:
            said = f"the original of {name} is not shown: it cannot be written into the ledger, or read"
            raise StoreUnavailable(f"{said} ({problem.strerror or problem})") from problem
        return found.data
