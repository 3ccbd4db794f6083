"""Where alarms, cases and notices are kept."""

import re
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field

from config.strict import Strict

_SHAPE = "postgresql+psycopg://user:password@host:5432/database"


def _postgres_url(text: str) -> str:
    """A url of PostgreSQL, or nothing. What is wrong is told without the password."""
    if not text:
        return text
    try:
        parts = urlsplit(text)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        port_is_right = False
    if not port_is_right or not re.match(r"^postgresql(\+psycopg)?://\S+$", text):
        raise ValueError(f"write {_SHAPE}; in user and password write %40 for @, %2F for /, %25 for %, and so on")
    if len(unquote(parts.path)) < 2 or "/" in parts.path[1:]:
        raise ValueError(f"it names no database: write {_SHAPE}")
    return text


class Cases(Strict):
    """The case store: on PostgreSQL with `url`, else in a file of the data folder."""

    url: Annotated[str, AfterValidator(_postgres_url)] = Field(
        default="",
        repr=False,
        description=f"{_SHAPE}; of this site alone. Empty: SQLite, in data_dir/cases.db",
    )
