"""`longcheng ladder …` over a real book."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from cases.book import Book
from cases.replies import Replies
from config.load import Site, load_site
from domain.clock import SystemClock
from domain.errors import OrderRefused
from domain.finding import Change
from domain.ladder import ReplyKind
from storage.case_opening import open_cases
from storage.case_store import CaseStore
from tests.cases.city import bikes, make_site

WHO = ("--who", "王工")
WHY = ("--why", "现场看过")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Where one wrong find of one is too many."""
    make_site(tmp_path)
    file = tmp_path / "site.yaml"
    own = "ladder: {quiet_hours: null, precision_finds: 1}"
    file.write_text(file.read_text("utf-8").replace("ladder: {quiet_hours: null}", own), "utf-8")
    return load_site(str(tmp_path), {})


@pytest.fixture
def store(site: Site) -> Iterator[CaseStore]:
    """Its book, with a find in front of the first shop, which was told and contests it."""
    site.settings.data_dir.mkdir(parents=True)
    store, now_ms = open_cases(site.settings), SystemClock().now_ms()
    with store.transaction() as tx:
        Book(site).record(tx, [bikes(Change.RAISED, now_ms)], now_ms)
        (reminder,) = tx.reminders(1)
    store.mark_sent(reminder.id, now_ms)
    with store.transaction() as tx:
        Replies(site).say(tx, 1, ReplyKind.CONTEST, words="是邮局的车", now_ms=now_ms)
    yield store
    store.close()


def run(site: Site, *args: str) -> str:
    """What it prints; what it refuses is raised."""
    result = CliRunner().invoke(cli, ["ladder", *args, "--site", str(site.folder)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_the_ladders_that_run_are_listed(site: Site, store: CaseStore) -> None:
    """With the number that the other commands take, and where each stands."""
    (ladder,) = store.ladders(open_only=True, limit=9)
    assert ladder.id == 1
    said = run(site, "list")

    assert "contested" in said
    assert ladder.matter in said
    (item,) = as_json(site, "list")["items"]
    assert item["id"] == 1


@pytest.mark.parametrize(("why", "problem"), [("x" * 1001, "why has 1001 characters"), ("a\x1bb", r"U\+001B")])
def test_words_are_of_a_length_and_have_no_control_characters(
    site: Site, store: CaseStore, why: str, problem: str
) -> None:
    """A store may refuse them, and a terminal obeys them; nothing is decided then."""
    with pytest.raises(OrderRefused, match=problem):
        run(site, "decide", "1", "--upheld", *WHO, "--why", why)
    (contest,) = store.replies(undecided_only=True, limit=2)
    assert contest.decided_ms is None


def as_json(site: Site, *args: str) -> dict[str, Any]:
    """Its last line."""
    out: dict[str, Any] = json.loads(run(site, *args, "--json").splitlines()[-1])
    return out


def test_a_contest_is_shown_and_decided_and_costs_the_matter_its_right(site: Site, store: CaseStore) -> None:
    """From the shop's words to a find that waits for a person, and back again."""
    assert "是邮局的车" in run(site, "contests")
    assert "the shop is right" in run(site, "decide", "1", "--upheld", *WHO, *WHY)
    assert "no contest waits" in run(site, "contests")
    assert as_json(site, "contests", "--all")["items"][0]["upheld"] is True
    assert "by a person" in run(site, "rights")
    (right,) = as_json(site, "rights")["items"]
    assert (right["matter"], right["precision"], right["n"], right["needs_person"]) == ("09010", 0.0, 1, True)

    now_ms = SystemClock().now_ms()
    with store.transaction() as tx:
        Book(site).record(tx, [bikes(Change.RAISED, now_ms, zone="door-2")], now_ms)
    assert "隆兴文具店" in run(site, "waiting")
    (waits,) = as_json(site, "waiting")["items"]
    assert "notice_1" in run(site, "confirm", str(waits["id"]), *WHO)
    assert "nothing waits" in run(site, "waiting")

    assert "lead to notices again" in run(site, "restore", "09010", *WHO, *WHY)
    assert as_json(site, "rights")["items"][0]["needs_person"] is False


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("decide", "1", *WHO, *WHY), "--upheld"),
        (("decide", "7", "--rejected", *WHO, *WHY), "no contest 7"),
        (("confirm", "1", *WHO), "does not wait for a person: it is notice_1"),
        (("reject", "9", *WHO, *WHY), "no episode 9"),
        (("restore", "09010", *WHO, *WHY), "has its right"),
        (("restore", "12345", *WHO, *WHY), "no matter '12345'"),
    ],
)
def test_what_cannot_be_is_refused(site: Site, args: tuple[str, ...], said: str) -> None:
    """And says why."""
    with pytest.raises(OrderRefused, match=said):
        run(site, *args)
