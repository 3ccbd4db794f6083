"""New lines into a register: what changes, and the register as it will be. What is not named stays as it is."""

import csv
import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from cases.imports.kinds import Cells, Kind
from domain.errors import ConfigError

_BOM: Final = "\ufeff"


class Change(Struct, frozen=True, kw_only=True):
    """One line that is new, or says something else now."""

    key: tuple[str, ...]
    added: bool
    cells: dict[str, tuple[str, str]]
    """By column: what stood there, and what will."""


class Merged(Struct, frozen=True, kw_only=True):
    """A register as it will be."""

    file: Path
    text: str
    changes: Sequence[Change]
    same: int
    """How many lines said what the register says already."""


def merge(folder: Path, kind: Kind, lines: Sequence[Cells]) -> Merged:
    """What lines of a kind make of a site's register; its own columns, their order and its line ends are kept."""
    file = folder / kind.register
    before = file.read_bytes().decode() if file.exists() else ""
    reader = csv.DictReader(io.StringIO(before.removeprefix(_BOM), newline=""), strict=True)
    columns = list(reader.fieldnames or kind.columns)
    brought = lines[0] if lines else {}
    columns += [column for column in (*kind.columns, *kind.optional) if column in brought and column not in columns]
    found = {tuple((cells[column] or "").strip() for column in kind.key): dict(cells) for cells in reader}
    changes, same = [], 0
    for line in lines:
        key = tuple(line[column] for column in kind.key)
        old = found.get(key)
        cells = {
            column: ((old or {}).get(column, ""), new)
            for column, new in line.items()
            if old is None or old.get(column, "").strip() != new
        }
        if not cells:
            same += 1
            continue
        found[key] = {**dict.fromkeys(columns, ""), **(old or {}), **line}
        changes.append(Change(key=key, added=old is None, cells=cells))
    return Merged(file=file, text=_written(columns, list(found.values()), before), changes=changes, same=same)


def save(merged: Merged) -> None:
    """In place of the old one, whole or not at all. Raises ConfigError if it can't be written."""
    try:
        handle, name = tempfile.mkstemp(dir=merged.file.parent, prefix=f".{merged.file.name}-")
        draft = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(merged.text)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(merged.file.stat().st_mode & 0o777 if merged.file.exists() else 0o644)
            draft.replace(merged.file)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as wrong:
        raise ConfigError(f"it can't be written: {wrong.strerror}", path=merged.file) from None


def _written(columns: Sequence[str], lines: Sequence[Cells], before: str) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, lineterminator="\r\n" if "\r\n" in before else "\n")
    writer.writeheader()
    writer.writerows(lines)
    return (_BOM if before.startswith(_BOM) else "") + file.getvalue()
