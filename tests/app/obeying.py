"""A process that reads the journal and carries out orders until there is nothing left to do: `python -m … FOLDER`."""

import sys
from pathlib import Path

from tests.app.line import Line, starter


def main(folder: Path) -> None:
    """One reader over the files in this folder."""
    line = Line(starter(folder))
    reader = line.reader()
    while reader.cursor < line.journal.head() or line.store.has_orders():
        reader.step()
    line.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
