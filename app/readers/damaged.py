"""Stretches of the journal that could not be read back, as dead letters."""

from domain.message import RawMessage, Record, Reject, RejectReason
from storage.journal.damage import Damage


def letter_of(damage: Damage) -> tuple[Record, Reject]:
    """What was found in a stretch's place, under its first seq, and which stretch it was."""
    found = RawMessage(topic="", payload=damage.content, qos=0, retain=False, dup=False, received_ms=damage.found_ms)
    detail = f"records {damage.first_seq} to {damage.last_seq} of the journal could not be read back"
    return Record(seq=damage.first_seq, message=found), Reject(reason=RejectReason.DAMAGED, detail=detail)
