"""What the book holds of a stretch of time: what figures are counted from, and exports are made of."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from domain.case import Case, LogEntry
from domain.ladder import Ladder


class History(Struct, frozen=True, kw_only=True):
    """Rows as they are, all of one moment."""

    ladders: Sequence[Ladder] = ()
    """Episodes that began in it."""
    cases: Sequence[Case] = ()
    """Cases that were opened, were due or were closed in it, or of which a line below speaks."""
    told: Mapping[int, int] = {}
    """By ladder: when the first reminder of it went out."""
    lines: Sequence[LogEntry] = ()
    """Lines of the kinds that were asked for, since its beginning; all of cases opened, due or closed in it."""
    since_ms: int | None = None
    """The first line the book has at all: nothing is known of what was before."""
