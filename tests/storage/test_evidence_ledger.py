"""The ledger of evidence, and what the law keeps."""

import threading
from pathlib import Path

import pytest

from storage.evidence_store import EvidenceStore, Hold, Ledger, Line, Word
from tests.storage.test_evidence_store import NAME, NOON, facts


def line(number: int) -> Line:
    """Somebody saw something."""
    return Line(at_ms=number, what=Word.READ, name=f"cam/20251009/look-{number}", who="wang", why="复核")


def hold(target: str = NAME, why: str = "lawsuit") -> Hold:
    """A hold of the court's."""
    return Hold(target=target, who="court", why=why, at_ms=NOON)


def test_lines_are_added_in_their_order_and_follow_from_each_other(tmp_path: Path) -> None:
    """From several threads at once too; nobody else can read the file."""
    path = tmp_path / "ledger.jsonl"

    def add() -> None:
        for number in range(20):
            Ledger(path).add(line(number))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(Ledger(path).lines())) == 80
    assert Ledger(path).broken() == []
    assert path.stat().st_mode & 0o077 == 0


def test_a_line_that_is_changed_or_taken_out_is_told(tmp_path: Path) -> None:
    """By its number: the one after it does not follow any more."""
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    for number in range(5):
        ledger.add(line(number))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)

    path.write_text("".join([lines[0], lines[1].replace("wang", "li"), *lines[2:]]), encoding="utf-8")
    assert ledger.broken() == [3]
    path.write_text("".join([*lines[:2], *lines[3:]]), encoding="utf-8")
    assert ledger.broken() == [3]


def test_a_torn_line_stays_and_the_next_follows_from_it(tmp_path: Path) -> None:
    """A power cut in the middle of a line spoils that line alone."""
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.add(line(0))
    with path.open("ab") as file:
        file.write(b'{"at_ms":1,"wh')
    ledger.add(line(2))
    assert [one.at_ms for one in ledger.lines()] == [0, 2]
    assert ledger.broken() == [2]


def test_what_is_held_is_not_deleted_until_it_is_released(tmp_path: Path) -> None:
    """Whoever asks; both words of it are written down."""
    store = EvidenceStore(tmp_path)
    store.keep(facts(), b"original", b"blurred")
    assert store.holds.add(hold())
    assert not store.holds.add(hold())
    assert not store.delete(NAME, who="upkeep", why="no_room", at_ms=NOON)
    assert store.shareable(NAME) is not None

    assert store.holds.release(NAME, who="court", why="settled", at_ms=NOON)
    assert not store.holds.release(NAME, who="court", why="settled", at_ms=NOON)
    assert store.delete(NAME, who="upkeep", why="no_room", at_ms=NOON)
    assert [one.what for one in store.ledger.lines()] == [Word.HELD, Word.RELEASED, Word.DELETED]


@pytest.mark.parametrize("target", ["", "case:", "case:abc", "../x", "12345", "cam-1/20251009/x.original"])
def test_only_pictures_and_cases_are_held(tmp_path: Path, target: str) -> None:
    """And never without a reason."""
    store = EvidenceStore(tmp_path)
    with pytest.raises(ValueError, match="neither a picture"):
        store.holds.add(hold(target))
    with pytest.raises(ValueError, match="say why"):
        store.holds.add(hold(why=" "))
    assert store.holds.all() == ()


def test_holds_that_cannot_be_read_stop_every_deletion(tmp_path: Path) -> None:
    """What is held is not known then, so it may be anything."""
    store = EvidenceStore(tmp_path)
    store.keep(facts(), b"original", b"blurred")
    (tmp_path / "holds.json").write_bytes(b"[{")
    with pytest.raises(ValueError, match=r"holds\.json cannot be read"):
        store.delete(NAME, who="upkeep", why="no_room", at_ms=NOON)
    assert store.shareable(NAME) is not None
