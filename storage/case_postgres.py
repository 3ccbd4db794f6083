"""PostgreSQL as the case store uses it: durable commits, writers in turn, and nobody who hangs holds up the others."""

from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from domain.errors import ConfigError

DRIVER: Final = "postgresql+psycopg"
_TURN: Final = 0x6C63
"""Names our lock among those of a database. Its second half is the schema, for each has tables of its own."""
_OF_SCHEMA: Final = "hashtext(coalesce(current_schema(), ''))"
_CONNECT_S: Final = 5
_TURN_MS: Final = 10_000
"""A transaction takes milliseconds. Whoever waits longer for its turn waits for one that hangs."""
MIGRATION_MS: Final = 600_000
"""Bringing a large store's tables up takes minutes, and whoever starts meanwhile waits for it."""
_STATEMENT_MS: Final = 60_000
"""The longest question, a year's figures of a city, takes seconds."""
_IDLE_MS: Final = 60_000
"""A process that was stopped in mid-transaction gives its turn back then; so does one whose machine has gone."""
_SETTINGS: Final = {
    "synchronous_commit": "on",  # what was committed survives a power cut, whatever the server's own default
    "lock_timeout": f"{_TURN_MS}",
    "statement_timeout": f"{_STATEMENT_MS}",
    "idle_in_transaction_session_timeout": f"{_IDLE_MS}",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_ARGUMENTS: Final = {
    "application_name": "longcheng",
    "client_encoding": "UTF8",  # of a database in SQL_ASCII the driver would take every text for bytes
    "connect_timeout": f"{_CONNECT_S}",
    # A server that went without a word is noticed within half a minute, and not after the system's two hours.
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_MAY_NOT: Final = "42501"
_ONLY_READS: Final = "25006"
_HINTS: Final = {
    _MAY_NOT: "its user has to make, read and write tables there, as the owner of the database may",
    _ONLY_READS: "a standby only reads; name all servers, and target_session_attrs=read-write",
    "40001": "it was overtaken by another transaction",
    "40P01": "it and another transaction waited for each other",
    "53100": "the server's disk is full",
    "53300": "raise max_connections of the server",
    "55P03": f"another process that writes has not finished for {_TURN_MS // 1000} s",
    "57014": f"it took longer than {_STATEMENT_MS // 1000} s, or was cancelled by hand",
    "25P03": f"this process did nothing for {_IDLE_MS // 1000} s in the middle of a transaction",
}


def engine_of(url: URL) -> Engine:
    """An engine for a server; nothing is asked of it yet. What the url's query says wins. Raises ConfigError."""
    ours = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    theirs = url.query.get("options", "")
    said = theirs if isinstance(theirs, str) else " ".join(theirs)
    arguments = {name: value for name, value in _ARGUMENTS.items() if name not in url.query}
    arguments["options"] = f"{ours} {said}".strip()
    try:
        engine = create_engine(url.set(drivername=DRIVER), connect_args=arguments, pool_pre_ping=True)
    except ImportError as missing:
        raise ConfigError(
            f"the case store is on PostgreSQL, which needs its driver: pip install 'longcheng[postgres]' ({missing})"
        ) from None
    event.listen(engine, "handle_error", _leave_who_only_reads)
    return engine


def place(url: URL) -> str:
    """Where the server and its database are, as an operator knows them; never the password."""
    hosts = url.query.get("host", ())
    named = [hosts] if isinstance(hosts, str) else list(hosts)
    host = url.host or ", ".join(named) or "this machine"
    port = f":{url.port or 5432}" if url.host else ""
    return f"database {url.database!r} of the PostgreSQL at {host}{port}"


def take_turn(connection: Connection, *, migrating: bool) -> None:
    """The first statement of a transaction that writes: it has its turn until it ends.

    At READ COMMITTED each later statement sees all that was committed when it begins, so that whoever has its turn
    sees what all before it have written.
    """
    if migrating:
        for name, limit_ms in (("lock_timeout", MIGRATION_MS), ("statement_timeout", 0)):
            connection.exec_driver_sql(f"SET LOCAL {name} = {limit_ms}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN}, {_OF_SCHEMA})").close()


def claim(connection: Connection, name: int) -> str | None:
    """Take the lock that goes by this number, for as long as this session lasts. None, or who has it."""
    if connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({name:d}, {_OF_SCHEMA})").scalar_one():
        return None
    of_schema = f"({_OF_SCHEMA}::bigint & 4294967295)::oid"  # as the table of locks shows it: without its sign
    holder = connection.exec_driver_sql(
        "SELECT coalesce(host(client_addr), 'this machine'), backend_start::timestamptz(0) FROM pg_locks"
        f" JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND classid = {name:d}"
        f" AND objid = {of_schema} AND datname = current_database() AND granted"
    ).first()
    return f"on {holder[0]}, since {holder[1]}" if holder else "which has ended meanwhile"


def may_not(problem: DBAPIError) -> bool:
    """Whether the user lacks a right."""
    return _sqlstate(problem) == _MAY_NOT


def hint(problem: DBAPIError) -> str:
    """What an operator may do about it; empty if the server's own words must do."""
    return _HINTS.get(_sqlstate(problem), "")


def _sqlstate(problem: DBAPIError) -> str:
    return str(getattr(problem.orig, "sqlstate", None) or "")


def _leave_who_only_reads(context: Any) -> None:
    """After a failover the old server may live on as a standby: its connections are of no use any more."""
    if getattr(context.original_exception, "sqlstate", None) == _ONLY_READS:
        context.is_disconnect = True
