"""Zones of a camera redrawn in the site's `zones.csv`: checked with the whole site, written whole or not at all."""

import difflib
import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from config.lint import doubts
from config.load import Site
from config.tables import read_shops, read_zones
from config.zones_file import DrawnZone, drawn, edited, zones_of
from console.desk.cameras import ZoneChange, ZoneProblem, ZonesDraft, ZonesNow
from domain.clock import Clock, utc
from domain.errors import ConfigError, OrderRefused
from domain.register import Zone

log = logging.getLogger(__name__)

NAME: Final = "zones.csv"
HISTORY: Final = "zones-history"
"""Where in the data folder every file lies that was replaced, by the time it was."""
MOST_KEPT: Final = 500
_DIFF_LINES: Final = 400
Read = Callable[[Path], Site]
"""Reads the whole site and its rules, with this file in the place of `zones.csv`. Raises ConfigError."""


class ZoneEditing:
    """One file. Any thread may ask; two never write at once, in this process."""

    def __init__(self, site: Site, *, read: Read, clock: Clock) -> None:
        """`site` is the one in force, whose cameras may change."""
        self._site = site
        self._read = read
        self._clock = clock
        self._path = Path(os.path.realpath(site.folder / NAME))
        self._history = site.settings.data_dir / HISTORY
        self._lock = threading.Lock()

    def now(self, camera_id: str) -> ZonesNow:
        """A camera's zones as the file has them. Raises OrderRefused where it cannot be read."""
        data = self._bytes()
        zones = self._zones(camera_id)
        return ZonesNow(
            tag=_tag(data),
            zones=zones,
            path=str(self._path),
            writable=os.access(self._path.parent, os.W_OK) and os.access(self._path, os.W_OK),
            in_force=zones == self._site.cameras[camera_id].zones,
        )

    def check(self, camera_id: str, zones: Sequence[DrawnZone]) -> ZonesDraft:
        """What would come of it."""
        return self._draft(self._bytes(), camera_id, zones)[0]

    def save(self, camera_id: str, zones: Sequence[DrawnZone], *, tag: str, who: str) -> ZonesDraft:
        """Write it. Raises OrderRefused, and nothing is changed."""
        with self._lock:
            data = self._bytes()
            if _tag(data) != tag:
                raise OrderRefused(self._other(data, tag), "conflict")
            draft, text = self._draft(data, camera_id, zones)
            if draft.problems:
                raise OrderRefused("; ".join(_told(one) for one in draft.problems))
            if not draft.diff:
                return draft
            self._write(data, text.encode())
        told = ", ".join(f"{one.what} {one.zone!r}" for one in draft.changes)
        log.info("%s: zones changed by %s: %s", camera_id, who, told)
        return _saved(draft, _tag(text.encode()))

    def _bytes(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as wrong:
            raise OrderRefused(f"{self._path} cannot be read: {wrong.strerror}", "over") from None

    def _zones(self, camera_id: str) -> tuple[Zone, ...]:
        """As the file has them. Raises OrderRefused where it cannot be, and for a camera that there is not."""
        if camera_id not in self._site.cameras:
            raise OrderRefused(f"there is no camera {camera_id!r}", "missing")
        try:
            return read_zones(self._path, read_shops(self._site.folder / "shops.csv")).get(camera_id, ())
        except ConfigError as wrong:
            raise OrderRefused(f"the site's files have a mistake, to be mended first: {wrong}", "over") from None

    def _draft(self, data: bytes, camera_id: str, zones: Sequence[DrawnZone]) -> tuple[ZonesDraft, str]:
        """What would come of it, and the file's text then."""
        before = self._zones(camera_id)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise OrderRefused(f"{self._path} is not UTF-8", "over") from None
        tidy, problems = _tidied(zones, {zone.zone: zone for zone in before})
        draft = ZonesDraft(tag=_tag(data), problems=tuple(problems))
        if problems:
            return draft, text
        try:
            new = edited(text, camera_id, tidy, before=before)
        except ValueError as wrong:
            return _with_problem(draft, ZoneProblem(problem=str(wrong))), text
        try:
            then = self._read_with(new)
        except ConfigError as wrong:
            return _with_problem(draft, self._located(wrong, new, camera_id)), text
        known = {one.problem for one in doubts(self._site)}
        return ZonesDraft(
            tag=draft.tag,
            diff=self._diff(text, new),
            changes=tuple(_changes(tidy, before)),
            doubts=tuple(one.problem for one in doubts(then) if one.problem not in known and camera_id in one.problem),
            zones=then.cameras[camera_id].zones,
        ), new

    def _read_with(self, text: str) -> Site:
        with tempfile.TemporaryDirectory(prefix="longcheng-zones-") as folder:
            path = Path(folder) / NAME
            path.write_bytes(text.encode())
            return self._read(path)

    def _located(self, wrong: ConfigError, text: str, camera_id: str) -> ZoneProblem:
        if wrong.path is None or Path(wrong.path).name != NAME:
            return ZoneProblem(problem=str(wrong))
        zone = next((name for name, line in zones_of(text, camera_id).items() if line == wrong.line), "")
        return ZoneProblem(problem=wrong.problem, zone=zone, line=wrong.line)

    def _diff(self, old: str, new: str) -> str:
        """Without lines around: they belong to other cameras."""
        lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), NAME, NAME, n=0, lineterm=""))
        more = [f"… {len(lines) - _DIFF_LINES} more lines"] if len(lines) > _DIFF_LINES else []
        return "\n".join([*lines[:_DIFF_LINES], *more])

    def _other(self, data: bytes, tag: str) -> str:
        """What somebody else has changed since, as far as the file of then was kept."""
        said = f"{NAME} has been changed since you opened it"
        for path in self._history.glob(f"*-{tag[:16]}.csv"):
            theirs = self._diff(path.read_text(encoding="utf-8"), data.decode("utf-8", "replace"))
            return f"{said}:\n{theirs}"
        return said

    def _write(self, old: bytes, new: bytes) -> None:
        """The old file is kept first. Owner and permissions stay. Raises OrderRefused where the folder is not ours."""
        try:
            self._keep(old)
            there = self._path.stat() if self._path.exists() else None
            temporary = self._path.with_name(f".{NAME}.{os.getpid()}")
            temporary.unlink(missing_ok=True)
            try:
                _write_whole(temporary, new, there)
                if self._bytes() != old:
                    raise OrderRefused(f"{NAME} has been changed this very moment; nothing was written", "conflict")
                temporary.replace(self._path)
                _sync(self._path.parent)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as wrong:
            raise OrderRefused(
                f"{self._path} cannot be written ({wrong.strerror}); apply the change by hand, or give the service its "
                "folder to write",
                "over",
            ) from None

    def _keep(self, old: bytes) -> None:
        self._history.mkdir(parents=True, exist_ok=True)
        at = f"{utc(self._clock.now_ms()):%Y%m%dT%H%M%SZ}"
        (self._history / f"zones-{at}-{_tag(old)[:16]}.csv").write_bytes(old)
        for path in sorted(self._history.glob("zones-*.csv"))[:-MOST_KEPT]:
            path.unlink(missing_ok=True)


def _tidied(zones: Sequence[DrawnZone], known: Mapping[str, Zone]) -> tuple[list[DrawnZone], list[ZoneProblem]]:
    """The zones as they are written, those that are as they were untouched; and what cannot be about each."""
    tidy: list[DrawnZone] = []
    problems: list[ZoneProblem] = []
    for one in zones:
        if one.was is not None and one.zone == known.get(one.was):
            tidy.append(one)
            continue
        try:
            tidy.append(DrawnZone(zone=drawn(one.zone), was=one.was))
        except ValueError as wrong:
            problems.append(ZoneProblem(problem=str(wrong), zone=one.zone.zone))
    return tidy, problems


def _changes(zones: Sequence[DrawnZone], before: Sequence[Zone]) -> list[ZoneChange]:
    known = {zone.zone: zone for zone in before}
    out: list[ZoneChange] = []
    for one in zones:
        was = known.get(one.was or "")
        if was is None:
            out.append(ZoneChange(what="added", zone=one.zone.zone, after=one.zone.role.value))
            continue
        if was.zone != one.zone.zone:
            out.append(ZoneChange(what="renamed", zone=one.zone.zone, before=was.zone, after=one.zone.zone))
        if was.polygon != one.zone.polygon:
            moved = _moved(was.polygon, one.zone.polygon)
            out.append(ZoneChange(what="redrawn", zone=one.zone.zone, corners=moved))
        for name in ("role", "shop_id", "anchor", "hours"):
            old, new = str(getattr(was, name) or ""), str(getattr(one.zone, name) or "")
            if old != new:
                out.append(ZoneChange(what=name, zone=one.zone.zone, before=old, after=new))
    left = {one.was for one in zones}
    out += [
        ZoneChange(what="removed", zone=zone.zone, before=zone.role.value) for zone in before if zone.zone not in left
    ]
    return out


def _moved(old: Sequence[tuple[float, float]], new: Sequence[tuple[float, float]]) -> int:
    """How many corners lie elsewhere; one that is new or gone counts as one."""
    return max(len(set(new) - set(old)), len(set(old) - set(new)))


def _with_problem(draft: ZonesDraft, problem: ZoneProblem) -> ZonesDraft:
    return ZonesDraft(tag=draft.tag, problems=(*draft.problems, problem))


def _saved(draft: ZonesDraft, tag: str) -> ZonesDraft:
    return ZonesDraft(
        tag=tag, diff=draft.diff, changes=draft.changes, doubts=draft.doubts, zones=draft.zones, saved=True
    )


def _told(problem: ZoneProblem) -> str:
    return f"zone {problem.zone!r} {problem.problem}" if problem.zone else problem.problem


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _write_whole(path: Path, data: bytes, like: os.stat_result | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        if like is not None:
            os.fchmod(file.fileno(), like.st_mode & 0o7777)
            if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
