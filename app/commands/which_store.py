"""The series store of a site, for commands that only read it."""

from collections.abc import Iterator
from contextlib import contextmanager

from config.load import Site
from domain.errors import ConfigError
from storage.series.store import SeriesStore


@contextmanager
def opened(site: Site) -> Iterator[SeriesStore]:
    """The site's series store. Raises ConfigError where an embedded one has no file yet: none is made."""
    from storage.series.open import kind_of, open_store

    settings, path = site.settings.series, site.settings.data_dir / "series.db"
    if kind_of(settings) == "embedded" and not path.is_file():
        raise ConfigError(f"no readings at {path} yet; is this the right site and working folder?")
    store = open_store(settings, path)
    try:
        yield store
    finally:
        store.close()
