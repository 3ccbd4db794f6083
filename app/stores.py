"""Everything that is kept, opened in the order in which one needs the other."""

from dataclasses import dataclass
from pathlib import Path

from app.lifecycle import Lifecycle, Loop
from app.lock import JUDGE, LEFT_BEHIND_S, Lock
from app.looking import open_looks
from config.load import Site
from domain.clock import Clock
from domain.errors import ConfigError
from storage.births import Births
from storage.case_claim import Claim, Claimed
from storage.case_opening import open_cases
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.looks import Looks
from storage.series.open import open_store
from storage.series.store import SeriesStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that is kept on disk, or on the series server."""

    journal: Journal
    births: Births
    deadletters: DeadLetters
    cases: CaseStore
    claim: Claim
    """That nobody else judged for `cases` when we started."""
    series: SeriesStore
    evidence: EvidenceStore
    looks: Looks


def open_stores(site: Site, clock: Clock, life: Lifecycle) -> Stores:
    """All of them; closed with `life`, the last opened first. Raises ConfigError and StoreUnavailable."""
    data, bounds = open_data(site.settings.data_dir), site.settings.journal
    life.on_stop("lock", Lock(data).release)
    journal = Journal(data / "journal.db", max_bytes=bounds.max_size, max_age_s=bounds.max_age, clock=clock)
    life.on_stop("journal", journal.close)
    births = Births(data / "births.db", journal.identity)
    life.on_stop("births", births.close)
    deadletters = DeadLetters(data / "deadletters.db")
    life.on_stop("dead letters", deadletters.close)
    claim = _claimed(site, life)
    cases = open_cases(site.settings, serves=True)
    life.on_stop("case store", cases.close)
    series = open_series(site)
    life.on_stop("series store", series.close)
    evidence = EvidenceStore(data / "evidence")
    return Stores(
        journal=journal,
        births=births,
        deadletters=deadletters,
        cases=cases,
        claim=claim,
        series=series,
        evidence=evidence,
        looks=open_looks(data, life),
    )


def _claimed(site: Site, life: Lifecycle) -> Claim:
    """That nobody else serves, to our end, and that nobody judges yet: a killed `serve` may have left one behind."""
    serving, judging = Claim(site.settings, Claimed.SERVING), Claim(site.settings)
    for name, claim in (("claim", serving), ("claim to judge", judging)):
        life.on_stop(name, claim.release)
    if site.settings.cases.url:
        serving.take()
        Lock(site.settings.data_dir, JUDGE, wait_s=LEFT_BEHIND_S).release()
        judging.take()
        keeper = Loop("claim", serving.keep)
        keeper.start()
        life.on_stop("claim's keeper", keeper.stop)
    return judging


def open_data(folder: Path) -> Path:
    """The data folder, made if need be. Raises ConfigError if it can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise ConfigError(f"data_dir is {folder}, and it cannot be made: {wrong.strerror}") from None
    return folder


def open_series(site: Site) -> SeriesStore:
    """The server that `series` names, else the embedded store in the data folder."""
    return open_store(site.settings.series, site.settings.data_dir / "series.db")
