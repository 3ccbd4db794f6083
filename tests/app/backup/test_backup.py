"""Backups of a line with real files: what is in them, what is refused, and how a restored one goes on."""

import json
import os
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.backup import postgres
from app.backup.manifest import ArchiveRefused
from app.backup.note import newest_backup
from app.backup.restoring import verify
from app.backup.snapshots import Overtaken
from app.backup.taking import take
from app.lock import JUDGE, Lock
from config.load import load_site
from domain.clock import ManualClock
from domain.errors import ConfigError
from storage.births import Births
from storage.journal import Journal
from tests.app.backup.archives import alarms, brought_back, quiet, taken
from tests.app.line import LEAK_MA, LEAK_RULE, NOON_MS, Line, residual


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.zst"])
def test_comes_back_as_it_was_and_judges_on(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """One leak was judged before, one only lies in the journal: both are alarms afterwards, each once."""
    reader = line.reader()
    line.journal.append([residual(LEAK_MA, NOON_MS, port=3)])
    reader.step()
    before = alarms(line)
    assert before == [(LEAK_RULE, "cs-001/3")]
    line.journal.append([residual(LEAK_MA, NOON_MS + 1000, port=4)])
    archive = taken(line, tmp_path / f"one{suffix}")
    assert archive.stat().st_mode & 0o777 == 0o600
    assert verify(str(archive), quiet).journal_head == 2

    _done, site = brought_back(archive, tmp_path / "new", monkeypatch)
    again = Line(site)
    try:
        assert alarms(again) == before
        again.reader().step()
        assert alarms(again) == [(LEAK_RULE, "cs-001/3"), (LEAK_RULE, "cs-001/4")]
    finally:
        again.close()


def test_what_was_judged_after_the_cases_were_copied_is_judged_again(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules go on between the copies of the cases and of the journal, and the journal knows that they did: in the
    archive it must not, or it would let go of an alarm that is nowhere."""
    reader = line.reader()
    line.journal.append([residual(4.0, NOON_MS, port=1)])
    reader.step()

    def meanwhile(name: str, size: int) -> None:
        if name.endswith("journal.db") and not size and line.journal.head() == 1:
            line.journal.append([residual(LEAK_MA, NOON_MS + 1000)])
            reader.step()
            line.clock.advance(seconds=2)
            reader.step()

    take(line.site, str(tmp_path / "one.tar"), (), NOON_MS, meanwhile)
    assert alarms(line) == [(LEAK_RULE, "cs-001/3")]
    _done, site = brought_back(tmp_path / "one.tar", tmp_path / "new", monkeypatch)
    again = Line(site)
    try:
        assert alarms(again) == []
        assert again.journal.status().cursors["rules"] == 1
        later = Journal(again.folder / "journal.db", max_bytes=1 << 20, max_age_s=1.0, clock=ManualClock(NOON_MS * 2))
        later.prune()
        later.close()
        again.reader().step()
        assert alarms(again) == [(LEAK_RULE, "cs-001/3")]
    finally:
        again.close()


def test_a_journal_that_lets_go_meanwhile_is_copied_anew_or_refused(line: Line, tmp_path: Path) -> None:
    """Messages that the copy of the cases has not judged, and the copy of the journal no longer has, would be lost."""
    reader = line.reader()
    line.journal.append([residual(4.0, NOON_MS, port=1)])
    reader.step()
    times = 0

    def meanwhile(name: str, size: int) -> None:
        nonlocal times
        if name.endswith("journal.db") and not size and times < often:
            times += 1
            line.journal.append([residual(4.0, NOON_MS + 1000 * times, port=1)])
            for _ in range(3):  # judged, committed, and the journal told
                line.clock.advance(seconds=2)
                reader.step()
            old = Journal(line.folder / "journal.db", max_bytes=1 << 20, max_age_s=1.0, clock=ManualClock(NOON_MS * 2))
            old.prune()
            old.close()

    often = 1
    assert take(line.site, str(tmp_path / "one.tar"), (), NOON_MS, meanwhile).judged_to == 2
    often = 99
    with pytest.raises(Overtaken, match="let go of messages"):
        take(line.site, str(tmp_path / "two.tar"), (), NOON_MS, meanwhile)
    assert not list(tmp_path.glob("*two*"))
    assert not list(line.folder.glob(".backup*"))


def test_births_are_those_of_both_moments(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of a message that the archive's journal has not, and none that was let go of while it was made."""
    births = Births(line.folder / "births.db", line.journal.identity)
    line.journal.append([residual(4.0, NOON_MS + number) for number in range(5)])
    births.put("node", 2, b"old")

    def meanwhile(name: str, size: int) -> None:
        if name.endswith("births.db") and not size:
            births.put("node", 4, b"new")
            births.put("node", 9, b"of a message that comes later")
            births.prune(5)

    take(line.site, str(tmp_path / "one.tar"), (), NOON_MS, meanwhile)
    births.close()
    brought_back(tmp_path / "one.tar", tmp_path / "new", monkeypatch)
    with closing(sqlite3.connect(tmp_path / "new" / "data" / "births.db")) as connection:
        assert connection.execute("SELECT seq, birth FROM births ORDER BY seq").fetchall() == [(2, b"old"), (4, b"new")]


def test_all_kinds_of_files_come_back(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys with their mode, pictures behind a link, files nobody knows of yet; no locks and nothing half written."""
    elsewhere = tmp_path / "disk" / "evidence"
    (elsewhere / "cam" / "20261122").mkdir(parents=True)
    (elsewhere / "cam" / "20261122" / "look.jpg").write_bytes(b"picture")
    (elsewhere / "cam" / "20261122" / ".look.jpg.77-1").write_bytes(b"half")
    (line.folder / "evidence").symlink_to(elsewhere)
    key = line.folder / "shop-page.key"
    key.write_text("a secret", encoding="utf-8")
    key.chmod(0o400)
    (line.folder / "shop-photos").mkdir()
    (line.folder / "shop-photos" / "a.jpg").write_bytes(b"photo")
    (line.folder / "later.db").write_bytes(b"")
    (line.folder / "watch-x.json").write_text("{}", encoding="utf-8")
    Lock(line.folder, JUDGE).release()
    assert (line.folder / "cases.db.turn").exists()
    os.mkfifo(line.folder / "pipe")
    archive = taken(line, tmp_path / "one.tar.gz")
    assert verify(str(archive), quiet).left_out == ("pipe",)

    brought_back(archive, tmp_path / "new", monkeypatch)
    data = tmp_path / "new" / "data"
    found = {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}
    assert found >= {"cases.db", "journal.db", "deadletters.db", "evidence/cam/20261122/look.jpg", "shop-photos/a.jpg"}
    assert found >= {"later.db", "shop-page.key"}
    of_the_moment = ("watch", "serve", "judge", ".", "cases.db.")
    assert not [name for name in found if "/." in name or name.startswith(of_the_moment)]
    assert (data / "shop-page.key").stat().st_mode & 0o777 == 0o400
    assert (tmp_path / "new" / "site" / "devices.csv").read_bytes() == (line.site.folder / "devices.csv").read_bytes()


def test_what_is_left_out_is_said(line: Line, tmp_path: Path) -> None:
    """Without pictures and readings the archive says so, and readings are stored anew from the journal."""
    (line.folder / "evidence").mkdir()
    (line.folder / "evidence" / "ledger.jsonl").write_text("{}\n", encoding="utf-8")
    with closing(sqlite3.connect(line.folder / "series.db")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS points (one)")
    line.journal.append([residual(4.0)])
    line.journal.advance("series", 1)
    archive = taken(line, tmp_path / "one.tar", "evidence", "series")
    manifest = verify(str(archive), quiet)
    assert manifest.begin.without == ("evidence", "series")
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if "evidence" in name or "series.db" in name]
        tar.extract("data/journal.db", tmp_path / "out", filter="data")
    with closing(sqlite3.connect(tmp_path / "out" / "data" / "journal.db")) as connection:
        assert connection.execute("SELECT seq FROM cursors WHERE name = 'series'").fetchone() == (0,)


def test_from_the_command_line(line: Line, tmp_path: Path) -> None:
    """As an operator does it; nothing secret is printed."""
    (line.folder / "shop-page.key").write_text("hush-hush", encoding="utf-8")
    run, to = CliRunner(), str(tmp_path / "one.tar.gz")
    done = run.invoke(cli, ["backup", "--site", str(line.site.folder), "--to", to, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["cases"] == "sqlite"
    checked = run.invoke(cli, ["backup", "verify", to])
    assert checked.exit_code == 0
    assert "starter" in checked.stdout
    back = run.invoke(cli, ["restore", to, "--site", str(line.site.folder), "--replace", "--yes", "--json"])
    assert back.exit_code == 0, back.output
    assert json.loads(back.stdout)["data_dir"] == str(line.folder)
    assert "hush" not in done.output + checked.output + back.output


def test_the_newest_is_known_to_the_console(line: Line, tmp_path: Path) -> None:
    """When, where to, how large; once it was read back, that it is right. A failed one leaves the word of the last."""
    run, folder = CliRunner(), str(line.site.folder)
    assert newest_backup(line.folder) is None
    first, second = str(tmp_path / "one.tar"), str(tmp_path / "two.tar.gz")
    assert run.invoke(cli, ["backup", "--site", folder, "--to", first, "--without-evidence"]).exit_code == 0
    known = newest_backup(line.folder)
    assert known is not None
    assert (known.to, known.size, known.without) == (first, Path(first).stat().st_size, ("evidence",))
    assert run.invoke(cli, ["backup", "--site", folder, "--to", first]).exit_code != 0
    assert newest_backup(line.folder) == known
    assert run.invoke(cli, ["backup", "verify", first, "--site", str(tmp_path / "nowhere")]).exit_code == 0
    assert newest_backup(line.folder) == known
    assert run.invoke(cli, ["backup", "verify", first, "--site", folder]).exit_code == 0
    checked = newest_backup(line.folder)
    assert checked is not None
    assert checked.verified_ms is not None
    assert run.invoke(cli, ["backup", "--site", folder, "--to", second]).exit_code == 0
    newest = newest_backup(line.folder)
    assert newest is not None
    assert (newest.to, newest.verified_ms) == (second, None)
    assert run.invoke(cli, ["backup", "verify", first, "--site", folder]).exit_code == 0
    assert newest_backup(line.folder) == newest


def test_many_files_are_told_of_by_several_lists(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no list is of a million pictures; one that is taken away, with its files, is missed."""
    monkeypatch.setattr("app.backup.archive._LISTED", 3)
    photos = line.folder / "shop-photos"
    photos.mkdir()
    for number in range(10):
        (photos / f"{number}.jpg").write_bytes(bytes([number]))
    archive = taken(line, tmp_path / "one.tar")
    manifest = verify(str(archive), quiet)
    assert len(manifest.lists) > 5
    with tarfile.open(archive) as tar:
        assert manifest.files == sum("/" in name for name in tar.getnames())
    lost = tmp_path / "lost.tar"
    with tarfile.open(archive) as old, tarfile.open(lost, "w") as new:
        names = [facts.name for facts in old]
        at = names.index("members-00002.json")
        gone = names[names.index("members-00001.json") + 1 : at + 1]
        for facts in old:
            if facts.name not in gone:
                new.addfile(facts, old.extractfile(facts))
    with pytest.raises(ArchiveRefused, match="holds other files than it does"):
        verify(str(lost), quiet)


def test_without_the_server_s_program_it_says_what_to_do(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to install, or what to run where the server is; and nothing is begun."""
    url = "postgresql+psycopg://longcheng:hush@127.0.0.1:1/longcheng"
    site = load_site(str(line.site.folder), {"LONGCHENG_DATA": str(line.folder), "LONGCHENG_CASES_URL": url})
    monkeypatch.setenv("PATH", str(tmp_path))
    said = pytest.raises(ConfigError, match=r"no program pg_dump .* --without-cases")
    with said as told, postgres.moment(site.settings):
        pytest.fail("it cannot be dumped")
    assert "hush" not in str(told.value)
