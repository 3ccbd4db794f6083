"""What a city's desk is put together from."""

from collections.abc import Callable
from dataclasses import dataclass

from app.desk.cameras import CameraSights
from app.rules_in_force import RulesInForce
from app.wellbeing.dropped_rows import DroppedRows
from app.wellbeing.health import Collecting, Judging, Vitals, Writing
from app.wellbeing.selfwatch import Selfwatch
from config.load import Site
from domain.clock import Clock
from domain.platform import PlatformStatus
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.series.store import SeriesStore


def _nothing_wrong() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The stores and the running parts; those that may be missing come last."""

    site: Site
    store: CaseStore
    reader: Judging
    writer: Writing
    journal: Journal
    deadletters: DeadLetters
    series: SeriesStore
    evidence: EvidenceStore
    collector: Collecting
    clock: Clock
    selfwatch: Selfwatch | None = None
    """Tells what is wrong for long enough to be told."""
    dropped: DroppedRows | None = None
    """What the series store let fall."""
    rules_problem: Callable[[], str | None] = _nothing_wrong
    """Says what is wrong with the files of the rules as they are now."""
    in_force: RulesInForce | None = None
    platform: Callable[[], PlatformStatus] | None = None
    """How it goes with the city's platform, if there is one."""
    sights: CameraSights | None = None

    def vitals(self) -> Vitals:
        """How all of these are doing."""
        return Vitals(
            folder=self.site.settings.data_dir,
            journal=self.journal,
            reader=self.reader,
            writer=self.writer,
            collector=self.collector,
            selfwatch=self.selfwatch,
            dropped=self.dropped,
            rules_problem=self.rules_problem,
            platform=self.platform,
        )
