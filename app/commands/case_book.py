"""The book of a site, opened by a command. `serve` may run beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from config.load import Site
from domain.errors import ConfigError

if TYPE_CHECKING:
    from storage.case_store import CaseStore


@contextmanager
def book_if_any(site: Site) -> "Iterator[CaseStore | None]":
    """The site's case store; None where there is none yet, and none is made."""
    from storage.case_opening import known_cases  # it brings SQLAlchemy, which most commands can do without

    with known_cases(site.settings) as book:
        yield book


@contextmanager
def opened_book(site: Site) -> "Iterator[CaseStore]":
    """The site's case store. Raises ConfigError where there is none yet: none is made."""
    with book_if_any(site) as book:
        if book is None:
            from storage.case_opening import place_of_cases

            where = place_of_cases(site.settings)
            why = "`longcheng serve` has not run for this site yet, or this is another site or working folder"
            raise ConfigError(f"there are no cases and no alarms in {where}: {why}")
        yield book
