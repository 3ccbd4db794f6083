"""Backups of a line, taken, changed and brought back."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.backup.restoring import Restored, restore
from app.backup.taking import take
from config.load import SHARED, Site, load_site
from tests.app.line import NOON_MS, Line

Edit = Callable[[str, bytes], tuple[str, bytes]]


def own_site(folder: Path) -> Site:
    """The starter site as a bureau's own, in a folder of its own."""
    site = folder / "site"
    site.mkdir(parents=True)
    for path in (SHARED / "sites" / "starter").iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8").replace("../../rules", str(SHARED / "rules"))
            (site / path.name).write_text(text, encoding="utf-8")
    return load_site(str(site), {"LONGCHENG_DATA": str(folder / "data")})


def quiet(_name: str, _size: int) -> None:
    """Nothing is shown."""


def taken(line: Line, to: Path, *without: str) -> Path:
    """A backup of the line as it is now."""
    take(line.site, str(to), without, NOON_MS, quiet)
    return to


def brought_back(archive: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> tuple[Restored, Site]:
    """The archive on a machine where nothing is."""
    monkeypatch.setenv("LONGCHENG_DATA", str(folder / "data"))
    done = restore(str(archive), folder / "site", replace=False, stamp="t", told=quiet, **more)
    return done, load_site(str(folder / "site"))


def alarms(line: Line) -> list[tuple[str, str]]:
    """Every alarm there ever was."""
    return sorted((one.rule_id, one.subject) for one in line.store.alarms(open_only=False))


def rewritten(archive: Path, to: Path, edit: Edit) -> Path:
    """The archive with its members changed."""
    with tarfile.open(archive) as old, tarfile.open(to, "w") as new:
        for facts in old:
            file = old.extractfile(facts)
            assert file is not None
            name, content = edit(facts.name, file.read())
            facts.name, facts.size = name, len(content)
            new.addfile(facts, io.BytesIO(content))
    return to
