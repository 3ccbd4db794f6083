"""The last picture of a camera: whole or not there, in a place of its own, and gone when it is old."""

from pathlib import Path

import pytest

from domain.picture import ViewFacts
from domain.sighting import ViewHealth
from storage.last_views import LastViews

AT = 1_787_338_800_000


def facts(camera_id: str, taken_ms: int = AT) -> ViewFacts:
    return ViewFacts(camera_id=camera_id, taken_ms=taken_ms, view=ViewHealth.HEALTHY, size_px=(640, 480))


def test_the_newest_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    views = LastViews(tmp_path)
    views.put(facts("cam-1"), b"one", b"small")
    views.put(facts("cam-1", AT + 1), b"two", b"smaller")
    path, thumb = views.path("cam-1"), views.path("cam-1", thumb=True)
    assert path is not None
    assert thumb is not None
    assert (path.read_bytes(), thumb.read_bytes()) == (b"two", b"smaller")
    assert views.facts("cam-1") == facts("cam-1", AT + 1)
    assert {one.name for one in (tmp_path / "cam-1").iterdir()} == {"view.jpg", "thumb.jpg", "facts.json"}


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../evidence", "a\\b", ".hidden", "a" * 80, "cam\x00"])
def test_a_name_that_is_none_leads_nowhere(tmp_path: Path, name: str) -> None:
    views = LastViews(tmp_path / "views")
    assert views.path(name) is None
    assert views.facts(name) is None
    with pytest.raises(ValueError, match="no camera is called"):
        views.put(facts(name), b"x", b"y")


def test_what_was_torn_by_a_power_cut_is_not_there(tmp_path: Path) -> None:
    views = LastViews(tmp_path)
    views.put(facts("cam-1"), b"one", b"small")
    (tmp_path / "cam-1" / "facts.json").write_bytes(b"")
    (tmp_path / "cam-1" / "view.jpg").write_bytes(b"")
    assert views.facts("cam-1") is None
    assert views.path("cam-1") is None


def test_old_ones_and_those_of_no_camera_go(tmp_path: Path) -> None:
    views = LastViews(tmp_path)
    for camera_id, taken_ms in (("new", AT), ("old", AT - 1000), ("gone", AT)):
        views.put(facts(camera_id, taken_ms), b"one", b"small")
    assert views.prune({"new", "old"}, AT) == 2
    assert {one.name for one in tmp_path.iterdir()} == {"new"}
    assert views.prune({"new"}, AT) == 0
