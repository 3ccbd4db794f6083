"""The demo's accounts on the product's own files: what was acknowledged and is not there is counted as lost."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from app.demo.accounts import Accounts
from app.demo.ledger import Ledger
from app.demo.wire import Moment, Outgoing, Sender
from app.desk.letters import LettersAtHand
from app.readers.rules_reader import RULES
from app.readers.series_writer import SERIES
from app.replay import replay
from domain.ladder import LadderStep
from domain.message import RawMessage
from storage.journal import Journal
from storage.series.embedded import EmbeddedSeries
from tests.app.line import NOON_MS, Line, starter
from tests.contract.case_store.samples import ALARM, LADDER

STATION = Sender(root="longcheng/v1", kind="charger", device_id="cs-001")
RUBBISH = Outgoing(topic=STATION.topic("telemetry"), payload=b"\x02HELLO;OK", rejects=1)
UNWATCHED = msgspec.json.encode({"looks": 0, "sightings": 0, "published": 0}).decode()
WATCHED = msgspec.json.encode({"looks": 1, "sightings": 1, "published": 1}).decode()


def said(number: int) -> Outgoing:
    """One value of one port."""
    return STATION.telemetry(Moment(at_ms=NOON_MS + number, port=3, metrics={"temp_c": 20.5}))


def raw(outgoing: Outgoing) -> RawMessage:
    """As the collector would journal it."""
    return RawMessage(
        topic=outgoing.topic, payload=outgoing.payload, qos=1, retain=False, dup=False, received_ms=NOON_MS
    )


@dataclass
class Product:
    """Stands for `serve`: it journals and stores what it is given."""

    line: Line
    series: EmbeddedSeries

    def take(self, *messages: RawMessage, store: bool = True) -> None:
        """Journal them, and let both readers take a step if wanted."""
        self.line.journal.append(messages)
        self.line.reader().step()
        if store:
            self.line.writer(self.series).step()


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """The files of a product that has not heard anything yet."""
    line = Line(starter(tmp_path))
    series = EmbeddedSeries(tmp_path / "series.db")
    yield Product(line, series)
    series.close()
    line.close()


def test_what_arrived_and_is_stored_is_not_lost(product: Product) -> None:
    """The summary's figures are those of the product's own stores."""
    ledger = Ledger()
    accounts = Accounts(product.line.site, ledger)
    for message in (said(0), said(1)):
        ledger.record(message)
        product.take(raw(message))
    product.take(_look("look-1"))

    summary = accounts.balance(WATCHED, 0)

    assert (summary.lost, summary.lost_examples) == (0, ())
    assert (summary.messages, summary.readings_stored) == (3, 4)  # a look leaves `healthy` and `objects`
    assert (summary.looks, summary.sightings) == (1, 1)


def test_whether_any_find_waits_for_a_person(product: Product) -> None:
    """As the review has it."""
    accounts = Accounts(product.line.site, Ledger())
    assert not accounts.finds_wait()
    with product.line.store.transaction() as tx:
        tx.add_ladder(replace(LADDER, alarm_id=tx.add_alarm(ALARM).id, step=LadderStep.CONFIRM))
    assert accounts.finds_wait()
    accounts.balance(UNWATCHED, 0)


@pytest.mark.parametrize(
    ("journalled", "stored", "lost"),
    [
        pytest.param(True, True, 0, id="all-there"),
        pytest.param(True, False, 2, id="journalled-and-never-stored"),
        pytest.param(False, False, 2, id="never-arrived"),
    ],
)
def test_what_was_acknowledged_and_is_missing_is_lost(
    product: Product, journalled: bool, stored: bool, lost: int
) -> None:
    """A message that never came is lost, and so is its value; a record that no store has taken counts as well."""
    ledger = Ledger()
    accounts = Accounts(product.line.site, ledger)
    ledger.record(said(0))
    if journalled:
        product.take(raw(said(0)), store=stored)

    summary = accounts.balance(UNWATCHED, 0)

    assert summary.lost == lost
    assert bool(summary.lost_examples) == bool(lost)


def test_a_look_that_was_published_and_never_came_is_lost(product: Product) -> None:
    """The vision worker counts what the broker acknowledged to it, and what it saw before that."""
    accounts = Accounts(product.line.site, Ledger())
    product.take(_look("look-1"))

    summary = accounts.balance(msgspec.json.encode({"looks": 4, "sightings": 0, "published": 3}).decode(), 0)

    assert summary.lost == 2 + 1
    assert "1 looks that never reached the broker" in summary.lost_examples


@pytest.mark.parametrize("watched", ["", "Traceback (most recent call last):"])
def test_a_vision_worker_that_says_nothing_is_not_taken_for_a_well_one(product: Product, watched: str) -> None:
    """Without its figures nobody can say that nothing was lost."""
    accounts = Accounts(product.line.site, Ledger())

    assert accounts.balance(watched, 0).lost == 1


def test_the_journal_forgets_nothing_that_is_not_accounted_for(product: Product) -> None:
    """The accounts are a reader like the others: pruning waits for them."""
    ledger = Ledger()
    accounts = Accounts(product.line.site, ledger)
    journal: Journal = product.line.journal
    ledger.record(said(0))
    product.take(raw(said(0)))
    journal.cursor(RULES)
    journal.cursor(SERIES)

    before = journal.prune(keep=0)
    accounts.settle()
    after = journal.prune(keep=0)

    assert (before, after) == (0, 1)
    assert ledger.missing_messages == 0
    accounts.balance(UNWATCHED, 0)
    assert set(journal.status().cursors) == {RULES, SERIES}


def test_what_was_there_before_the_demo_is_not_its_business(product: Product) -> None:
    """With `--data` an earlier run's messages lie in the same journal."""
    product.take(raw(said(0)))
    ledger = Ledger()
    accounts = Accounts(product.line.site, ledger)
    ledger.record(said(0))

    accounts.settle()

    assert ledger.missing_messages == 1
    accounts.balance(WATCHED, 0)


def test_dead_letters_that_people_dealt_with_are_not_lost(product: Product) -> None:
    """Mended, replayed or purged: who tries every button hears of it, and not of a loss."""
    letters, ledger = product.line.deadletters, Ledger()
    _set_aside(product, RUBBISH)
    letters.purge()  # before the demo began: none of its business
    accounts = Accounts(product.line.site, ledger)
    for number in range(4):
        ledger.record(RUBBISH)
        _set_aside(product, RUBBISH, at_ms=NOON_MS + number)
    mended, replayed, purged, _ = letters.ids()
    at_hand = LettersAtHand(
        site=product.line.site,
        deadletters=letters,
        journal=product.line.journal,
        store=product.line.store,
        clock=product.line.clock,
    )
    at_hand.mend(mended, said(0).topic, said(0).payload, who="李姐", why="the installer's greeting")
    replay([replayed], deadletters=letters, journal=product.line.journal, trial=None)
    letters.remove([purged])
    product.take()

    summary = accounts.balance(UNWATCHED, 0)

    assert (summary.lost, summary.lost_examples) == (0, ())
    assert summary.dead_letters_settled == {"mended": 1, "replayed": 1, "purged": 1}


def test_rubbish_that_never_came_to_be_a_dead_letter_is_lost_whatever_people_did(product: Product) -> None:
    """Two that were sent, one of them set aside and purged: the other is still looked for."""
    ledger = Ledger()
    accounts = Accounts(product.line.site, ledger)
    ledger.record(RUBBISH)
    ledger.record(RUBBISH)
    _set_aside(product, RUBBISH)
    product.take(raw(said(0)))
    product.line.deadletters.purge()

    summary = accounts.balance(UNWATCHED, 0)

    assert "1 dead letters of what was rubbish" in summary.lost_examples
    assert summary.dead_letters_settled == {"purged": 1}


def _set_aside(product: Product, rubbish: Outgoing, at_ms: int = NOON_MS) -> None:
    product.take(replace(raw(rubbish), received_ms=at_ms))


def _look(look_id: str) -> RawMessage:
    payload = {"look_id": look_id, "taken_at": NOON_MS, "view": "healthy", "zones": []}
    return RawMessage(
        topic="longcheng/v1/camera/cam-001/sighting",
        payload=msgspec.json.encode(payload),
        qos=1,
        retain=False,
        dup=False,
        received_ms=NOON_MS,
    )
