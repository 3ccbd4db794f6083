"""What is no backup of ours, or is damaged, is refused, and nothing is written over."""

import json
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.backup.manifest import ArchiveRefused
from app.backup.restoring import restore, verify
from app.lock import JUDGE, SERVE, Lock
from domain.errors import ConfigError
from tests.app.backup.archives import brought_back, quiet, rewritten, taken
from tests.app.line import Line


def test_a_flipped_byte_a_lost_end_and_a_lost_member_are_found(line: Line, tmp_path: Path) -> None:
    """Nothing of such an archive is believed."""
    archive = taken(line, tmp_path / "one.tar")
    raw = bytearray(archive.read_bytes())
    at = raw.index(b"tilt") if b"tilt" in raw else raw.index(b"SQLite format 3") + 3000
    raw[at] ^= 1
    (tmp_path / "flipped.tar").write_bytes(raw)
    with pytest.raises(ArchiveRefused, match="is not what was written"):
        verify(str(tmp_path / "flipped.tar"), quiet)
    whole = archive.read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArchiveRefused, match="cut off"):
        verify(str(tmp_path / "cut.tar"), quiet)
    lost = rewritten(archive, tmp_path / "lost.tar", lambda name, raw: (name.replace("site.yaml", "other.yaml"), raw))
    with pytest.raises(ArchiveRefused, match=r"site/other\.yaml .* is not what was written"):
        verify(str(lost), quiet)


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "data/../../evil", "evil", "data//evil", "data\\..\\evil", "other/evil"]
)
def test_names_that_lead_elsewhere_are_refused(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """And nothing of it is left on the disk."""
    archive = rewritten(
        taken(line, tmp_path / "one.tar"),
        tmp_path / "evil.tar",
        lambda known, raw: (name if known == "data/journal.db" else known, raw),
    )
    with pytest.raises(ArchiveRefused, match="all that a backup holds lies in"):
        brought_back(archive, tmp_path / "deep" / "new", monkeypatch)
    assert not list(tmp_path.rglob("*evil"))
    assert not list(tmp_path.rglob(".*restoring*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_links_and_devices_are_refused(line: Line, tmp_path: Path, kind: bytes) -> None:
    """A backup holds files and nothing else."""
    with tarfile.open(taken(line, tmp_path / "one.tar"), "a") as tar:
        facts = tarfile.TarInfo("data/evil")
        facts.type, facts.linkname = kind, "/etc/passwd"
        tar.addfile(facts)
    with pytest.raises(ArchiveRefused, match="no plain file"):
        verify(str(tmp_path / "one.tar"), quiet)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("format", 99, "use a newer one"),
        ("version", "99.0.0", "install that version"),
        ("revision", "0999", "not know"),
    ],
)
def test_one_of_a_newer_version_is_refused(line: Line, tmp_path: Path, key: str, value: object, said: str) -> None:
    """Before anything of it is unpacked."""

    def newer(name: str, raw: bytes) -> tuple[str, bytes]:
        return name, json.dumps(json.loads(raw) | {key: value}).encode() if name == "backup.json" else raw

    archive = rewritten(taken(line, tmp_path / "one.tar"), tmp_path / "newer.tar", newer)
    with pytest.raises(ArchiveRefused, match=said):
        verify(str(archive), quiet)


def test_nothing_is_written_over(line: Line, tmp_path: Path) -> None:
    """Not an archive, not a folder in use, and a full one only if it may be set aside."""
    archive = taken(line, tmp_path / "one.tar")
    with pytest.raises(ConfigError, match="exists; a backup never replaces another"):
        taken(line, archive)
    folder, data = line.site.folder, line.folder
    with pytest.raises(ConfigError, match="not empty; with --replace"):
        restore(str(archive), folder, replace=False, stamp="t", told=quiet)
    for command in (SERVE, JUDGE):
        with Lock(data, command), pytest.raises(ConfigError, match=f"another `{command}`"):
            restore(str(archive), folder, replace=True, stamp="t", told=quiet)
    (folder / "shops.csv").write_text((folder / "shops.csv").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    done = restore(str(archive), folder, replace=True, stamp="t", told=quiet)
    assert done.set_aside == (f"{data}.before-t",)
    assert (data.with_name("data.before-t") / "journal.db").is_file()
    assert done.differing == ("site/shops.csv",)


@pytest.mark.parametrize("answer", ["n\n", "y\n"])
def test_both_folders_are_named_before_anything_is_put_there(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """The settings may say where data goes by a relative path: below the folder somebody happens to stand in."""
    archive = taken(line, tmp_path / "one.tar")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LONGCHENG_DATA", "./below/here")
    asked = CliRunner().invoke(cli, ["restore", str(archive), "--site", "back"], input=answer)
    said = asked.stderr
    assert f"site: {tmp_path / 'back'} (new)\ndata: {tmp_path / 'below' / 'here'} (new)\n" in said
    assert said.index("data: ") < said.index("back to there?")
    brought = answer == "y\n"
    assert (asked.exit_code, (tmp_path / "back").is_dir(), (tmp_path / "below" / "here").is_dir()) == (
        (0, True, True) if brought else (1, False, False)
    )
    assert not list(tmp_path.rglob(".*restoring*"))


def test_what_is_set_aside_is_named_before(line: Line, tmp_path: Path) -> None:
    """Also to who does not want to be asked."""
    archive = taken(line, tmp_path / "one.tar")
    words = ["restore", str(archive), "--site", str(line.site.folder), "--replace"]
    asked = CliRunner().invoke(cli, words, input="n\n")
    assert f"data: {line.folder} (what stands there is set aside)\n" in asked.stderr
    assert (line.folder / "journal.db").is_file()
    done = CliRunner().invoke(cli, [*words, "--yes", "--json"])
    assert f"site: {line.site.folder} (there already, and kept)\n" in done.stderr
    assert json.loads(done.stdout)["set_aside"]


def test_nobody_is_asked_where_the_backup_comes_in() -> None:
    """Standard input holds the backup, and no answer."""
    with pytest.raises(ConfigError, match="say --yes"):
        CliRunner().invoke(cli, ["restore", "-", "--site", "nowhere"], catch_exceptions=False)


def test_another_site_s_is_refused(line: Line, tmp_path: Path) -> None:
    """Its cases would be judged by other registers."""
    archive = taken(line, tmp_path / "one.tar")
    settings = line.site.folder / "site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("site: starter", "site: other"), encoding="utf-8")
    with pytest.raises(ConfigError, match="of the site 'starter'"):
        restore(str(archive), line.site.folder, replace=True, stamp="t", told=quiet)
