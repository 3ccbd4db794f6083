"""Pictures: both are kept, one is shown, and no name leads anywhere else."""

import stat
from pathlib import Path

import pytest

from storage.evidence_store import EvidenceStore

NOON = 1_760_000_000_000  # 2025-10-09 UTC


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    """An empty store, in a folder beside a secret."""
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return EvidenceStore(tmp_path / "evidence")


def test_both_are_kept_and_the_copy_is_found(store: EvidenceStore, tmp_path: Path) -> None:
    """The name is camera, UTC day and look; the original can be read by this user alone."""
    name = store.keep("cam-1", "look-7", NOON, b"original", b"blurred")
    assert name == "cam-1/20251009/look-7"
    copy = store.shareable(name)
    assert copy is not None
    assert copy.read_bytes() == b"blurred"
    original = tmp_path / "evidence/cam-1/20251009/look-7.original.jpg"
    assert original.read_bytes() == b"original"
    assert stat.S_IMODE(original.stat().st_mode) == 0o600


def test_the_same_look_again_replaces_and_leaves_nothing_behind(store: EvidenceStore, tmp_path: Path) -> None:
    """Two files a look, whatever happened before."""
    store.keep("cam-1", "look-7", NOON, b"one", b"one")
    name = store.keep("cam-1", "look-7", NOON, b"two", b"two")
    copy = store.shareable(name)
    assert copy is not None
    assert copy.read_bytes() == b"two"
    assert sorted(path.name for path in (tmp_path / "evidence/cam-1/20251009").iterdir()) == [
        "look-7.jpg",
        "look-7.original.jpg",
    ]


@pytest.mark.parametrize("look_id", ["", "..", ".", "../x", "a/b", "a\\b", ".hidden", "a.", "a\x00", "x" * 65, "a b"])
def test_ids_that_are_paths_are_refused(store: EvidenceStore, look_id: str, tmp_path: Path) -> None:
    """Nothing is written for them, be it as a look or as a camera."""
    with pytest.raises(ValueError, match="cannot name a picture"):
        store.keep("cam-1", look_id, NOON, b"", b"")
    with pytest.raises(ValueError, match="cannot name a picture"):
        store.keep(look_id, "look", NOON, b"", b"")
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize(
    "name",
    [
        "cam-1/20251009/look-8",
        "cam-1/20251009/look-7.original",
        "cam-1/20251009/look-7.Original",
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
    store.keep("cam-1", "look-7", NOON, b"original", b"blurred")
    assert store.shareable(name) is None


def test_a_look_cannot_take_the_place_of_an_original(store: EvidenceStore) -> None:
    """`x.original` would put a shareable copy where the original of `x` lies."""
    with pytest.raises(ValueError, match="cannot name a picture"):
        store.keep("cam-1", "look-7.original", NOON, b"", b"")
