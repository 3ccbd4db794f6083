"""Sparkplug B: births, deaths, and what is asked for when one is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.message import RejectReason
from domain.reading import DeviceState
from ingest.decoded import Unfit
from storage.births import Births
from tests.fakes import sparkplug as said
from tests.ingest.decoders.sparkplug_line import Line, asked, reasons, states, values
from tests.ingest.site import NOW_MS


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    births = Births(tmp_path / "births.db", "journal")
    yield Line(births)
    births.close()


def test_without_a_birth_nothing_is_made_up_and_a_birth_is_asked_for(line: Line) -> None:
    """An alias nobody explained is set aside; the node is asked, at most once a minute."""
    data = said.payload(said.metric(None, 5.0, alias=3))
    for received_ms, topics in ((NOW_MS, ["spBv1.0/plant/NCMD/edge"]), (NOW_MS + 59_999, []), (NOW_MS + 60_000, None)):
        heard = line.hear("plant/DDATA/edge/tree", data, received_ms=received_ms)
        assert values(heard) == {}
        assert reasons(heard) == [("", "no_birth")]
        assert asked(heard) == (["spBv1.0/plant/NCMD/edge"] if topics is None else topics)
    assert asked(line.hear("plant/DDATA/other/tree", data)) == ["spBv1.0/plant/NCMD/other"]


def test_a_birth_that_does_not_name_the_alias_is_asked_for_again(line: Line) -> None:
    """The known values are kept."""
    line.hear("plant/NBIRTH/edge", said.birth(["a"], 1, seq=0))
    heard = line.hear(
        "plant/NDATA/edge", said.payload(said.metric(None, 5.0, alias=1), said.metric(None, 6.0, alias=2), seq=1)
    )
    assert (values(heard), reasons(heard)) == ({"a": 5.0}, [("alias 2", "no_birth")])
    assert asked(heard)


def test_a_missed_message_is_noticed_and_its_successors_are_kept(line: Line) -> None:
    """Numbers run to 255 and begin again; a birth begins with any number; a gap asks for a birth."""
    line.hear("plant/NBIRTH/edge", said.birth(["a"], 1, seq=254))
    data = said.metric(None, 5.0, alias=1)
    assert not asked(line.hear("plant/NDATA/edge", said.payload(data, seq=255)))
    assert not asked(line.hear("plant/NDATA/edge", said.payload(data, seq=0)))
    heard = line.hear("plant/NDATA/edge", said.payload(data, seq=2))
    assert (values(heard), asked(heard)) == ({"a": 5.0}, ["spBv1.0/plant/NCMD/edge"])
    line.hear("plant/NBIRTH/edge", said.birth(["a"], 1, seq=77))
    line.hear("plant/NDATA/edge", said.payload(data, seq=78), received_ms=NOW_MS + 70_000)
    assert not asked(line.hear("plant/NDATA/edge", said.payload(data, seq=79), received_ms=NOW_MS + 70_000))


def test_a_new_birth_of_the_node_makes_its_devices_unborn(line: Line) -> None:
    """Aliases may mean something else in the new session: until its own birth a device's are not read."""
    line.hear("plant/NBIRTH/edge", said.birth([], 0, bd_seq=1))
    line.hear("plant/DBIRTH/edge/tree", said.birth(["a"], 1))
    line.hear("plant/NBIRTH/edge", said.birth([], 0, bd_seq=2))
    data = said.payload(said.metric(None, 5.0, alias=1))
    assert reasons(line.hear("plant/DDATA/edge/tree", data)) == [("", "no_birth")]
    line.restart()
    assert reasons(line.hear("plant/DDATA/edge/tree", data)) == [("", "no_birth")]
    line.hear("plant/DBIRTH/edge/tree", said.birth(["b"], 1))
    assert values(line.hear("plant/DDATA/edge/tree", data)) == {"b": 5.0}


def test_the_death_of_a_node_is_the_silence_of_its_devices(line: Line) -> None:
    """All that were ever born are gone with it, after a restart too; a last will of an older session says nothing."""
    line.hear("plant/NBIRTH/edge", said.NODE_BIRTH)
    line.hear("plant/DBIRTH/edge/tree", said.DEVICE_BIRTH)
    line.hear("plant/DBIRTH/edge2/other", said.DEVICE_BIRTH)
    line.restart()
    older = said.payload(said.metric("bdSeq", 6, datatype=said.UINT64))
    assert line.hear("plant/NDEATH/edge", older) == []
    gone = {"plant/edge": DeviceState.OFFLINE, "plant/edge/tree": DeviceState.OFFLINE}
    assert states(line.hear("plant/NDEATH/edge", said.NODE_DEATH)) == gone
    assert reasons(line.hear("plant/DDATA/edge/tree", said.DEVICE_DATA)) == [("", "no_birth")]
    assert states(line.hear("plant/NDEATH/edge", b"")) == gone


def test_the_death_of_a_device_is_its_own(line: Line) -> None:
    """The node goes on; the device's aliases end."""
    line.hear("plant/NBIRTH/edge", said.NODE_BIRTH)
    line.hear("plant/DBIRTH/edge/tree", said.DEVICE_BIRTH)
    assert states(line.hear("plant/DDEATH/edge/tree", said.payload(seq=2))) == {
        "plant/edge": DeviceState.ONLINE,
        "plant/edge/tree": DeviceState.OFFLINE,
    }
    assert reasons(line.hear("plant/DDATA/edge/tree", said.DEVICE_DATA)) == [("", "no_birth")]


def test_history_alone_is_still_a_sign_of_life(line: Line) -> None:
    """A device that sends what it had stored is there, though none of it is news."""
    heard = line.hear("plant/NDATA/edge", said.payload(said.metric("a", 1.0, at_ms=5, historical=True)))
    assert states(heard) == {"plant/edge": DeviceState.ONLINE}
    assert [moment.past for one in heard for moment in one.moments] == [True]


def test_a_replayed_message_changes_nothing_that_holds_now(line: Line) -> None:
    """A dead letter of an hour ago: values that name themselves are taken, births and deaths are over."""
    line.hear("plant/NBIRTH/edge", said.birth(["now"], 1, seq=5))
    an_hour_ago_ms = NOW_MS - 3_600_000
    old = said.birth(["then"], 1, seq=9)
    (heard,) = line.hear("plant/NBIRTH/edge", old, received_ms=an_hour_ago_ms)
    assert (values([heard]), heard.state) == ({"then": 0.0}, None)
    assert line.hear("plant/NDEATH/edge", b"", received_ms=an_hour_ago_ms) == []
    data = said.payload(said.metric(None, 5.0, alias=1), said.metric("named", 6.0))
    heard_then = line.hear("plant/NDATA/edge", data, received_ms=an_hour_ago_ms)
    assert (values(heard_then), reasons(heard_then)) == ({"named": 6.0}, [("", "no_birth")])
    assert not asked(heard_then)
    for _ in ("as it is", "after a restart"):
        heard_now = line.hear("plant/NDATA/edge", said.payload(said.metric(None, 5.0, alias=1), seq=6))
        assert (values(heard_now), asked(heard_now)) == ({"now": 5.0}, [])
        line.restart()


def test_what_came_just_before_the_birth_that_was_asked_for_can_be_replayed(line: Line) -> None:
    """It is of the same session: the birth came because of it."""
    line.hear("plant/NBIRTH/edge", said.birth(["a"], 1))
    data = said.payload(said.metric(None, 5.0, alias=1))
    assert values(line.hear("plant/NDATA/edge", data, received_ms=NOW_MS - 5000)) == {"a": 5.0}


@pytest.mark.parametrize("at", [0, 12, 20, -3])
def test_damaged_births_are_asked_for_again(line: Line, at: int) -> None:
    """A birth that is not what was put is none: a flipped letter must not rename a metric."""
    line.hear("plant/NBIRTH/edge", said.birth(["tilt", "soil"], 1))
    seq, kept = line.births.latest("plant/edge", 1) or (0, b"")
    damaged = bytearray(kept)
    damaged[at] ^= 1
    line.births.put("plant/edge", seq, bytes(damaged))
    line.restart()
    heard = line.hear("plant/NDATA/edge", said.payload(said.metric(None, 5.0, alias=1)))
    assert reasons(heard) == [("", "no_birth")]
    assert asked(heard)


def test_what_a_broker_kept_is_no_birth(line: Line) -> None:
    """A retained birth may be of a session long gone: its values are told, its aliases are not used."""
    assert values(line.hear("plant/NBIRTH/edge", said.NODE_BIRTH, retain=True)) == {"Radio/rssi": -67}
    data = said.payload(said.metric(None, 5, alias=1))
    assert reasons(line.hear("plant/NDATA/edge", data)) == [("", "no_birth")]
    for word in ("NDATA/edge", "NDEATH/edge", "DDATA/edge/tree", "DDEATH/edge/tree"):
        with pytest.raises(Unfit) as unfit:
            line.hear(f"plant/{word}", data, retain=True)
        assert unfit.value.reason is RejectReason.RETAINED
