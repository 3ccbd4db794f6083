"""Zones saved into a site's own file: checked whole, written whole, and never over what somebody else has saved."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from msgspec.structs import replace

from app.desk.cameras import read_whole
from app.zone_editing import HISTORY, ZoneEditing
from config.load import Site, find_site, load_site
from config.zones_file import DrawnZone
from domain.clock import ManualClock
from domain.errors import OrderRefused
from domain.register import Zone, ZoneRole

CAM = "CZ-0007"
SQUARE = ((0.2, 0.6), (0.5, 0.6), (0.5, 0.9), (0.2, 0.9))
BOW = ((0.2, 0.6), (0.5, 0.9), (0.5, 0.6), (0.2, 0.9))
NEW = DrawnZone(zone=Zone(camera_id=CAM, zone="new", role=ZoneRole.PAVEMENT, polygon=SQUARE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo's site, to be written to."""
    own = tmp_path / "site"
    copytree(find_site("demo"), own)
    rules = f"{(find_site('demo') / '../../rules').resolve()}/"
    settings = own / "site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("../../rules/", rules), encoding="utf-8")
    return own


@pytest.fixture
def site(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("LONGCHENG_DATA", str(tmp_path / "data"))
    return load_site(str(folder))


@pytest.fixture
def editing(site: Site) -> ZoneEditing:
    return ZoneEditing(site, read=lambda path: read_whole(site.folder, path), clock=ManualClock(1_787_338_800_000))


@pytest.fixture
def unwritable(folder: Path) -> Iterator[Path]:
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def kept(editing: ZoneEditing) -> list[DrawnZone]:
    return [DrawnZone(zone=zone, was=zone.zone) for zone in editing.now(CAM).zones]


def test_a_new_zone_is_one_more_line(editing: ZoneEditing, folder: Path, site: Site) -> None:
    path = folder / "zones.csv"
    path.chmod(0o640)
    was, tag = path.read_text(encoding="utf-8"), editing.now(CAM).tag

    draft = editing.save(CAM, [*kept(editing), NEW], tag=tag, who="admin")

    now = path.read_text(encoding="utf-8")
    line = f'{CAM},new,pavement,,"0.200,0.600 0.500,0.600 0.500,0.900 0.200,0.900"\n'
    assert now.replace(line, "") == was
    assert draft.saved
    assert draft.tag == editing.now(CAM).tag != tag
    assert [(one.what, one.zone) for one in draft.changes] == [("added", "new")]
    assert f"+{line.strip()}" in draft.diff.split("\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert not editing.now(CAM).in_force  # a running service takes it over
    [before] = (site.settings.data_dir / HISTORY).iterdir()
    assert before.read_text(encoding="utf-8") == was
    assert [one.name for one in folder.iterdir() if one.name.startswith(".")] == []


def test_what_is_looked_at_first_changes_nothing(editing: ZoneEditing, folder: Path) -> None:
    was = (folder / "zones.csv").read_bytes()
    first = kept(editing)[0]
    wider = replace(first, zone=replace(first.zone, polygon=SQUARE, zone="renamed", hours="07:00-22:00"))
    draft = editing.check(CAM, [wider])
    assert {(one.what, one.zone) for one in draft.changes} == {
        ("renamed", "renamed"),
        ("redrawn", "renamed"),
        ("hours", "renamed"),
        ("removed", "far-side"),
    }
    assert draft.zones == (wider.zone,)
    assert (folder / "zones.csv").read_bytes() == was


def test_how_many_corners_were_moved_is_told(editing: ZoneEditing) -> None:
    """One that is new or gone counts as one; another order moves none."""
    first, *rest = kept(editing)
    corners = first.zone.polygon

    def moved(polygon: tuple[tuple[float, float], ...]) -> int | None:
        draft = editing.check(CAM, [replace(first, zone=replace(first.zone, polygon=polygon)), *rest])
        (change,) = draft.changes
        assert change.what == "redrawn"
        return change.corners

    middle = tuple((a + b) / 2 for a, b in zip(corners[0], corners[1], strict=True))
    assert moved(((middle[0], middle[1]), *corners[1:])) == 1
    assert moved((corners[0], (middle[0], middle[1]), *corners[1:])) == 1
    assert moved((*corners[1:], corners[0])) == 0


def test_two_who_edit_do_not_undo_each_other(editing: ZoneEditing, folder: Path) -> None:
    tag, before = editing.now(CAM).tag, kept(editing)
    editing.save(CAM, [*before, NEW], tag=tag, who="first")
    theirs = (folder / "zones.csv").read_bytes()
    with pytest.raises(OrderRefused, match=r"\+CZ-0007,new,pavement") as refused:
        editing.save(CAM, before[:1], tag=tag, who="second")
    assert refused.value.why == "conflict"
    assert (folder / "zones.csv").read_bytes() == theirs


def test_a_hand_that_edits_meanwhile_is_a_conflict_too(editing: ZoneEditing, folder: Path) -> None:
    tag = editing.now(CAM).tag
    with (folder / "zones.csv").open("a", encoding="utf-8") as file:
        file.write('CZ-0001,extra,pavement,,"0.1,0.1 0.2,0.1 0.2,0.2"\n')
    with pytest.raises(OrderRefused, match="has been changed since you opened it"):
        editing.save(CAM, [*kept(editing), NEW], tag=tag, who="admin")


@pytest.mark.parametrize(
    ("zone", "problem"),
    [
        (replace(NEW.zone, polygon=BOW), "crosses itself"),
        (replace(NEW.zone, polygon=SQUARE[:2]), "a polygon needs 3"),
        (replace(NEW.zone, polygon=((0.1, 0.1), (0.2, 0.1), (1.2, 0.3))), "shares of the picture"),
        (replace(NEW.zone, polygon=((0.1, 0.1), (float("nan"), 0.1), (0.2, 0.3))), "0–1"),
        (replace(NEW.zone, shop_id="S-nobody"), "shop_id is 'S-nobody'"),
        (replace(NEW.zone, hours="7-22"), "write hours as 07:00-22:00"),
        (replace(NEW.zone, zone="=cmd()"), "a spreadsheet would carry out"),
        (replace(NEW.zone, zone="front"), "two zones are called 'front'"),
        (replace(NEW.zone, zone="a\nb"), "one line"),
    ],
)
def test_what_cannot_be_is_told_and_not_saved(editing: ZoneEditing, folder: Path, zone: Zone, problem: str) -> None:
    was = (folder / "zones.csv").read_bytes()
    zones = [*kept(editing), DrawnZone(zone=zone)]
    [told] = editing.check(CAM, zones).problems
    assert problem in told.problem
    with pytest.raises(OrderRefused):
        editing.save(CAM, zones, tag=editing.now(CAM).tag, who="admin")
    assert (folder / "zones.csv").read_bytes() == was


def test_what_is_hardly_meant_is_told(editing: ZoneEditing) -> None:
    nobodys = DrawnZone(zone=replace(NEW.zone, role=ZoneRole.FRONTAGE))
    [doubt] = editing.check(CAM, [*kept(editing), nobodys]).doubts
    assert "'new'" in doubt


def test_a_mistake_elsewhere_is_named_and_nothing_is_written(editing: ZoneEditing, folder: Path) -> None:
    """The service runs by the files of before; a new one that would not be read must not be made."""
    shops = folder / "shops.csv"
    shops.write_text(shops.read_text(encoding="utf-8") + "S1,half a line\n", encoding="utf-8")
    with pytest.raises(OrderRefused, match=r"shops\.csv"):
        editing.check(CAM, [NEW])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_said(editing: ZoneEditing, unwritable: Path) -> None:
    assert not editing.now(CAM).writable
    with pytest.raises(OrderRefused, match="apply the change by hand"):
        editing.save(CAM, [*kept(editing), NEW], tag=editing.now(CAM).tag, who="admin")
    assert unwritable.is_dir()


def test_a_file_that_is_a_link_stays_one(editing: ZoneEditing, site: Site, folder: Path, tmp_path: Path) -> None:
    """As configuration often is where it is deployed by others' tools."""
    real = tmp_path / "real.csv"
    (folder / "zones.csv").rename(real)
    (folder / "zones.csv").symlink_to(real)
    linked = ZoneEditing(site, read=lambda path: read_whole(site.folder, path), clock=ManualClock(0))
    linked.save(CAM, [*kept(linked), NEW], tag=linked.now(CAM).tag, who="admin")
    assert (folder / "zones.csv").is_symlink()
    assert ",new,pavement," in real.read_text(encoding="utf-8")
