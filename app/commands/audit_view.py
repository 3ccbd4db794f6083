"""The audit as it is read in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from config.load import Site
from console.pages.audit_words import audit_row
from console.payload import readable
from console.words import Words
from domain.account import Audit

_COLUMNS: Final = ("time", "who", "what", "about", "outcome", "from")


def audit_table(lines: Sequence[Audit], words: Words, site: Site, accounts: Mapping[str, str]) -> Table:
    """A few lines for each, so that they fit eighty columns. `accounts` has their names by their numbers, as text."""
    table = Table(show_lines=True)
    for name in _COLUMNS:
        table.add_column(words.say(f"people.audit_{name}"), overflow="fold")
    for line in lines:
        row = audit_row(line, words, site, accounts)
        about = "\n".join(filter(None, (row.about, *row.changes)))
        at = words.exact(line.at_ms)[:19].replace(" ", "\n")
        outcome = words.term("outcome", line.outcome)
        said = (at, row.who, row.act or line.what, about, outcome, row.address)
        table.add_row(*(Text(readable(one)) for one in said))
    return table
