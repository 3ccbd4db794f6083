"""Folder, dict and class names agree."""

from pathlib import Path

import rules.kinds
from rules.kinds import KINDS


def test_every_file_is_a_kind_and_every_kind_a_file() -> None:
    """`kinds/silent.py` holds `Silent`, which files call `kind: silent`."""
    files = {path.stem for path in Path(rules.kinds.__file__).parent.glob("[a-z]*.py")}
    assert files == set(KINDS)
    assert {name: kind.__name__.lower() for name, kind in KINDS.items()} == {name: name for name in KINDS}
