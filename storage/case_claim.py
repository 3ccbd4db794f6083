"""One `serve` for each case store: two would judge everything twice, each by a journal of its own, and send notices
twice."""

from contextlib import suppress
from enum import IntEnum
from typing import Final

from sqlalchemy import Connection

from config.schema import Settings
from domain.errors import StoreRefused, StoreUnavailable
from storage import case_postgres
from storage.case_engine import explained, open_engine, place

_LOOK_S: Final = 1.0


class Claimed(IntEnum):
    """What one alone may do. The numbers name the locks among those of a database."""

    JUDGING = 0x6C64
    SERVING = 0x6C65
    """From the start of `serve` to its end: judges come and go meanwhile."""


class Claim:
    """That this process alone does something for a site's case store, until it releases that or ends, however it does.

    A store in the data folder has that folder's lock; of it there is nothing to claim.
    """

    def __init__(self, settings: Settings, what: Claimed = Claimed.JUDGING) -> None:
        """Nothing is taken yet. Raises ConfigError for PostgreSQL without its driver."""
        self._what = what
        self._engine = open_engine(settings.cases.url) if settings.cases.url else None
        self._held: Connection | None = None

    def take(self) -> None:
        """Take it, unless we have it; again where the server has gone since, and come back.

        Raises StoreRefused, naming who has it, and StoreUnavailable if the server does not answer.
        """
        if self._engine is None or self._have():
            return
        with explained(self._engine):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            holder = case_postgres.claim(connection, self._what)
        if holder is not None:
            connection.close()
            where = place(self._engine.url)
            raise StoreRefused(
                f"the case store, {where}, is judged for by another `serve` ({holder}); each site needs one of its own"
            )
        self._held = connection

    def keep(self) -> float:
        """Take it again where the server has gone and come back without a word. Returns how long to rest, in seconds.

        Raises as `take`.
        """
        self.take()
        return _LOOK_S

    def release(self) -> None:
        """Let another have it."""
        if self._engine is None:
            return
        with suppress(StoreUnavailable), explained(self._engine):
            if self._held is not None:
                self._held.exec_driver_sql("SELECT pg_advisory_unlock_all()").close()
        self._let_go()
        self._engine.dispose()

    def _have(self) -> bool:
        if self._engine is None or self._held is None:
            return False
        try:
            with explained(self._engine):
                self._held.exec_driver_sql("SELECT 1").close()
        except StoreUnavailable:
            self._let_go()
        return self._held is not None

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
