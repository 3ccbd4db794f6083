"""What is asked of PostgreSQL alone: how it is set, what is said when it fails, and that nothing half-done is left."""

import sys
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from domain.errors import ConfigError, StoreRefused, StoreUnavailable
from storage.case_engine import open_engine, reading, writing
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM
from tests.fakes.postgres import ESCAPED, PASSWORD, Postgres

pytestmark = pytest.mark.server
PATIENCE_S = 40.0


@pytest.fixture
def database() -> str:
    """Only this one."""
    return "postgres"


def name_of(url: str) -> str:
    """The database that a url names."""
    return url.rpartition("/")[2]


def said_of(url: str) -> str:
    """Why it cannot be opened; never with the password."""
    with pytest.raises((StoreUnavailable, StoreRefused)) as told:
        CaseStore(url)
    assert not any(secret in str(told.value) for secret in (PASSWORD, ESCAPED))
    return str(told.value)


def test_a_commit_waits_for_the_disk_and_nobody_for_ever(store: CaseStore, url: str) -> None:
    """Whatever the server's own defaults are. What the url says wins."""
    names = ("synchronous_commit", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout",
             "application_name")  # fmt: skip

    def settings(url: str) -> list[str]:
        engine = open_engine(url)
        with reading(engine) as connection:
            found = [str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in names]
        engine.dispose()
        return found

    assert settings(url) == ["on", "10s", "1min", "1min", "longcheng"]
    assert settings(f"{url}?options=-clock_timeout%3D7s&application_name=report") == [
        "on",
        "7s",
        "1min",
        "1min",
        "report",
    ]


def test_by_a_socket(store: CaseStore, url: str, server: Postgres) -> None:
    """A server on the same machine needs no port on the network."""
    with store.transaction() as tx:
        tx.advance("rules", 7)
    local = CaseStore(server.by_socket(url))

    assert local.cursor("rules") == 7
    local.close()


def test_a_url_that_leads_nowhere_is_explained(url: str, server: Postgres) -> None:
    """By host, port and database, and what the server said."""
    wrong = url.replace(ESCAPED, "guess")
    assert "password authentication failed for user" in said_of(wrong)
    here = f"database '{name_of(url)}' of the PostgreSQL at 127.0.0.1:"
    nobody = said_of(url.replace(f":{server.port}/", ":1/"))
    assert f"{here}1, did not take it" in nobody
    assert "Connection refused" in nobody
    missing = said_of(f"{url}x")
    assert f"{here[:-1]}" not in missing
    assert f"database '{name_of(url)}x' of the PostgreSQL at 127.0.0.1:{server.port}" in missing
    assert "does not exist" in missing
    assert "of the PostgreSQL at nowhere.invalid:5432" in said_of("postgresql://u:p@nowhere.invalid/d")


def test_without_its_driver_it_says_what_to_install(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver is an extra: most sites have a file."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'longcheng\[postgres\]'"):
        CaseStore(url)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_chinese_is_refused(server: Postgres, encoding: str) -> None:
    """Before there is any table in it."""
    url = server.new_database(f"ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")

    assert f"is in {encoding}; make it with ENCODING 'UTF8'" in said_of(url)
    server.drop(url)


def test_a_user_who_may_not_make_tables_is_told_so(empty_url: str, server: Postgres) -> None:
    """As the server says it, and what is needed."""
    server.run("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    told = said_of(empty_url.replace(f"longcheng:{ESCAPED}", "guest:guest"))
    server.run("DROP ROLE guest")

    assert "permission denied for schema public" in told
    assert "as the owner of the database may" in told


@pytest.mark.parametrize(
    ("sqlstate", "hint"),
    [
        ("40001", "overtaken by another transaction"),
        ("40P01", "waited for each other"),
        ("53100", "disk is full"),
        ("53300", "max_connections"),
        ("55P03", "another process that writes"),
        ("57014", "took longer than 60 s"),
        ("25006", "target_session_attrs=read-write"),
        ("42501", "make, read and write tables"),
        ("57P01", "said so"),
        ("58030", "said so"),
        ("XX001", "said so"),
    ],
)
def test_what_may_pass_is_tried_again(store: CaseStore, url: str, sqlstate: str, hint: str) -> None:
    """Nothing of the transaction is kept, and the next one works."""

    def fail() -> None:
        with store.transaction() as tx:
            tx.add_alarm(ALARM)
            tx._connection.exec_driver_sql(f"DO $$ BEGIN RAISE 'said so' USING ERRCODE = '{sqlstate}'; END $$")

    with pytest.raises(StoreUnavailable, match=hint):
        fail()

    assert store.counts().alarms_total == 0
    with store.transaction() as tx:
        tx.add_alarm(ALARM)
    assert store.counts().alarms_total == 1


@pytest.mark.parametrize(
    ("sqlstate", "error"), [("23505", IntegrityError), ("22003", DataError), ("42P01", ProgrammingError)]
)
def test_what_never_passes_stays_what_it_is(store: CaseStore, sqlstate: str, error: type[Exception]) -> None:
    """Else a mistake of ours would be tried for ever."""
    with pytest.raises(error), store.transaction() as tx:
        tx._connection.exec_driver_sql(f"DO $$ BEGIN RAISE 'said so' USING ERRCODE = '{sqlstate}'; END $$")


def test_a_session_that_is_ended_in_mid_transaction_leaves_nothing(
    store: CaseStore, url: str, server: Postgres
) -> None:
    """As a failover or an administrator does it; the next transaction has a connection of its own."""
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'"

    def interrupted() -> None:
        with store.transaction() as tx:
            tx.add_alarm(ALARM)
            server.run(end)
            tx.advance("rules", 7)

    with pytest.raises(StoreUnavailable, match="terminating connection"):
        interrupted()
    assert store.counts().alarms_total == 0

    server.run(end)
    assert store.revision() == 0
    server.run(end)
    with store.transaction() as tx:
        tx.add_alarm(ALARM)
    assert store.counts().alarms_total == 1


def test_a_server_that_falls_and_comes_back_has_all_that_was_committed(
    store: CaseStore, url: str, server: Postgres
) -> None:
    """While it is away every call says so, at once; nobody has to open the store anew."""
    with store.transaction() as tx:
        tx.add_alarm(ALARM)

    def interrupted() -> None:
        with store.transaction() as tx:
            tx.advance("rules", 7)
            server.crash()

    with pytest.raises(StoreUnavailable):
        interrupted()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="Connection refused"):
            store.revision()

    server.start()

    assert (store.counts().alarms_total, store.cursor("rules"), store.revision()) == (1, 0, 1)


def test_a_server_that_only_reads_is_left_for_one_that_writes(store: CaseStore, url: str, server: Postgres) -> None:
    """A standby after a failover: reads go on, writes say why, and the next connection is a new one."""
    name = name_of(url)
    server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    store.close()
    with pytest.raises(StoreUnavailable, match="target_session_attrs=read-write"), store.transaction() as tx:
        tx.add_alarm(ALARM)
    assert store.counts().alarms_total == 0
    reports = CaseStore(url)
    assert reports.revision() == 0
    reports.close()

    server.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    with store.transaction() as tx:
        tx.add_alarm(ALARM)
    assert store.counts().alarms_total == 1


@pytest.fixture
def held_up(url: str) -> Iterator[None]:
    """Another process has its turn and does not end."""
    engine, ready, over = open_engine(url), threading.Event(), threading.Event()

    def hang() -> None:
        with writing(engine):
            ready.set()
            over.wait(PATIENCE_S)

    hanging = threading.Thread(target=hang)
    hanging.start()
    assert ready.wait(PATIENCE_S)
    yield
    over.set()
    hanging.join(PATIENCE_S)
    engine.dispose()


def test_nobody_waits_for_ever_for_one_that_hangs(url: str, held_up: None) -> None:
    """It says so, and tries again later."""
    CaseStore(url).close()
    impatient = CaseStore(f"{url}?options=-clock_timeout%3D100")
    with pytest.raises(StoreUnavailable, match="another process that writes has not finished"):
        impatient.attempt("bot", 1, 0)
    assert impatient.revision() == 0
    impatient.close()


def test_one_that_hangs_loses_its_turn(store: CaseStore, url: str) -> None:
    """A process that was stopped in mid-transaction, or whose machine has gone."""
    stopped = CaseStore(f"{url}?options=-cidle_in_transaction_session_timeout%3D1000")

    def hang() -> None:
        with stopped.transaction() as tx:
            tx.add_alarm(ALARM)
            store.attempt("bot", 1, 0)  # has its turn only when the other has lost it
            tx.advance("rules", 7)

    with pytest.raises(StoreUnavailable, match="terminating connection"):
        hang()
    stopped.close()

    assert store.attempts_since("bot", 0) == [1]
    assert store.alarms(open_only=False) == []


def test_schemas_are_stores_of_their_own(empty_url: str, server: Postgres) -> None:
    """Two sites may share a database by a schema each: neither sees the other's rows, nor waits for its turn."""
    name = name_of(empty_url)
    for schema in ("north", "south"):
        server.run(f"CREATE SCHEMA {schema}", name)
    north, south = (CaseStore(f"{empty_url}?options=-csearch_path%3D{schema}") for schema in ("north", "south"))
    with north.transaction() as tx:
        tx.add_alarm(ALARM)
        with south.transaction() as theirs:
            assert theirs.next_case_number("20261122") == 1

    assert (north.counts().alarms_total, south.counts().alarms_total) == (1, 0)
    north.close()
    south.close()
