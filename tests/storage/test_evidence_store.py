"""Pictures: both are kept, one is shown, and no name leads anywhere else."""

import stat
from pathlib import Path

import pytest

from domain.picture import PictureFacts, picture_name
from storage.evidence_store import EvidenceStore, Word

NOON = 1_760_000_000_000  # 2025-10-09 UTC
NAME = "cam-1/20251009/look-7"


def facts(look_id: str = "look-7", *, camera_id: str = "cam-1", taken_ms: int = NOON) -> PictureFacts:
    """What is known of a look's picture."""
    name = picture_name(camera_id, look_id, taken_ms)
    return PictureFacts(name=name, camera_id=camera_id, look_id=look_id, taken_ms=taken_ms, place="劳动中路 12 号")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    """An empty store, in a folder beside a secret."""
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return EvidenceStore(tmp_path / "evidence")


def test_both_are_kept_and_the_copy_is_found(store: EvidenceStore, tmp_path: Path) -> None:
    """The name is camera, UTC day and look; the original can be read by this user alone."""
    store.keep(facts(), b"original", b"blurred")
    copy = store.shareable(NAME)
    assert copy is not None
    assert copy.read_bytes() == b"blurred"
    original = tmp_path / "evidence/cam-1/20251009/look-7.original.jpg"
    assert original.read_bytes() == b"original"
    assert stat.S_IMODE(original.stat().st_mode) == 0o600


def test_its_record_says_what_it_is_and_its_hash(store: EvidenceStore) -> None:
    """Camera, place and times, and the SHA-256 of both pictures."""
    store.keep(facts(), b"original", b"blurred")
    record = store.record(NAME)
    assert record is not None
    assert record.facts == facts()
    assert record.sha256 == "0682c5f2076f099c34cfdd15a9e063849ed437a49677e6fcc5b4198c76575be5"
    assert record.size == len(b"original") + len(b"blurred")


def test_the_same_look_again_replaces_and_leaves_nothing_behind(store: EvidenceStore, tmp_path: Path) -> None:
    """Three files a look, whatever happened before."""
    store.keep(facts(), b"one", b"one")
    store.keep(facts(), b"two", b"two")
    copy = store.shareable(NAME)
    assert copy is not None
    assert copy.read_bytes() == b"two"
    assert sorted(path.name for path in (tmp_path / "evidence/cam-1/20251009").iterdir()) == [
        "look-7.jpg",
        "look-7.original.jpg",
        "look-7.record",
    ]


@pytest.mark.parametrize("look_id", ["", "..", ".", "../x", "a/b", "a\\b", ".hidden", "a.", "a\x00", "x" * 65, "a b"])
def test_ids_that_are_paths_are_refused(store: EvidenceStore, look_id: str, tmp_path: Path) -> None:
    """Nothing is written for them, be it as a look or as a camera."""
    for wrong in (facts(look_id), facts(camera_id=look_id)):
        with pytest.raises(ValueError, match="cannot name a picture"):
            store.keep(wrong, b"", b"")
        with pytest.raises(ValueError, match="cannot name a picture"):
            store.set_aside(wrong, b"")
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize(
    "name",
    [
        "cam-1/20251009/look-8",
        "cam-1/20251009/look-7.original",
        "cam-1/20251009/look-7.Original",
        "cam-1/aside/look-7.original",
        "../secret",
        "cam-1/../../secret",
        "cam-1/20251009/../../../secret",
        "/etc/passwd",
        "cam-1/20251009",
        "cam-1/20251009/look-7/",
        "",
        "cam-1/20251009/look-7\n",
        "cam-1/20251009/look-7\x00",
    ],
)
def test_no_other_name_finds_anything(store: EvidenceStore, name: str) -> None:
    """Neither the original nor any file outside can be asked for."""
    store.keep(facts(), b"original", b"blurred")
    store.set_aside(facts(), b"original")
    assert store.shareable(name) is None


def test_a_link_out_of_the_store_is_not_followed(store: EvidenceStore, tmp_path: Path) -> None:
    """Neither by a picture nor by a folder of a camera; the store's own folder may lie behind one."""
    store.keep(facts(), b"original", b"blurred")
    day = tmp_path / "evidence/cam-1/20251009"
    for name in ("look-8.jpg", "look-8.original.jpg"):
        (day / name).symlink_to(tmp_path / "secret.jpg")
    (tmp_path / "elsewhere/20251009").mkdir(parents=True)
    for name in ("look-7.jpg", "look-7.original.jpg"):
        (tmp_path / "elsewhere/20251009" / name).write_bytes(b"secret")
    (tmp_path / "evidence/cam-2").symlink_to(tmp_path / "elsewhere")
    for name in ("cam-1/20251009/look-8", "cam-2/20251009/look-7"):
        assert store.shareable(name) is None
        with pytest.raises(LookupError):
            store.original(name, who="wang", why="appeal", at_ms=NOON)
    assert list(store.ledger.lines()) == []

    (tmp_path / "linked").symlink_to(tmp_path / "evidence")
    assert EvidenceStore(tmp_path / "linked").shareable(NAME) is not None


def test_a_look_cannot_take_the_place_of_an_original(store: EvidenceStore) -> None:
    """`x.original` would put a shareable copy where the original of `x` lies."""
    with pytest.raises(ValueError, match="cannot name a picture"):
        store.keep(facts("look-7.original"), b"", b"")


def test_an_original_is_only_shown_once_it_is_written_down(store: EvidenceStore) -> None:
    """Who, when and why; without a reason, or of a picture that is not there, nothing is shown and nothing written."""
    store.keep(facts(), b"original", b"blurred")
    with pytest.raises(ValueError, match="written down"):
        store.original(NAME, who="wang", why="  ", at_ms=NOON)
    with pytest.raises(LookupError, match="look-8"):
        store.original("cam-1/20251009/look-8", who="wang", why="appeal", at_ms=NOON)
    assert list(store.ledger.lines()) == []

    found = store.original(NAME, who="wang", why="appeal of the shop", at_ms=NOON, address="10.1.2.3")

    assert (found.data, found.intact) == (b"original", True)
    (line,) = store.ledger.lines()
    assert (line.what, line.name, line.who, line.why) == (Word.READ, NAME, "wang", "appeal of the shop")
    assert line.address == "10.1.2.3"
    assert line.sha256 == (found.record.sha256 if found.record else None)


def test_a_changed_or_missing_picture_is_told(store: EvidenceStore, tmp_path: Path) -> None:
    """By its own record, and by the hash that the look told when it was taken, should both have been changed."""
    for number in range(5):
        store.keep(facts(f"look-{number}"), b"original", b"blurred")
    folder = tmp_path / "evidence/cam-1/20251009"
    assert list(store.verify()) == []

    (folder / "look-0.original.jpg").write_bytes(b"another")
    (folder / "look-1.jpg").write_bytes(b"another")
    (folder / "look-2.original.jpg").unlink()
    (folder / "look-3.record").unlink()
    told = {"cam-1/20251009/look-4": "0" * 64, "cam-1/20251009/look-9": "0" * 64}

    assert [(flaw.name[-6:], flaw.what) for flaw in store.verify(told)] == [
        ("look-0", "changed"),
        ("look-1", "copy_changed"),
        ("look-2", "missing"),
        ("look-3", "no_record"),
        ("look-4", "changed"),
        ("look-9", "missing"),
    ]
    assert store.original("cam-1/20251009/look-0", who="wang", why="check", at_ms=NOON).intact is False


def test_what_is_deleted_is_written_down_and_then_gone(store: EvidenceStore, tmp_path: Path) -> None:
    """The line with its hash stays as the proof that it was there."""
    store.keep(facts(), b"original", b"blurred")
    record = store.record(NAME)

    assert store.delete(NAME, who="upkeep", why="case_closed", at_ms=NOON)

    assert list((tmp_path / "evidence/cam-1/20251009").iterdir()) == []
    (line,) = store.ledger.lines()
    assert (line.what, line.name, line.why) == (Word.DELETED, NAME, "case_closed")
    assert record is not None
    assert line.sha256 == record.sha256


def test_the_last_pictures_of_the_empty_view_are_at_hand(store: EvidenceStore, tmp_path: Path) -> None:
    """Two of each camera; no other name finds them, and nobody else can read them."""
    for number in range(4):
        store.set_aside(facts(f"look-{number}"), f"original {number}".encode())
    found = [store.fetch_aside(f"cam-1/20251009/look-{number}") for number in range(4)]
    assert [one and one[1] for one in found] == [None, None, b"original 2", b"original 3"]
    assert store.fetch_aside("cam-1/20251010/look-3") is None
    assert list(store.pictures()) == []
    (tmp_path / "evidence/cam-1/aside/look-3.original.jpg").write_bytes(b"orig")
    assert store.fetch_aside("cam-1/20251009/look-3") is None
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "evidence/cam-1/aside").iterdir()}
    assert modes == {0o600}
