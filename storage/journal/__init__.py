"""The durable log between the broker and everyone else: appended to, read by cursors, and mended when a disk lies."""

from storage.journal.damage import Damage
from storage.journal.log import Journal
from storage.journal.status import JournalStatus

__all__ = ["Damage", "Journal", "JournalStatus"]
