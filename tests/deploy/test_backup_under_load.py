"""A backup while devices talk and `serve` judges; then everything dies, and the backup is all there is."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.fleet import busy
from tests.fakes.postgres import Postgres, postgres
from tests.scenario.conftest import Build, broker, build
from tests.scenario.readings import LEAK_RULE, Talk, messages
from tests.scenario.stage import Stage, lag

__all__ = ["broker", "build"]  # the stage's fixtures

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, build: Build) -> Iterator[Stage]:
    """A city, its cases in a file or on a server."""
    if request.param == "sqlite":
        yield build()
        return
    server: Postgres
    with postgres() as server:
        server.start()
        yield build(cases={"url": server.new_database()})


@pytest.mark.timeout(400)
def test_the_backup_of_a_busy_serve_is_all_there_is(stage: Stage, tmp_path: Path) -> None:
    """What was said before the backup and after the disaster is stored once, each leak of it one alarm and one case;
    of what came in between, what is there is there once."""
    talk, archive = Talk(), tmp_path / "busy.tar.gz"
    before = [*talk.quiet(400), talk.leak(0), talk.leak(1), *talk.quiet(200)]
    with stage.running() as product:
        stage.send(*before)
        product.until(lambda one: one.metric("journal_head") >= len(before), "all of it is in the journal")
        between = talk.quiet(1500)
        stage.said += between
        with busy(stage.fleet, messages(between), group=8, pause_s=0.02):
            done = stage.command("backup", "--to", str(archive), "--json")
            assert done.returncode == 0, done.stderr
            product.kill()
    taken = json.loads(done.stdout)
    assert taken["journal_head"] >= len(before)
    assert stage.command("restore", str(archive), "--yes").returncode == 2, "the folder is full"
    shutil.rmtree(stage.data)

    back = stage.command("restore", str(archive), "--yes", "--json", *_replacing(stage))
    assert back.returncode == 0, back.stderr
    after = [*talk.quiet(100), talk.leak(2), *talk.quiet(100)]
    with stage.running() as product:
        stage.send(*after)
        product.until(lambda one: len(one.alarms(LEAK_RULE)) == len(talk.leaks), "each leak is an alarm")
        kept = {key for one in (*before, *after) for key in one.values}
        product.until(lambda _one: not kept & set(stage.difference()[0]), "all of it is stored")
        product.until(lambda one: not any(lag(one).values()), "both readers have read everything")
        assert stage.difference()[1] == []
        stage._account_of_leaks(product, dict.fromkeys(talk.leaks, 1))


def _replacing(stage: Stage) -> list[str]:
    """On a server the tables outlive the data folder."""
    written = json.loads((stage.folder / "site.yaml").read_text(encoding="utf-8"))
    return ["--replace"] if written["cases"] else []
