"""The book of a site, opened by a command to read from it. `serve` may run beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.load import Site
from domain.errors import ConfigError

if TYPE_CHECKING:
    from storage.case_store import CaseStore


@contextmanager
def opened_book(site: Site) -> "Iterator[CaseStore]":
    """The site's case store. Raises ConfigError where there is no file yet: none is made."""
    from storage.case_store import CaseStore

    path = site.settings.data_dir / "cases.db"
    if not path.is_file():
        raise ConfigError(f"there are no cases at {path} yet; is this the right site and working folder?")
    store = CaseStore(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()
