"""The case store is on PostgreSQL, and that goes away and comes back: nothing is lost, and nothing happens twice."""

import json
from collections.abc import Iterator

import pytest

from config.load import load_site
from domain.errors import StoreRefused
from storage.case_claim import Claim
from tests.fakes.postgres import ESCAPED, PASSWORD, Postgres, postgres
from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import LEAK_RULE, Talk
from tests.scenario.stage import lag
from tests.scenario.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]

_HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = x'6C64'::int::oid AND granted"


@pytest.fixture(scope="module")
def one_server() -> Iterator[Postgres]:
    """One for these stories; each has a database of its own."""
    with postgres() as running:
        yield running


@pytest.fixture
def postgresql(one_server: Postgres) -> Postgres:
    """It runs, whatever a story before has done to it."""
    one_server.start()
    return one_server


def cases_answer(product: Product) -> bool:
    """Whether people see cases."""
    return product.get("api/v1/cases")[0] == 200


def test_the_server_goes_away_in_the_middle(build: Build, postgresql: Postgres) -> None:
    """Messages go on arriving and wait in the journal; when it is back, each leak is one alarm and one case."""
    talk = Talk()
    stage = build(cases={"url": postgresql.new_database()})
    with stage.running() as product:
        stage.send(*talk.quiet(50), talk.leak(0))
        product.until(lambda one: len(one.alarms(LEAK_RULE)) == 1, "an alarm")
        product.until(lambda one: "'sent'" in str(one.json("api/v1/notices")), "a notice")

        postgresql.stop()
        stage.send(*talk.quiet(500), talk.leak(1), *talk.quiet(100))
        product.until(lambda one: one.metric("journal_head") >= 652, "all messages are taken in")
        product.until(lambda one: one.metric("case_store_reachable") == 0, "its absence is told")
        assert product.get("api/v1/cases")[0] == 503
        # A connection of before says first that the server has ended it.
        product.until(lambda one: "Connection refused" in one.get("api/v1/cases")[1], "it is told what is wrong")
        product.until(lambda one: "rules-reader failed" in one.log(), "that it cannot judge is told")
        assert lag(product)["rules"] >= 600
        assert PASSWORD not in product.log()

        postgresql.start()
        stage.account(product, leaks=talk.leaks)
        product.until(lambda one: one.metric("case_store_reachable") == 1, "its return is told")
        assert product.letters() == {}
        assert not (stage.data / "cases.db").exists()
        product.stop()

    with stage.running() as product:
        stage.send(talk.leak(2))
        stage.account(product, leaks=talk.leaks)


def test_the_server_falls_again_and_again(build: Build, postgresql: Postgres) -> None:
    """Whatever transaction it falls in: all of it is there, or nothing, and it is judged again."""
    talk = Talk()
    stage = build(cases={"url": postgresql.new_database()})
    with stage.running() as product:
        for number in range(4):
            stage.send(*talk.quiet(100), talk.leak(number), *talk.quiet(100))
            postgresql.crash()
            stage.send(*talk.quiet(20))
            postgresql.start()
            product.until(cases_answer, "cases are seen again")
        stage.account(product, leaks=talk.leaks)
        assert product.letters() == {}


def test_commands_work_beside_it(build: Build, postgresql: Postgres) -> None:
    """What people order from a terminal is written into the same database, and carried out."""
    talk = Talk()
    stage = build(cases={"url": postgresql.new_database()})
    none = stage.command("rules", "alarms")
    assert none.returncode == 2
    assert "database 'cases_" in none.stderr
    assert "has not run for this site yet" in none.stderr
    with stage.running() as product:
        stage.send(talk.leak(0))
        product.until(lambda one: len(one.alarms(LEAK_RULE)) == 1, "an alarm")
        (alarm,) = json.loads(stage.command("rules", "alarms", "--json").stdout)["items"]
        said = stage.command("rules", "ack", str(alarm["id"]), "--who", "王工", "--why", "已派人到场")

        assert "is taken on" in said.stdout, (said.stdout, said.stderr)
        assert product.alarms(LEAK_RULE)[0]["state"] == "acked"


def test_another_site_does_not_judge_for_the_same_cases(build: Build, postgresql: Postgres) -> None:
    """It would open every case twice. A first one that was killed does not stand in its own way."""
    url = postgresql.new_database()
    stage, other = build(cases={"url": url}), build(cases={"url": url})
    with stage.running():
        said = other.command("serve")
        assert said.returncode == 2
        assert "is judged for by another `serve` (on 127.0.0.1, since" in said.stderr
    with stage.running(ready=False):
        pass


def test_the_claim_is_taken_again_though_nothing_else_was_lost(build: Build, postgresql: Postgres) -> None:
    """A server that was gone for a moment, or only that one connection: nobody else may begin to judge by it."""
    url = postgresql.new_database()
    name, stage, talk = url.rpartition("/")[2], build(cases={"url": url}), Talk()
    with stage.running() as product:
        holder = postgresql.run(_HOLDER, name)
        postgresql.run(f"SELECT pg_terminate_backend({holder})", name)
        product.until(lambda _one: postgresql.run(_HOLDER, name) not in {"", holder}, "it is taken again")
        stage.send(talk.leak(0))
        stage.account(product, leaks=talk.leaks)
        assert "rules-reader failed" not in product.log()


def test_one_that_is_refused_while_it_runs_says_so(build: Build, postgresql: Postgres) -> None:
    """Somebody else got the claim while nobody judged: who by, until that ends; and nothing is lost by it."""
    url, talk = postgresql.new_database(), Talk()
    stage = build(cases={"url": url})
    claim = Claim(load_site(str(stage.folder)).settings)
    with stage.running() as product:
        (judge,) = product.children("judge")
        judge.kill()
        until(lambda: _taken(claim), lambda: "its connection is gone")
        stage.send(*talk.quiet(50), talk.leak(0))
        product.until(lambda one: "is judged for by another `serve` (on " in str(one.ready()), "it is told")
        assert product.metric("rules_failing") == 1
        claim.release()
        stage.account(product, leaks=talk.leaks)
        product.until_ready()


def _taken(claim: Claim) -> bool:
    try:
        claim.take()
    except StoreRefused:
        return False
    return True


def test_a_server_that_is_not_there_stops_the_start(build: Build, postgresql: Postgres) -> None:
    """With its host, its port and its database, and without the password."""
    url = postgresql.url("elsewhere").replace(f":{postgresql.port}/", ":1/")
    said = build(cases={"url": url}).command("serve")

    assert said.returncode == 2
    assert "database 'elsewhere' of the PostgreSQL at 127.0.0.1:1, did not take it" in said.stderr
    assert "Connection refused" in said.stderr
    assert PASSWORD not in said.stderr
    assert ESCAPED not in said.stderr
