"""A replay of values whose birth was not known when they came: by the births that are kept now, or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as altered

from app.replay import replay, trial_of
from config.load import Site
from config.schema import Feed, Ingest
from console.desk.letters import Replayed
from domain.message import RawMessage, RejectReason
from domain.reading import Reading
from ingest.decode import Decoder
from storage.births import Births
from tests.app.line import NOON_MS, Line, starter
from tests.fakes import sparkplug as said

BIRTHS = [("NBIRTH/edge", said.birth([], 0, bd_seq=1)), ("DBIRTH/edge/tree-001", said.birth(["tilt_deg"], 7))]
DATA = "DDATA/edge/tree-001", said.payload(said.metric(None, 1.5, alias=7))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The starter site, whose tree speaks Sparkplug."""
    plain = starter(tmp_path)
    tree = altered(plain.devices["tree-001"], address="plant/edge/tree-001")
    ingest = Ingest(feeds={"plant": Feed(format="sparkplug")})
    return replace(
        plain,
        settings=plain.settings.model_copy(update={"ingest": ingest}),
        devices={**plain.devices, "tree-001": tree},
    )


def put_through(line: Line, *messages: tuple[str, bytes], at_ms: int) -> Sequence[object]:
    """They come in at that time and are read with the births that are kept; what can't be is a letter."""
    line.journal.append([_message(*one, at_ms) for one in messages])
    return _read_on(line, line.journal.head() - len(messages))


def _read_on(line: Line, after: int) -> Sequence[object]:
    births = Births(line.folder / "births.db", line.journal.identity)
    decoder, found = Decoder(line.site, births), []
    for record in line.journal.read(after, 100):
        decoded = decoder.decode(record.message, record.seq)
        found += [one for one in decoded.observations if isinstance(one, Reading)]
        if decoded.rejects:
            line.deadletters.add(record, decoded.rejects, decoder=decoder.version)
    births.close()
    return found


def _message(word: str, payload: bytes, at_ms: int) -> RawMessage:
    topic = f"spBv1.0/plant/{word}"
    return RawMessage(topic=topic, payload=payload, qos=0, retain=False, dup=False, received_ms=at_ms)


def run(line: Line) -> Replayed:
    """Every letter."""
    trial = trial_of(line.site)
    return replay(line.deadletters.ids(), deadletters=line.deadletters, journal=line.journal, trial=trial)


@pytest.fixture
def line(site: Site) -> Iterator[Line]:
    """A line with that site."""
    opened = Line(site)
    yield opened
    opened.close()


def test_values_of_before_the_birth_stay_where_they_are(line: Line) -> None:
    """Their aliases may have meant something else; they are not put in again and again, only to come back."""
    put_through(line, DATA, at_ms=NOON_MS)
    put_through(line, *BIRTHS, at_ms=NOON_MS + 600_000)
    before, head = line.deadletters.list(), line.journal.head()

    assert [letter.reason for letter in before] == [RejectReason.NO_BIRTH]
    assert run(line) == Replayed(messages=1, replayed=0, letters=0, still_refused=1)
    assert (line.deadletters.list(), line.journal.head()) == (before, head)


def test_values_that_the_kept_birth_explains_come_in(line: Line) -> None:
    """The birth came a moment later, as it was asked for; a trial changes nothing that is kept."""
    put_through(line, DATA, at_ms=NOON_MS)
    put_through(line, *BIRTHS, at_ms=NOON_MS + 2000)
    head = line.journal.head()
    births = (line.folder / "births.db").read_bytes()

    assert run(line) == Replayed(messages=1, replayed=1, letters=1, still_refused=0)
    assert (line.folder / "births.db").read_bytes() == births
    (reading,) = _read_on(line, head)
    assert isinstance(reading, Reading)
    assert (reading.device_id, reading.metrics) == ("tree-001", {"tilt_deg": 1.5})
    assert line.deadletters.count() == 0


def test_without_births_they_stay(line: Line) -> None:
    """No file of births is made for having looked for one; nor does a damaged one do harm."""
    line.journal.append([_message(*DATA, NOON_MS)])
    (record,) = line.journal.read(0, 1)
    line.deadletters.add(record, Decoder(line.site).decode(record.message, 1).rejects, decoder="1")
    file = line.folder / "births.db"

    assert run(line).still_refused == 1
    assert not file.exists()
    file.write_bytes(b"rubbish" * 1000)
    assert run(line).still_refused == 1
