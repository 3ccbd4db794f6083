"""Sparkplug B: whatever comes, in whatever order, and read again from wherever."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from config.schema import Feed
from domain.message import RawMessage
from domain.reading import DeviceState
from ingest.births import NoBirths
from ingest.decoded import Unfit
from ingest.decoders.sparkplug import Sparkplug
from ingest.moment import Heard
from storage.births import Births
from tests.fakes import sparkplug as said
from tests.ingest.site import NOW_MS

FEED = Feed(format="sparkplug")
ZONE = ZoneInfo("Asia/Shanghai")
RECORDED = (said.NODE_BIRTH, said.DEVICE_BIRTH, said.DEVICE_DATA, said.NODE_DATA, said.NODE_DEATH, said.REBIRTH)
TOPICS = ("g/NBIRTH/n", "g/NDATA/n", "g/NDEATH/n", "g/DBIRTH/n/d", "g/DDATA/n/d", "g/DDEATH/n/d")
NAMES = ("a", "b", "c")


@contextmanager
def fresh_births() -> Iterator[Births]:
    with tempfile.TemporaryDirectory() as folder:
        births = Births(Path(folder) / "births.db", "journal")
        yield births
        births.close()


def message(topic: str, payload: bytes) -> RawMessage:
    return RawMessage(topic=f"spBv1.0/{topic}", payload=payload, qos=0, retain=False, dup=False, received_ms=NOW_MS)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good payload with a few bytes changed, and perhaps an end that is missing."""
    payload = bytearray(draw(st.sampled_from(RECORDED)))
    for _ in range(draw(st.integers(0, 4))):
        payload[draw(st.integers(0, len(payload) - 1))] = draw(st.integers(0, 255))
    return bytes(payload[: draw(st.integers(0, len(payload)))])


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(TOPICS), st.binary(max_size=60) | mutated()), max_size=6))
def test_any_bytes_are_values_or_a_named_reason(stream: Sequence[tuple[str, bytes]]) -> None:
    """Nothing but Unfit is ever raised, whatever came before; every value is one that a store can hold or refuse."""
    decoder = Sparkplug(FEED, ZONE, NoBirths())
    reasons: list[str] = []
    for seq, (topic, payload) in enumerate(stream, 1):
        try:
            heard = decoder.decode(message(topic, payload), seq)
        except Unfit as unfit:
            reasons.append(unfit.detail)
            continue
        for one in heard:
            reasons += [reject.detail for reject in one.rejects]
            for moment in one.moments:
                assert moment.values
                assert all(type(value) in (int, float, bool, str) for value in moment.values.values())
    assert all(reasons)


class Step(Struct, frozen=True):
    """One message of the play: its topic, its payload, and what of it must be understood."""

    topic: str
    payload: bytes


_names = st.permutations(NAMES).map(tuple)
_aliases = st.integers(1, 3)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Births with aliases in any order from anywhere, data of three aliases, deaths of this session or another."""
    match draw(st.sampled_from(("NBIRTH", "DBIRTH", "DBIRTH", "NDATA", "DDATA", "DDATA", "NDEATH", "DDEATH"))):
        case "NBIRTH":
            payload = said.birth(draw(_names), draw(_aliases), bd_seq=draw(st.integers(1, 2)))
            return Step("g/NBIRTH/n", payload)
        case "DBIRTH":
            return Step(f"g/DBIRTH/n/{draw(st.sampled_from('de'))}", said.birth(draw(_names), draw(_aliases)))
        case "NDEATH":
            bd_seq = draw(st.sampled_from((None, 1, 2)))
            known = [] if bd_seq is None else [said.metric("bdSeq", bd_seq, datatype=said.UINT64)]
            return Step("g/NDEATH/n", said.payload(*known))
        case "DDEATH":
            return Step(f"g/DDEATH/n/{draw(st.sampled_from('de'))}", b"")
        case word:
            data = said.payload(*(said.metric(None, float(alias), alias=alias) for alias in range(1, 6)))
            return Step("g/NDATA/n" if word == "NDATA" else f"g/DDATA/n/{draw(st.sampled_from('de'))}", data)


def heard_of(decoder: Sparkplug, step: Step, seq: int) -> list[Heard]:
    """What is understood; requests to be born again depend on when one was last sent, and are left out."""
    return [replace(one, replies=()) for one in decoder.decode(message(step.topic, step.payload), seq)]


@settings(max_examples=60)
@given(st.lists(steps(), max_size=25), st.data())
def test_read_again_from_anywhere_it_says_the_same(play: Sequence[Step], data: st.DataObject) -> None:
    """New processes, readers that go back, and a second reader of the same births: all hear what the first heard."""
    with fresh_births() as births:
        first = Sparkplug(FEED, ZONE, births)
        expected = [heard_of(first, step, seq) for seq, step in enumerate(play, 1)]
        at, jumps = 0, 3
        again = Sparkplug(FEED, ZONE, births)
        while at < len(play):
            assert heard_of(again, play[at], at + 1) == expected[at], (at, play[at])
            at += 1
            if jumps and at < len(play) and data.draw(st.booleans(), label=f"jump after {at}"):
                jumps -= 1
                at = data.draw(st.integers(0, at), label="to")
                if data.draw(st.booleans(), label="in a new process"):
                    again = Sparkplug(FEED, ZONE, births)


@settings(max_examples=60)
@given(st.lists(steps(), max_size=25), st.sets(st.integers(0, 24)))
def test_a_restart_at_any_point_changes_nothing(play: Sequence[Step], restarts: set[int]) -> None:
    """With its births kept, a process that begins anew between any two messages hears what the old one would have."""
    with fresh_births() as kept, fresh_births() as other:
        steady, restarted = Sparkplug(FEED, ZONE, kept), Sparkplug(FEED, ZONE, other)
        for index, step in enumerate(play):
            if index in restarts:
                restarted = Sparkplug(FEED, ZONE, other)
            assert heard_of(restarted, step, index + 1) == heard_of(steady, step, index + 1)


@settings(max_examples=100)
@given(st.lists(steps(), max_size=25))
def test_aliases_are_read_by_the_birth_of_this_session_or_not_at_all(play: Sequence[Step]) -> None:
    """A plain model of births and deaths: what it knows is understood, and nothing else."""
    known: dict[str, dict[int, str]] = {}
    session: int | None = None
    with fresh_births() as births:
        decoder = Sparkplug(FEED, ZONE, births)
        for seq, step in enumerate(play, 1):
            word, who = step.topic.split("/")[1], step.topic.partition("/n")[2]
            heard = heard_of(decoder, step, seq)
            payload = _spoken(step)
            if word == "NDEATH":
                stale = "" in known and None not in (session, payload.get("bdSeq")) and session != payload["bdSeq"]
                assert (heard == []) == stale
                assert all(one.state is DeviceState.OFFLINE for one in heard)
                known = known if stale else {}
            elif word == "DDEATH":
                known.pop(who, None)
            elif word.endswith("BIRTH"):
                known = {} if word == "NBIRTH" else known
                session = payload.get("bdSeq", session) if word == "NBIRTH" else session
                known[who] = {alias: name for name, alias in payload.items() if name != "bdSeq"}
            else:
                names = known.get(who, {})
                wanted = {names[alias]: float(alias) for alias in range(1, 6) if alias in names}
                assert {name: v for one in heard for m in one.moments for name, v in m.values.items()} == wanted


def _spoken(step: Step) -> dict[str, int]:
    """Aliases by name of a birth, and its bdSeq, read by hand from how `said.birth` writes them."""
    out: dict[str, int] = {}
    for name in NAMES:
        at = step.payload.find(said.field(1, name.encode()) + b"\x10")
        if at >= 0:
            out[name] = step.payload[at + 4]
    at = step.payload.find(b"bdSeq")
    if at >= 0:
        out["bdSeq"] = step.payload[step.payload.find(b"\x58", at) + 1]
    return out
