"""What a camera remembers is there for the next look, by any worker."""

from pathlib import Path

from storage.camera_memory import CameraMemories


def test_a_memory_is_kept_and_replaced(tmp_path: Path) -> None:
    """None before the first; then the newest bytes, also after a restart."""
    memories = CameraMemories(tmp_path / "memories.db")
    assert memories.load("cam-1") is None
    memories.save({"cam-1": b"one", "cam-2": b"\x00\xff"})
    memories.save({"cam-1": b"two"})
    memories.save({})
    memories.close()
    again = CameraMemories(tmp_path / "memories.db")
    assert again.load("cam-1") == b"two"
    assert again.load("cam-2") == b"\x00\xff"
    assert again.load("cam-3") is None
    again.close()
