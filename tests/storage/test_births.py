"""Births: what aliases meant at a place in the journal."""

from pathlib import Path

import pytest

from storage.births import Births


def test_each_reader_gets_what_held_at_its_own_place(tmp_path: Path) -> None:
    """A reader that is behind must not read by a birth that it has yet to come to."""
    births = Births(tmp_path / "births.db", "one")
    births.put("g/n", 5, b"old")
    births.put("g/n", 9, b"new")
    assert [births.latest("g/n", seq) for seq in (4, 5, 8, 9, 100)] == [
        None,
        (5, b"old"),
        (5, b"old"),
        (9, b"new"),
        (9, b"new"),
    ]
    assert births.latest("g/other", 9) is None
    births.close()


def test_births_outlive_the_process_and_may_be_put_again(tmp_path: Path) -> None:
    """Both readers put each birth; the second changes nothing."""
    births = Births(tmp_path / "births.db", "one")
    births.put("g/n", 5, b"said")
    births.close()
    births = Births(tmp_path / "births.db", "one")
    births.put("g/n", 5, b"said")
    assert births.latest("g/n", 7) == (5, b"said")
    births.put("g/n", 5, b"said better")  # by a newer version of the decoder
    assert births.latest("g/n", 7) == (5, b"said better")
    births.close()


def test_devices_of_a_node_are_found_by_its_name(tmp_path: Path) -> None:
    """Only those known at that place, and of no node whose name merely begins alike."""
    births = Births(tmp_path / "births.db", "one")
    for seq, name in enumerate(("g/n", "g/n/a", "g/n/b", "g/n/a", "g/n2/c", "g/n0", "g/m/d"), 1):
        births.put(name, seq, b"x")
    assert list(births.below("g/n", 2)) == ["g/n/a"]
    assert list(births.below("g/n", 99)) == ["g/n/a", "g/n/b"]
    births.close()


def test_prune_keeps_what_the_slowest_reader_still_needs(tmp_path: Path) -> None:
    """Of each name the newest at or before the place, and everything after it."""
    births = Births(tmp_path / "births.db", "one")
    for seq in (1, 3, 5, 8):
        births.put("g/n", seq, str(seq).encode())
    births.put("g/m", 2, b"only")
    assert births.prune(0) == 0
    assert births.prune(6) == 2
    assert [births.latest("g/n", seq) for seq in (4, 6, 8)] == [None, (5, b"5"), (8, b"8")]
    assert births.latest("g/m", 6) == (2, b"only")
    assert births.prune(6) == 0
    births.close()


@pytest.mark.parametrize("times", [1, 2])
def test_in_a_journal_begun_anew_the_last_births_hold_from_its_start(tmp_path: Path, times: int) -> None:
    """Its places count from 1 again; the nodes never left. What was older than what stays so."""
    births = Births(tmp_path / "births.db", "one")
    births.put("g/n/a", 3, b"of the old session")
    births.put("g/n", 40, b"old")
    births.put("g/n", 50, b"node")
    births.put("g/n/b", 60, b"device")
    births.close()
    for turn in range(times):
        births = Births(tmp_path / "births.db", f"anew {turn}")
        if turn < times - 1:
            births.close()
    places = [births.latest(name, 1) for name in ("g/n/a", "g/n", "g/n/b")]
    assert [found[1] for found in places if found] == [b"of the old session", b"node", b"device"]
    assert [found[0] for found in places if found] == [-57, -10, 0]
    births.put("g/n", 1, b"newer")
    assert births.latest("g/n", 1) == (1, b"newer")
    births.close()


def test_an_empty_file_may_change_its_journal(tmp_path: Path) -> None:
    """Nothing was ever born: nothing to carry over."""
    Births(tmp_path / "births.db", "one").close()
    births = Births(tmp_path / "births.db", "two")
    assert births.latest("g/n", 1) is None
    births.close()


@pytest.mark.parametrize("at", [0, 4096, 8200])
def test_a_damaged_file_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture, at: int) -> None:
    """Nobody's start may hang on births, which nodes can tell again; what was found is kept to look at."""
    path = tmp_path / "births.db"
    births = Births(path, "one")
    for seq in range(1, 200):
        births.put(f"g/n{seq}", seq, b"x" * 100)
    births.close()
    content = bytearray(path.read_bytes())
    content[at : at + 100] = b"\xff" * 100
    path.write_bytes(content)
    births = Births(path, "one")
    assert births.latest("g/n7", 500) is None
    births.put("g/n7", 501, b"again")
    assert births.latest("g/n7", 501) == (501, b"again")
    births.close()
    assert (tmp_path / "births.db.damaged").read_bytes() == content
    assert [record.levelname for record in caplog.records] == ["ERROR"]
