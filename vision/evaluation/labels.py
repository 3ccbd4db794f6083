"""A folder of pictures and what is in them, in the layout that labelling tools write for YOLO."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from config.tables import read_zones
from domain.errors import ConfigError
from domain.register import Zone
from domain.sighting import Box

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
NO_LABELS = frozenset({"classes.txt", "train.txt", "val.txt", "test.txt"})


class Truth(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that a person drew a box around."""

    label: str
    box: Box


class Labelled(Struct, frozen=True, kw_only=True):
    """One picture, what is in it, and the zones it is judged by."""

    path: Path
    truths: tuple[Truth, ...]
    zones: tuple[Zone, ...]


class LabelledSet(Struct, frozen=True, kw_only=True):
    """All pictures of a folder."""

    folder: Path
    labels: tuple[str, ...]
    """What boxes may be called, in our words where the map has one."""
    pictures: tuple[Labelled, ...]
    remarks: tuple[str, ...]
    """What is odd about the folder and yet no error."""


def read_set(folder: Path, classes: Mapping[str, str]) -> LabelledSet:
    """Read `images/` with `labels/`, or pictures with their `.txt` beside them; `classes` are our words for theirs.

    Zones are in an optional `zones.csv`, written as a site's; a zone is for every picture whose name begins with its
    `camera_id`. Raises ConfigError with file and line for a label that is none.
    """
    if not folder.is_dir():
        raise ConfigError("there is no such folder of labelled pictures", path=folder)
    apart = (folder / "images").is_dir()
    pictures, labels = (folder / "images", folder / "labels") if apart else (folder, folder)
    below = "**/*" if apart else "*"
    names = tuple(classes.get(name, name) for name in _names(folder))
    zones = read_zones(folder / "zones.csv", _Any())
    found = [path for path in sorted(pictures.glob(below)) if path.suffix.lower() in SUFFIXES]
    if not found:
        raise ConfigError(f"there are no pictures; they end in {', '.join(sorted(SUFFIXES))}", path=pictures)
    files = {path: labels / path.relative_to(pictures).with_suffix(".txt") for path in found}
    return LabelledSet(
        folder=folder,
        labels=names,
        pictures=tuple(
            Labelled(path=path, truths=tuple(_truths(file, names)), zones=_zones_of(path.stem, zones))
            for path, file in files.items()
        ),
        remarks=tuple(_remarks(set(labels.glob(f"{below}.txt")), files, zones)),
    )


class _Any(Collection[str]):
    """Whatever a zone's shop is called: a labelled set has no register of shops."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _names(folder: Path) -> list[str]:
    """From `classes.txt`, a name on each line, or from `names` in `data.yaml`, a list or by number."""
    plain, data = folder / "classes.txt", folder / "data.yaml"
    if plain.is_file():
        return [line.strip() for line in plain.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    if not data.is_file():
        raise ConfigError("there is neither classes.txt nor data.yaml, so nobody knows what class 0 is", path=folder)
    try:
        names: Any = (yaml.safe_load(data.read_text(encoding="utf-8")) or {}).get("names")
    except (yaml.YAMLError, AttributeError) as wrong:
        raise ConfigError(f"this is no YAML with `names`: {wrong}", path=data) from None
    if isinstance(names, dict) and set(names) == set(range(len(names))):
        names = [names[number] for number in range(len(names))]
    if not isinstance(names, list) or not names:
        raise ConfigError(f"names is {names!r}; it must be a list, or names by number from 0 on", path=data)
    return [str(name) for name in names]


def _truths(file: Path, names: tuple[str, ...]) -> Iterator[Truth]:
    if not file.is_file():
        return
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError("it is no text", path=file) from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _truth(line, names, file, number)


def _truth(line: str, names: tuple[str, ...], file: Path, number: int) -> Truth:
    def wrong(problem: str) -> ConfigError:
        return ConfigError(problem, path=file, line=number)

    parts = line.split()
    if len(parts) != 5:
        hint = "; a polygon is not a box" if len(parts) > 6 else ""
        raise wrong(f"there are {len(parts)} values; a box is written: class x y width height{hint}")
    try:
        index, (x, y, wide, high) = int(parts[0]), (float(part) for part in parts[1:])
    except ValueError:
        raise wrong(f"{line.strip()!r} is not a whole number and four numbers") from None
    if not 0 <= index < len(names):
        raise wrong(f"the class is {index}; there are {len(names)}, from 0 to {len(names) - 1}")
    if not (0 <= x <= 1 and 0 <= y <= 1 and 0 < wide <= 1 and 0 < high <= 1):
        raise wrong(f"{' '.join(parts[1:])}: middle and size are shares of the picture, 0–1, not pixels")
    box = (max(x - wide / 2, 0.0), max(y - high / 2, 0.0), min(x + wide / 2, 1.0), min(y + high / 2, 1.0))
    return Truth(label=names[index], box=box)


def _zones_of(name: str, zones: Mapping[str, tuple[Zone, ...]]) -> tuple[Zone, ...]:
    """Of the longest `camera_id` that the picture's name begins with."""
    fits = [camera_id for camera_id in zones if name.startswith(camera_id)]
    return zones[max(fits, key=len)] if fits else ()


def _remarks(labels: set[Path], files: Mapping[Path, Path], zones: Mapping[str, tuple[Zone, ...]]) -> Iterator[str]:
    bare = [path.name for path, file in files.items() if not file.is_file()]
    if bare:
        yield f"{len(bare)} pictures have no label file and count as empty: {_some(bare)}"
    alone = [file.name for file in sorted(labels - set(files.values())) if file.name not in NO_LABELS]
    if alone:
        yield f"{len(alone)} label files have no picture: {_some(alone)}"
    unused = [camera_id for camera_id in zones if not any(path.stem.startswith(camera_id) for path in files)]
    if unused:
        yield f"zones.csv has zones for no picture: {_some(unused)}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
