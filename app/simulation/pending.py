"""When book and outbox have something to do next, read from their file: before that nothing would come of it."""

from pathlib import Path
from typing import Final

from config.load import Site
from storage.sqlite import open_readonly

# What people read waits a moment for others; what is critical, or was tried before, does not.
_NOTICE: Final = """
SELECT min(not_before_ms + CASE WHEN urgent OR channel = 'command' OR digest IS NOT NULL THEN 0 ELSE ? END)
FROM notices WHERE state = 'pending'
"""
_LADDER: Final = """
SELECT min(max(recheck_ms, coalesce(asked_ms + ?, 0))) FROM ladders
WHERE ended_ms IS NULL AND NOT EXISTS (
    SELECT 1 FROM notices WHERE ladder_id = ladders.id AND state = 'pending' AND channel != 'command'
)
"""


class Pending:
    """Notices that wait, and re-checks."""

    def __init__(self, path: Path, site: Site) -> None:
        self._connection = open_readonly(path)
        self._patience_ms = round(site.settings.ladder.recheck_patience * 1000)
        self._wait_ms = round(site.settings.notices.group_wait * 1000)

    def notice_ms(self) -> int | None:
        """From when a notice may go out; None if none waits."""
        return self._number(_NOTICE, self._wait_ms)

    def recheck_ms(self) -> int | None:
        """From when a camera is to be asked for a look; None if no ladder is open."""
        return self._number(_LADDER, self._patience_ms)

    def newest_notice(self) -> int:
        """The number of the newest notice."""
        return self._number("SELECT max(id) FROM notices") or 0

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _number(self, query: str, *given: int) -> int | None:
        (found,) = self._connection.execute(query, given).fetchone()
        return None if found is None else int(found)
