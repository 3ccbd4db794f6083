"""How judging goes, as who judges tells it."""

from msgspec import Struct

from app.readers.reader_tally import ReadCounts


class RulesStatus(Struct, frozen=True, kw_only=True, tag="status"):
    """At one moment. The counts are since the start of the process."""

    cursor: int
    """Everything up to here is judged, and what came of it is kept."""
    failing: bool = False
    """Whether the last step failed."""
    failure: str = ""
    """And of what."""
    faults: dict[str, int] = {}
    """By rule: how often it failed instead of answering."""
    read: ReadCounts = ReadCounts()
    restarts: int = 0
    """How often its process had to be started again."""
