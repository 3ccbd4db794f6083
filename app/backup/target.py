"""Where an archive is brought back to, and whether it may be."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from pathlib import Path
from typing import Final

from app.backup import postgres
from app.backup.manifest import RULES, SITE, Begin
from app.lock import JUDGE, Lock
from config.load import Site, load_site
from domain.errors import ConfigError

LOCKS: Final = frozenset({"serve.lock", "judge.lock"})
_PATIENCE_S: Final = 5.0

Agree = Callable[[Path, Path], None]
"""Told the folders of the site and of its data, whole paths, before anything is put there; raises to have it left."""


class Target:
    """A site folder, and the data folder and case store that its settings name."""

    def __init__(self, folder: Path, *, replace: bool, agree: Agree) -> None:
        """Without a site.yaml in `folder`, what is unpacked beside it says where the data goes.

        `agree` is asked once that is known. Raises ConfigError where something runs, or stands and was not to be
        replaced.
        """
        self.folder = folder.absolute()
        self.replace = replace
        self._agree = agree
        self.fresh = not (folder / "site.yaml").is_file()
        self._site: Site | None = None
        self._said: Begin | None = None
        if self.fresh and self.folder.is_dir() and any(self.folder.iterdir()):
            raise ConfigError(f"{self.folder} holds files but no site.yaml; name a site folder, or a new one")
        if not self.fresh:
            self._take(load_site(str(folder)))
        shutil.rmtree(self.beside, ignore_errors=True)

    @property
    def site(self) -> Site:
        """Known from the first member on that is not the site's own."""
        if self._site is None:
            self._take(load_site(str(self.beside / SITE)))
        assert self._site is not None  # noqa: S101
        return self._site

    @property
    def beside(self) -> Path:
        """Where the archive's files of the site are unpacked.

        Beside the folder that they are to become, so that what they name by relative paths is found; beside the data
        where there is one already, for its folder may be read-only.
        """
        name = f".{self.folder.name}.restoring"
        return self.folder.with_name(name) if self.fresh else self.unpacked.with_name(name)

    @property
    def unpacked(self) -> Path:
        """Beside the data folder, on the same disk."""
        data = self.site.settings.data_dir
        parent = self.folder.parent if data.is_relative_to(self.folder) else data.parent
        return parent / f".{data.name}.restoring"

    def begin(self, said: Begin) -> None:
        """What the archive says of itself. Raises ConfigError for another site's, or another kind of case store."""
        self._said = said
        if self._site is not None:
            self._check(self._site, said)

    def place(self, name: str) -> Path:
        """Where a member goes while it is not yet checked."""
        part = name.partition("/")[0]
        return (self.beside if part in {SITE, RULES} else self.unpacked) / name

    def check_room(self) -> None:
        """That nothing runs there, and nothing is there that was not to be replaced. Raises ConfigError."""
        data = self.site.settings.data_dir
        if data.is_dir():
            with nobody_on(data):
                _check_no_watch(data)
            if not self.replace and any(entry.name not in LOCKS for entry in data.iterdir()):
                raise ConfigError(f"data_dir is {data}, and it is not empty; with --replace it is set aside")
        if self.site.settings.cases.url:
            postgres.check_room(self.site.settings, replace=self.replace)

    def differing(self) -> tuple[str, ...]:
        """The archive's files of the site, and rule files from elsewhere, that are others here or not there at all."""
        kept = {} if self.fresh else {f"{SITE}/{name}": self.folder / name for name in _names(self.beside / SITE)}
        rules = {path.name: path for path in self.site.rule_files}
        kept |= {f"{RULES}/{name}": rules.get(name, self.folder / name) for name in _names(self.beside / RULES)}
        return tuple(name for name, path in kept.items() if not _same(path, self.beside / name))

    def clear(self) -> None:
        """Remove what was unpacked and not put in its place."""
        shutil.rmtree(self.beside, ignore_errors=True)
        if self._site is not None:
            shutil.rmtree(self.unpacked, ignore_errors=True)

    def _take(self, site: Site) -> None:
        data = site.settings.data_dir.absolute()
        self._site = changed(site, settings=site.settings.model_copy(update={"data_dir": data}))
        shutil.rmtree(self.unpacked, ignore_errors=True)  # what a restore that was killed has left
        if self._said is not None:
            self._check(self._site, self._said)
        self.check_room()
        self._agree(self.folder, data)

    def _check(self, site: Site, said: Begin) -> None:
        settings = site.settings
        if said.site != settings.site:
            raise ConfigError(f"the archive is of the site {said.site!r}, and {self.folder} is {settings.site!r}")
        ours = "postgresql" if settings.cases.url else "sqlite"
        if said.cases not in {ours, "none"}:
            raise ConfigError(
                f"the archive's case store is {said.cases}, and the settings' is {ours} (cases.url): set it as it was"
            )


def _check_no_watch(data: Path) -> None:
    for note in data.glob("watch-*.json"):
        with note.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConfigError(
                    f"data_dir is {data}, and a `watch` runs on it ({note.name}): stop it first"
                ) from None


@contextmanager
def nobody_on(data: Path) -> Iterator[None]:
    """No `serve` runs there meanwhile, nor the process that judges and that a killed one has left behind: that may take
    a moment to end. Raises ConfigError."""
    with Lock(data), Lock(data, JUDGE, wait_s=_PATIENCE_S):
        yield


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()
