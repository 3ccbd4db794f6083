"""The accounts, against the real series store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo.ledger import SETTLED_AFTER_MS, Ledger
from app.demo.wire import Expected, Moment, Outgoing, Sender
from domain.message import RawMessage
from domain.point import Point
from storage.series.embedded import EmbeddedSeries

AT_MS = 1_785_816_000_000
SENDER = Sender(root="longcheng/v1", kind="charger", device_id="cs-001")


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[EmbeddedSeries]:
    store = EmbeddedSeries(tmp_path / "series.db")
    yield store
    store.close()


def said(at_ms: int = AT_MS, ports: tuple[int | None, ...] = (None, 1, 2)) -> Outgoing:
    return SENDER.telemetry(*(Moment(at_ms=at_ms, port=port, metrics={"temp_c": 20.5}) for port in ports))


def journalled(message: Outgoing) -> RawMessage:
    return RawMessage(topic=message.topic, payload=message.payload, qos=1, retain=False, dup=False, received_ms=AT_MS)


def point(expected: Expected) -> Point:
    port = () if expected.port is None else (("port", str(expected.port)),)
    return Point(
        measurement=expected.kind,
        tags=(("device_id", expected.device_id), *port),
        fields=dict.fromkeys(expected.metrics, 20.5),
        at_ms=expected.at_ms,
    )


def keep(stored: EmbeddedSeries, *messages: Outgoing) -> None:
    stored.write([point(expected) for message in messages for expected in message.expected])


def test_all_there(stored: EmbeddedSeries) -> None:
    """Nothing lost, every value counted."""
    ledger, message = Ledger(), said()
    ledger.record(message)
    keep(stored, message)
    balance = ledger.compare([journalled(message)], stored, looks_published=0)
    assert balance.lost == 0
    assert (balance.messages_published, balance.messages_journalled, balance.values_expected) == (1, 1, 3)


def test_a_message_the_journal_lacks_is_missing(stored: EmbeddedSeries) -> None:
    """It is named by its topic."""
    ledger, message = Ledger(), said()
    ledger.record(message)
    keep(stored, message)
    balance = ledger.compare([], stored, looks_published=0)
    assert (balance.messages_missing, balance.values_missing, balance.lost) == (1, 0, 1)
    assert balance.examples == ("a message on longcheng/v1/charger/cs-001/telemetry",)


@pytest.mark.parametrize("lacking", [None, 1, 2])
def test_a_value_the_store_lacks_is_missing(stored: EmbeddedSeries, lacking: int | None) -> None:
    """Be it the cabinet's or a port's, though all of them have the same time."""
    ledger, message = Ledger(), said()
    ledger.record(message)
    stored.write([point(expected) for expected in message.expected if expected.port != lacking])
    balance = ledger.compare([journalled(message)], stored, looks_published=0)
    assert (balance.values_missing, balance.lost) == (1, 1)
    assert balance.examples == (f"cs-001 at {AT_MS}: temp_c of 1",)


def test_what_was_never_acknowledged_is_not_missed(stored: EmbeddedSeries) -> None:
    """Only the broker's word makes it ours to keep."""
    assert Ledger().compare([journalled(said())], stored, looks_published=0).lost == 0


def test_the_same_payload_twice_is_two_messages_and_one_set_of_values(stored: EmbeddedSeries) -> None:
    """The journal must have both; a third copy, redelivered, does no harm."""
    message = said()
    for copies, missing in ((1, 1), (2, 0), (3, 0)):
        ledger = Ledger()
        ledger.record(message)
        ledger.record(message)
        keep(stored, message)
        balance = ledger.compare([journalled(message)] * copies, stored, looks_published=0)
        assert (balance.messages_missing, balance.values_expected, balance.values_missing) == (missing, 3, 0)


def test_the_journal_may_be_quicker_than_the_acknowledgement(stored: EmbeddedSeries) -> None:
    """A record seen before its PUBACK still counts for it, once."""
    ledger, message = Ledger(), said()
    ledger.settle([journalled(message)])
    ledger.record(message)
    ledger.record(message)
    keep(stored, message)
    assert ledger.compare([], stored, looks_published=0).messages_missing == 1


def test_rubbish_is_expected_as_a_dead_letter_only(stored: EmbeddedSeries) -> None:
    """Its message must be journalled, its values need not be stored."""
    ledger = Ledger()
    rubbish = Outgoing(topic=SENDER.topic("telemetry"), payload=b"\x02HELLO", rejects=1)
    ledger.record(rubbish)
    balance = ledger.compare([journalled(rubbish)], stored, looks_published=0)
    assert (balance.lost, balance.values_expected, balance.rejects_expected) == (0, 0, 1)


def test_looks_are_counted_once_however_often_delivered(stored: EmbeddedSeries) -> None:
    """Three acknowledged, two different ones journalled: one is missing."""
    looks = [
        RawMessage(
            topic="longcheng/v1/camera/CZ-0001/sighting",
            payload=payload,
            qos=1,
            retain=False,
            dup=False,
            received_ms=AT_MS,
        )
        for payload in (b"1", b"2", b"2")
    ]
    balance = Ledger().compare(looks, stored, looks_published=3)
    assert (balance.looks_journalled, balance.looks_missing, balance.lost) == (2, 1, 1)


def test_settling_crosses_off_what_is_old_and_there(stored: EmbeddedSeries) -> None:
    """What is stored is forgotten, what is not stays owed, and the counts go on."""
    ledger = Ledger()
    there, lacking, young = said(AT_MS), said(AT_MS + 1), said(AT_MS + 1 + SETTLED_AFTER_MS)
    for message in (there, lacking, young):
        ledger.record(message)
    keep(stored, there, young)
    ledger.settle([journalled(message) for message in (there, lacking, young)], stored)
    assert ledger.waiting == 2
    keep(stored, lacking)
    ledger.settle([], stored)
    assert ledger.waiting == 1
    balance = ledger.compare([], stored, looks_published=0)
    assert (balance.lost, balance.messages_published, balance.values_expected) == (0, 3, 9)
