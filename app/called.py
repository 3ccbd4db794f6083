"""How this command line was called: whoever is told to run another of its commands can type it as it stands."""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

NAME: Final = "longcheng"
_OTHER: Final = re.compile(rf"`{NAME}(?= [a-z])")
"""A command of ours that a text names: between backticks."""


def called() -> str:
    """`longcheng` where the shell finds it under that name, else its path, such as `.venv/bin/longcheng`."""
    first = Path(sys.argv[0])
    script = first if first.name == NAME else Path(sys.executable).with_name(NAME)
    if first.name not in {NAME, "__main__.py"} or not script.is_file():
        return NAME
    found = shutil.which(NAME)
    if found is not None and os.path.realpath(found) == os.path.realpath(script):
        return NAME
    return shlex.quote(_short(script))


def command(words: str) -> str:
    """Another command, as it has to be typed: `cases list` → `.venv/bin/longcheng cases list`."""
    return f"{called()} {words}"


def as_called(text: str) -> str:
    """A text of which every command of ours between backticks stands as it has to be typed."""
    return _OTHER.sub(lambda _found: f"`{called()}", text)


def _short(script: Path) -> str:
    """From the working folder, where it lies below it."""
    here = Path.cwd()
    whole = here / script
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)
