"""A running `watch` takes over what changes in its site's files."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.reloading import Reloader, SiteFiles, needs_restart
from config.load import SHARED, Site, load_site
from domain.register import Camera
from vision.roster import Changes, Roster

PATIENCE_S = 60.0
HEADER = "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s,duty\n"


def row(camera_id: str, source: str = "http://192.0.2.1/a.jpg", *, interval: str = "", duty: str = "") -> str:
    """One line of cameras.csv."""
    return f"{camera_id},名字,{source},天宁区,茶山街道,延陵西路,119.97,31.78,{interval},{duty}\n"


class Cameras:
    """Takes cameras over as the worker does, and lets a test wait for it."""

    def __init__(self, site: Site) -> None:
        self.roster = Roster(site.cameras, timezone=site.timezone, sooner_s=20)
        self.taken: list[Changes] = []
        self.told: list[str | None] = []
        self.reads = 0
        self._more = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def read(self, folder: Path, environment: dict[str, str]) -> Site:
        """In a thread, as the files are now."""
        try:
            return load_site(str(folder), environment)
        finally:
            self.reads += 1
            self._loop.call_soon_threadsafe(self._more.set)

    def take_over(self, cameras: Mapping[str, Camera]) -> Changes:
        changes = self.roster.replace(cameras)
        self.taken.append(changes)
        self._more.set()
        return changes

    def tell(self, problem: str | None) -> None:
        self.told.append(problem)
        self._more.set()

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait until what was heard so far is enough."""
        async with asyncio.timeout(PATIENCE_S):
            while not enough():
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The starter site's files, with two cameras and no zones."""
    folder = tmp_path / "site"
    shutil.copytree(SHARED / "sites" / "starter", folder)
    (folder / "zones.csv").unlink()
    (folder / "cameras.csv").write_text(HEADER + row("a") + row("b"), encoding="utf-8")
    return folder


@asynccontextmanager
async def reloading(folder: Path, *, poll_s: float = 0.02) -> AsyncIterator[tuple[Cameras, Reloader]]:
    """A reloader at work on this folder."""
    environment = {"LONGCHENG_DATA": str(folder.parent / "data")}
    site = load_site(str(folder), environment)
    cameras = Cameras(site)
    reloader = Reloader(site, cameras, read=lambda: cameras.read(folder, environment), tell=cameras.tell, poll_s=poll_s)
    task = asyncio.create_task(reloader.run())
    try:
        yield cameras, reloader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_changed_register_is_taken_over(folder: Path) -> None:
    """Cameras that come, change and go, each named; once for each change."""
    async with reloading(folder) as (cameras, _):
        (folder / "cameras.csv").write_text(HEADER + row("b", interval="30") + row("c"), encoding="utf-8")
        await cameras.until(lambda: len(cameras.taken) == 1)
    assert cameras.taken == [Changes(added=("c",), retimed=("b",), removed=("a",))]
    assert cameras.told == []


async def test_a_bad_file_leaves_the_old_cameras_and_says_where(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In the log and to whoever looks after the product, once; mended, that it is over."""
    async with reloading(folder) as (cameras, reloader):
        for reads in (1, 2):  # saved twice, with the same mistake
            (folder / "cameras.csv").write_text(HEADER + row("a") + row("b", interval="soon"), encoding="utf-8")
            reloader.ask()
            await cameras.until(lambda reads=reads: cameras.reads >= reads and bool(cameras.told))  # type: ignore[misc]
        assert len(cameras.told) == 1
        assert cameras.told[0] is not None
        assert cameras.told[0].endswith("cameras.csv line 3: interval_s is 'soon'; it must be a number")
        assert reloader.problem == cameras.told[0]
        assert list(cameras.roster.cameras) == ["a", "b"]
        (folder / "cameras.csv").write_text(HEADER + row("a"), encoding="utf-8")
        await cameras.until(lambda: len(cameras.told) == 2)
    assert cameras.told[1] is None
    assert reloader.problem is None
    assert cameras.taken[-1].removed == ("b",)
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "the new settings are not used" in errors[0].message


async def test_it_can_be_asked_to_read_again(folder: Path) -> None:
    """Whatever the files say of their age."""
    async with reloading(folder, poll_s=3600) as (cameras, reloader):
        reloader.ask()
        await cameras.until(lambda: len(cameras.taken) == 1)
    assert cameras.taken == [Changes()]


async def test_what_needs_a_restart_is_named_and_the_rest_taken_over(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The broker and the model are those of the start; another interval holds at once."""
    caplog.set_level(logging.INFO, "app")
    async with reloading(folder) as (cameras, _):
        text = (folder / "site.yaml").read_text(encoding="utf-8")
        assert "  interval: 60s" in text
        changed = text.replace("  interval: 60s", "  min_score: 0.5\n  duty: 06:00-23:00\n  interval: 30s")
        (folder / "site.yaml").write_text(changed, encoding="utf-8")
        await cameras.until(lambda: len(cameras.taken) == 1)
    assert cameras.taken[0].retimed == ("a", "b")
    assert {camera.duty for camera in cameras.roster.cameras.values()} == {"06:00-23:00"}
    assert "as before until a restart: vision.min_score" in caplog.text


def test_only_what_the_looking_depends_on_needs_a_restart(folder: Path) -> None:
    """What only `serve` reads is nothing to this process."""
    started = load_site(str(folder), {"LONGCHENG_DATA": "/tmp/a"}).settings  # noqa: S108
    now = load_site(str(folder), {"LONGCHENG_DATA": "/tmp/b", "LONGCHENG_MQTT_URL": "mqtt://192.0.2.9"}).settings  # noqa: S108
    quiet = now.model_copy(update={"ladder": now.ladder.model_copy(update={"strikes": 7})})
    assert needs_restart(started, quiet) == ("mqtt", "data_dir")
    assert needs_restart(now, quiet) == ()


def test_files_that_are_still_being_written_are_not_read(tmp_path: Path) -> None:
    """Only when nothing has changed from one look at them to the next."""
    (tmp_path / "cameras.csv").write_text("a")
    files = SiteFiles(tmp_path)
    assert not files.changed()
    for part in ("ab", "abc"):
        (tmp_path / "cameras.csv").write_text(part)
        assert not files.changed()
    assert files.changed()
    assert not files.changed()
    (tmp_path / "notes.txt").write_text("nothing of ours")
    assert not files.changed()
    assert not files.changed()
