"""Pictures that speak for a finding, and the log of who saw, held and deleted them.

`files` is how they lie on disk, `store` what may be done with them, `ledger` the log, `holds` what the law keeps.
"""

from storage.evidence_store.files import Stored
from storage.evidence_store.holds import Hold, Holds
from storage.evidence_store.ledger import Ledger, Line, Word
from storage.evidence_store.store import EvidenceStore, Flaw, Original

__all__ = ["EvidenceStore", "Flaw", "Hold", "Holds", "Ledger", "Line", "Original", "Stored", "Word"]
