"""`longcheng series`: readings out of a site's store and into another's, as a person does it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.__main__ import cli
from config.load import SHARED
from domain.clock import SystemClock
from domain.errors import ConfigError, TransferError
from domain.point import Point
from storage.series.embedded import EmbeddedSeries
from tests.fakes.victoria import victoria

T0 = 1_760_000_000_000
Words = tuple[str, ...]
DAY_MS = 86_400_000


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with ten days of one tree in its embedded store, the last of them today."""
    monkeypatch.setenv("LONGCHENG_DATA", str(tmp_path / "data"))
    store = EmbeddedSeries(tmp_path / "data" / "series.db")
    now_ms = SystemClock().now_ms()
    store.write([point(now_ms - day * DAY_MS - 60_000, tilt_deg=day / 8, battery_pct=90.0) for day in range(10)])
    store.close()
    return SHARED / "sites" / "starter"


def point(at_ms: int, **fields: float) -> Point:
    """A point of one tree."""
    return Point(measurement="tree", tags=(("device_id", "t-1"),), fields={**fields}, at_ms=at_ms)


def run(*words: str | Path) -> Result:
    """`longcheng series …`."""
    return CliRunner().invoke(cli, ["series", *map(str, words)])


def test_an_export_of_nothing_fails(site: Path, tmp_path: Path) -> None:
    """It says what was looked for and where; there is no empty file that looks like a month without readings."""
    file = tmp_path / "some.lp"
    words = ("export", "--site", site, "--to", file, "--measurement", "charger", "--until", "3d")
    result = run(*words)
    assert result.exit_code == 1
    store = tmp_path / "data" / "series.db"
    assert f"nothing to export: {store} has no points of charger until 3d" in result.output
    assert run(*words, "--json").exit_code == 1
    assert not file.exists()


@pytest.mark.parametrize("words", [("status",), ("export", "--to", "x.lp")])
def test_looking_where_nothing_is_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Words) -> None:
    """A wrong site or working folder is told with the whole path, and no store is created there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LONGCHENG_DATA", "data")
    result = run(*words, "--site", SHARED / "sites" / "starter")
    assert isinstance(result.exception, ConfigError)
    store = tmp_path / "data" / "series.db"
    assert str(result.exception) == f"no readings at {store} yet; is this the right site and working folder?"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.server
def test_what_a_server_keeps_is_told_beside_what_is_wished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """31 days are not 90, and repeated points count twice; a wrong path of the server is not one that is reached."""
    site = SHARED / "sites" / "starter"
    monkeypatch.setenv("COLUMNS", "200")
    with victoria(tmp_path, retention="31d") as server:
        monkeypatch.setenv("VICTORIA_URL", server.url)
        shown = run("status", "--site", site).output
        for word in ("31 days, LESS than wished", "90 days", "counted TWICE"):
            assert word in shown
        said = last_json(run("status", "--site", site, "--json"))
        assert (said["server_keeps_s"], said["keep_raw_s"], said["counts_once"]) == (31 * 86400, 90 * 86400, False)
        monkeypatch.setenv("VICTORIA_URL", f"{server.url}/wrong")
        wrong = run("status", "--site", site)
    assert wrong.exit_code == 1
    assert "is the address right?" in wrong.output
    assert "answered 400" in wrong.output


def last_json(result: Result) -> dict[str, object]:
    """The object on the last line."""
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout.strip().splitlines()[-1])
    return found


@pytest.mark.parametrize("name", ["all.parquet", "all.lp", "all.lp.gz"])
def test_out_of_one_site_and_into_it_again(site: Path, tmp_path: Path, name: str) -> None:
    """The counts are told as JSON; a second import changes nothing; status counts the same before and after."""
    file = tmp_path / name
    exported = last_json(run("export", "--site", site, "--to", file, "--json"))
    assert (exported["points"], exported["values"]) == (10, 20)
    for _ in range(2):
        imported = last_json(run("import", file, "--site", site, "--into", "embedded", "--json"))
        assert (imported["points"], imported["stored"], imported["rejected"]) == (10, 10, 0)
    status = last_json(run("status", "--site", site, "--json"))
    assert (status["kind"], status["reachable"], status["values"]) == ("embedded", True, 20)
    assert status["keep_raw_s"] == 90 * 86400
    assert str(status["oldest"]).endswith("+08:00")


def test_a_part_of_time_and_one_kind(site: Path, tmp_path: Path) -> None:
    """`3d` is three days ago."""
    file = tmp_path / "some.lp"
    assert last_json(run("export", "--site", site, "--to", file, "--from", "3d", "--json"))["points"] == 3
    assert last_json(run("export", "--site", site, "--to", file, "--until", "3d", "--json"))["points"] == 7
    assert file.exists()


def test_people_are_told_in_a_line(site: Path, tmp_path: Path) -> None:
    """What was written where; how the store is, in a table."""
    file = tmp_path / "all.lp"
    assert "10 points, 20 values" in run("export", "--site", site, "--to", file).output
    store = tmp_path / "data" / "series.db"
    assert f"10 of 10 points stored in {store}" in run("import", file, "--site", site).output
    shown = run("status", "--site", site).output
    for word in ("embedded", "20", "90 days", "3650 days"):
        assert word in shown


def test_what_is_rejected_is_told_and_fails(site: Path, tmp_path: Path) -> None:
    """Exit status 1, the count, and where the points are now."""
    file = tmp_path / "bad.lp"
    file.write_text(f"tree,device_id=t-1 tilt_deg=1i {T0}\ntree,device_id=t-1 tilt_deg=2 {T0}\n")
    result = run("import", file, "--site", site)
    assert result.exit_code == 1
    assert "1 of 2 points stored" in result.output
    assert (tmp_path / "bad.lp.rejected.lp").read_text().startswith("# field type conflict")


def test_what_cannot_be_is_said(site: Path, tmp_path: Path) -> None:
    """A time that is none, a span that is empty, a server that site.yaml does not name, a file that is not there."""
    to = ("export", "--site", site, "--to", tmp_path / "x.lp")
    for words, error, said in (
        ((*to, "--from", "yesterday"), ConfigError, "--from is 'yesterday'"),
        ((*to, "--from", "1d", "--until", "2d"), ConfigError, "is not before"),
        ((*to, "--store", "victoria"), ConfigError, "series.victoria_url is not set"),
        (("import", "--site", site, tmp_path / "none.lp"), TransferError, "is not there"),
    ):
        result = run(*words)
        assert isinstance(result.exception, error)
        assert said in str(result.exception)
