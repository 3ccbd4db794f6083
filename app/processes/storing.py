"""The series writer as a process of its own: `longcheng store`, which only `serve` starts.

Beside the rules it would take half of Python's one lock from them, and they from it. It stops in order, with everything
stored that the journal had, when standard input ends.
"""

import pickle
import sys
import time
from typing import Final

from app.lifecycle import Loop
from app.processes.parent import Parent
from app.readers.series_writer import SeriesWriter
from app.upkeep import SeriesUpkeep
from config.load import Site
from domain.clock import SystemClock
from ingest.decode import Decoder
from storage.births import Births
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.series.open import open_store

DRAIN_S: Final = 2.0
"""How long it takes at most to store what the journal has, when it is told to stop."""
_WAIT_S: Final = 0.05
_SWITCH_INTERVAL_S: Final = 0.0005


def order_of(site: Site) -> bytes:
    """What `store` is told: the site as its parent has read and checked it, whatever its files say by now."""
    return pickle.dumps(site)


def store() -> None:
    """Carry out the order on standard input until that ends."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    with Parent() as parent:
        order = parent.order()
        if order:
            _carry_out(pickle.loads(order), parent)  # noqa: S301  from our own parent


def _carry_out(site: Site, parent: Parent) -> None:
    data, bounds, clock = site.settings.data_dir, site.settings.journal, SystemClock()
    journal = Journal(data / "journal.db", max_bytes=bounds.max_size, max_age_s=bounds.max_age, clock=clock)
    births = Births(data / "births.db", journal.identity)
    deadletters = DeadLetters(data / "deadletters.db")
    series = open_store(site.settings.series, data / "series.db")
    writer = SeriesWriter(
        site=site,
        journal=journal,
        decoder=lambda: Decoder(site, births),
        store=series,
        deadletters=deadletters,
    )
    loops = Loop("series-writer", writer.step), Loop("series-upkeep", SeriesUpkeep(series, clock).step)
    for loop in loops:
        loop.start()
    parent.report(lambda: writer.status, attend=journal.head)
    _drain(writer, journal)
    for loop in loops:
        loop.stop()
    parent.tell(writer.status)
    if not any(loop.is_alive() for loop in loops):
        for opened in (series, deadletters, births, journal):
            opened.close()


def _drain(writer: SeriesWriter, journal: Journal) -> None:
    deadline_s = time.monotonic() + DRAIN_S
    while writer.reachable and writer.cursor < journal.head() and time.monotonic() < deadline_s:
        journal.wait(journal.head(), _WAIT_S)
