"""The series writer in its own process, as `serve` sees it."""

import random
import threading
import time
from typing import Final

import msgspec

from app.processes.children import Child
from app.processes.storing import DRAIN_S, order_of
from app.readers.series_writer import SERIES, WriterStatus
from config.load import Site
from domain.service import Requests
from storage.journal import Journal

_SILENT_S: Final = 20.0
"""One that says nothing for so long is not believed to store anything: longer than any answer of a store may take."""
_GONE: Final = "the process that stores readings does not run"

_decode = msgspec.json.Decoder(WriterStatus).decode


class WriterProcess:
    """Stores the journal's records in order. Any thread may ask how that goes."""

    def __init__(self, site: Site, journal: Journal, chance: random.Random | None = None) -> None:
        """Starts nothing yet."""
        self._writer = _Writer(site, journal.cursor(SERIES), chance or random.SystemRandom())

    def start(self) -> None:
        """Begin, and return at once. Once only."""
        self._writer.start()

    def stop(self) -> None:
        """Have it store what the journal has, within bounds, and end; what is left is stored at the next start."""
        self._writer.release()
        self._writer.end(DRAIN_S + 1.0)

    @property
    def status(self) -> WriterStatus:
        """As last heard; the counts go on from one process to the next."""
        return self._writer.status

    @property
    def pid(self) -> int | None:
        """Of its process; None while there is none."""
        return self._writer.pid


class _Writer(Child):
    def __init__(self, site: Site, cursor: int, chance: random.Random) -> None:
        super().__init__("store", order_of(site), name="series-writer", chance=chance)
        self._lock = threading.Lock()
        self._before = self._last = WriterStatus(cursor=cursor)
        self._heard_s = time.monotonic()

    @property
    def status(self) -> WriterStatus:
        with self._lock:
            last, before, silent_s = self._last, self._before, time.monotonic() - self._heard_s
        gone = silent_s >= _SILENT_S
        return msgspec.structs.replace(
            last,
            reachable=last.reachable and not gone,
            trouble=_GONE if gone else last.trouble,
            stored=last.stored + before.stored,
            dropped=last.dropped + before.dropped,
            restarts=self.restarts,
        )

    def hear(self, line: bytes) -> None:
        status = _decode(line)
        with self._lock:
            self._last, self._heard_s = status, time.monotonic()

    def bury(self) -> None:
        """What it has done stays done."""
        with self._lock:
            last, before = self._last, self._before
            self._before = msgspec.structs.replace(
                before, stored=before.stored + last.stored, dropped=before.dropped + last.dropped
            )
            self._last = msgspec.structs.replace(last, stored=0, dropped=0, requests=Requests())
