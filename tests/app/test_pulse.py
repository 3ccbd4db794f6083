"""The pulse notes how things go, and keeps an hour of it."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from app.watch_note import WatchNote
from app.wellbeing.pulse import Pulse
from console.desk.vitals import Backup, ModelInUse
from domain.clock import ManualClock
from domain.picture import PictureFacts, picture_name
from storage.case_store import CaseStore
from storage.evidence_store import EvidenceStore
from tests.fakes.desk import WELL


def made(folder: Path, clock: ManualClock, received: Callable[[], int]) -> tuple[Pulse, CaseStore]:
    """A pulse over an empty product."""
    store = CaseStore(f"sqlite:///{folder / 'cases.db'}")
    pulse = Pulse(
        health=lambda: replace(WELL, messages_received=received()),
        store=store,
        evidence=EvidenceStore(folder / "evidence"),
        max_size=1 << 30,
        folder=folder,
        reads_by="1+ab",
        version="1",
        clock=clock,
        rules=lambda: (61, 7),
    )
    return pulse, store


def test_it_keeps_an_hour_and_no_more(tmp_path: Path) -> None:
    """So that it never grows."""
    clock, count = ManualClock(1_000_000), iter(range(10_000))
    pulse, store = made(tmp_path, clock, lambda: next(count))
    for _ in range(500):
        clock.advance(seconds=pulse.step())
    beats = pulse.vitals().beats
    assert beats[-1].at_ms - beats[0].at_ms <= 3_600_000
    assert [beat.received for beat in beats] == list(range(140, 500))
    store.close()


def test_pictures_are_counted_again_within_minutes(tmp_path: Path) -> None:
    """A product that has just begun has none yet, and must not say so for an hour."""
    clock = ManualClock(1_000_000)
    pulse, store = made(tmp_path, clock, lambda: 0)
    pulse.step()
    facts = PictureFacts(
        name=picture_name("C1", "1", 1_000_000), camera_id="C1", look_id="1", taken_ms=1_000_000, seen=()
    )
    EvidenceStore(tmp_path / "evidence").keep(facts, b"original", b"blurred")
    for passed_s, counted in ((59, 0), (2, 1)):
        clock.advance(seconds=passed_s)
        pulse.step()
        evidence = pulse.vitals().evidence
        assert evidence is not None
        assert (evidence.pictures, evidence.size > 0) == (counted, counted > 0)
    store.close()


def test_what_it_knows_of_the_product(tmp_path: Path) -> None:
    """Rules in force, room on the disk, pictures once they were counted, and no waiting notice."""
    clock = ManualClock(1_000_000)
    pulse, store = made(tmp_path, clock, lambda: 0)
    assert pulse.vitals().evidence is None
    pulse.step()
    vitals = pulse.vitals()
    assert vitals.rules is not None
    assert (vitals.rules.rules, vitals.rules.since_ms, vitals.oldest_notice_ms) == (61, 7, None)
    assert vitals.evidence is not None
    assert (vitals.evidence.pictures, vitals.evidence.max_size) == (0, 1 << 30)
    assert vitals.disk_free
    assert (vitals.backup, vitals.models) == (None, ())
    (tmp_path / "backup-taken.json").write_text('{"taken_ms": 5, "to": "/b/one.tar"}', "utf-8")
    model = ModelInUse(watch="w", name="own.onnx", sha256="ab", labels=(), since_ms=7)
    note = WatchNote(tmp_path, "w")
    note.uses(model)
    vitals = pulse.vitals()
    assert (vitals.backup, vitals.models) == (Backup(taken_ms=5, to="/b/one.tar"), (model,))
    note.withdraw()
    store.close()
