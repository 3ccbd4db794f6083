"""Every command that reads or writes cases says the same of a site on PostgreSQL as of one in a file."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.stores import open_series
from config.load import Site, load_site
from domain.errors import ConfigError
from domain.finding import Change
from storage.case_opening import open_cases, place_of_cases
from storage.evidence_store import EvidenceStore
from tests.cases.city import Town, bikes, charger, clock_ms, make_site
from tests.fakes.postgres import ESCAPED, PASSWORD, Postgres, postgres

pytestmark = pytest.mark.server

BY = ("--who", "王工", "--why", "已派人到场")
NOVEMBER = ("--from", "2026-11-01", "--to", "2026-12-01")
COMMANDS = (
    ("rules", "alarms", "--all", "--json"),
    ("rules", "alarms", "--all"),
    ("rules", "ack", "3", *BY),
    ("rules", "silence", "add", "--device", "E1", "--until", "2h", *BY, "--json"),
    ("rules", "silence", "list", "--json"),
    ("rules", "silence", "end", "1", "--who", "王工"),
    ("rules", "explain", "3", "--json"),
    ("rules", "explain", "E1/3", "--json"),
    ("rules", "explain", "no-such-rule/E1", "--json"),
    ("notices", "list", "--json"),
    ("notices", "retry", "--all"),
    ("notices", "list"),
    ("evidence", "list", "--json"),
    ("evidence", "verify", "--json"),
    ("evidence", "prune", "--dry-run", "--json"),
    ("cases", "export", *NOVEMBER, "--format", "csv", "--out", "OUT"),
    ("cases", "export", *NOVEMBER, "--format", "open311-json", "--out", "OUT"),
    ("report", "daily", "--day", "2026-11-22", "--as-of", "2026-11-23T08:00", "--json"),
    ("report", "monthly", "--month", "2026-11", "--as-of", "2026-11-30T08:00", "--json"),
)
"""In this order: what one writes, later ones read."""
FAIL = ("no-such-rule", "evidence verify")
"""There is no such rule, and the pictures that looks told of were never kept."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Nobody but this file uses it."""
    with postgres() as running:
        yield running


def site_at(folder: Path, url: str) -> Site:
    """The town, its cases in a file or at a url."""
    make_site(folder)
    with (folder / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(f"cases: {{url: '{url}'}}\n")
    return load_site(str(folder), {})


def live(site: Site) -> None:
    """A morning: a shop that corrects itself, one that doesn't, a charger's case, and a notice that was given up."""
    site.settings.data_dir.mkdir()
    open_series(site).close()
    EvidenceStore(site.settings.data_dir / "evidence")
    place = site.settings.cases.url or f"sqlite:///{site.settings.data_dir / 'cases.db'}"
    town = Town(site, site.settings.data_dir, place)
    town.record(bikes(Change.RAISED, clock_ms("09:00")))
    town.record(bikes(Change.RESOLVED, clock_ms("09:20")))
    town.record(bikes(Change.RAISED, clock_ms("10:00"), zone="door-2"))
    town.sending = False
    town.record(charger(Change.RAISED, clock_ms("11:00")))
    town.store.mark_dead(town.store.notices()[0].id, "no such mailbox", 1)
    town.store.close()


@contextmanager
def saying(folder: Path) -> Iterator[Callable[..., str]]:
    """What commands print about a site, and write into files, without what names the place or the moment."""

    def said(*words: str) -> str:
        out = folder / "out"
        given = [str(out) if word == "OUT" else word for word in words]
        done = CliRunner().invoke(cli, [*given, "--site", str(folder)], env={"COLUMNS": "300"})
        text = f"{done.exit_code} {done.output} {done.exception!r}".replace(str(folder), "…")
        if out.exists():
            text += out.read_text(encoding="utf-8-sig")
            out.unlink()
        assert PASSWORD not in text
        assert ESCAPED not in text
        return re.sub(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?\S*|\d{13}", "(time)", text)

    yield said


@pytest.mark.slow
def test_they_say_the_same(server: Postgres, tmp_path: Path) -> None:
    """Word for word, and none of them fails."""
    found: list[dict[str, str]] = []
    for name, url in (("file", ""), ("postgres", server.new_database())):
        folder = tmp_path / name
        live(site_at(folder, url))
        with saying(folder) as said:
            found.append({" ".join(words): said(*words) for words in COMMANDS})
    in_file, on_postgres = found

    assert not (tmp_path / "postgres" / "data" / "cases.db").exists()
    for command, text in in_file.items():
        assert on_postgres[command] == text
        assert text.startswith("0 ") != any(words in command for words in FAIL), text
    assert "1 notices go out again" in in_file["notices retry --all"]


def test_no_table_is_made_where_there_is_none(server: Postgres, tmp_path: Path) -> None:
    """A wrong database is a mistake, not an empty city; it is named, without its password."""
    url = server.new_database()
    site = site_at(tmp_path / "site", url)
    database = url.rpartition("/")[2]

    for words in (("rules", "alarms"), ("notices", "list"), ("report", "monthly", "--month", "2026-11")):
        done = CliRunner().invoke(cli, [*words, "--site", str(site.folder)])
        assert isinstance(done.exception, ConfigError)
        named = f"database '{database}' of the PostgreSQL at 127.0.0.1:{server.port}"
        assert f"no alarms in {named}: `longcheng serve` has not run for this site yet" in str(done.exception)
    assert CliRunner().invoke(cli, ["evidence", "list", "--site", str(site.folder)]).exit_code == 0
    assert server.run("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database) == "0"


def test_where_it_is_said_to_be(server: Postgres, tmp_path: Path) -> None:
    """By the setting; the password is in no representation of the settings."""
    site = site_at(tmp_path / "site", server.new_database())

    assert place_of_cases(site.settings).endswith(f"of the PostgreSQL at 127.0.0.1:{server.port}")
    assert ESCAPED not in repr(site.settings)
    store = open_cases(site.settings)
    assert store.counts().alarms_total == 0
    store.close()
