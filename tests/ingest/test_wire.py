"""Taking the byte stream of a connection apart."""

import socket
from collections.abc import Iterator
from itertools import pairwise
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from domain.message import RawMessage
from ingest.wire import NO_ANSWER, Malformed, Split, Splitter, Wire, answer, packed

NOW_MS = 1_771_700_000_000


class Packet(Struct, frozen=True):
    """A packet as it is on the wire, and the message in it, if it is one that is taken here."""

    data: bytes
    message: RawMessage | None
    mid: int = 0


def length_of(number: int) -> bytes:
    """MQTT's variable byte integer."""
    out = b""
    while True:
        number, byte = divmod(number, 128)
        out += bytes([byte | (128 if number else 0)])
        if not number:
            return out


def packet(head: int, body: bytes) -> bytes:
    """A control packet."""
    return bytes([head]) + length_of(len(body)) + body


def publish(
    topic: str, payload: bytes, *, qos: int, retain: bool, dup: bool, mid: int, properties: bytes | None
) -> Packet:
    """A PUBLISH; `properties` is None in 3.1.1."""
    name = topic.encode()
    body = pack(">H", len(name)) + name + (pack(">H", mid) if qos else b"")
    body += b"" if properties is None else length_of(len(properties)) + properties
    head = 0x30 | dup << 3 | qos << 1 | retain
    taken = RawMessage(topic=topic, payload=payload, qos=qos, retain=retain, dup=dup, received_ms=NOW_MS)
    return Packet(packet(head, body + payload), None if qos == 2 else taken, mid if qos else 0)


def publishes(*, v5: bool) -> st.SearchStrategy[Packet]:
    """Any PUBLISH a broker may send."""
    topics = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
    return st.builds(
        publish,
        topics,
        st.binary(max_size=300),
        qos=st.sampled_from([0, 1, 1, 1, 2]),
        retain=st.booleans(),
        dup=st.booleans(),
        mid=st.integers(1, 65535),
        properties=st.binary(max_size=200) if v5 else st.none(),
    )


others = st.builds(
    lambda kind, body: Packet(packet(kind << 4, body), None),
    st.sampled_from([2, 4, 5, 6, 7, 9, 11, 13, 14]),
    st.binary(max_size=200),
)


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    """The bytes in pieces."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return (data[begin:end] for begin, end in pairwise(edges))


def fed(splitter: Splitter, pieces: Iterator[bytes]) -> Split:
    """Everything that came out."""
    total = Split([], [], bytearray(), 0)
    for piece in pieces:
        split = splitter.feed(piece, NOW_MS)
        total.messages += split.messages
        total.answers += split.answers
        total.others += split.others
        total.size_bytes += split.size_bytes
    return total


@given(st.data(), st.booleans(), st.lists(st.integers(0, 10_000), max_size=20))
def test_however_the_stream_is_cut_the_packets_are_the_same(data: st.DataObject, v5: bool, places: list[int]) -> None:
    """Every message with its answer, in order, and for paho exactly the bytes of all the rest."""
    packets = data.draw(st.lists(publishes(v5=v5) | others, max_size=12))
    stream = b"".join(one.data for one in packets)
    found = fed(Splitter(v5=v5), cut(stream, places))
    taken = [one for one in packets if one.message is not None]
    assert found.messages == [one.message for one in taken]
    assert found.answers == [0x40020000 | one.mid if one.mid else NO_ANSWER for one in taken]
    assert bytes(found.others) == b"".join(one.data for one in packets if one.message is None)
    assert found.size_bytes == len(stream)


@given(st.binary(max_size=400), st.booleans(), st.lists(st.integers(0, 400), max_size=8))
def test_whatever_comes_is_taken_or_malformed(stream: bytes, v5: bool, places: list[int]) -> None:
    """No bytes of a broken broker raise anything else, and never is more given out than came in."""
    try:
        found = fed(Splitter(v5=v5), cut(stream, places))
    except Malformed:
        return
    assert found.size_bytes <= len(stream)
    assert len(found.messages) == len(found.answers)


@pytest.mark.parametrize(
    ("v5", "data"),
    [
        (False, b"\x30\x00"),
        (False, b"\x30\x01\x00"),
        (False, b"\x30\x03\x00\x05a"),
        (False, b"\x30\x02\x00\x00"),
        (False, b"\x32\x03\x00\x01a"),
        (False, b"\x32\x05\x00\x01a\x00\x00"),
        (False, b"\x36\x05\x00\x01a\x00\x01"),
        (True, b"\x32\x05\x00\x01a\x00\x01"),
        (True, b"\x30\x04\x00\x01a\x05"),
        (True, b"\x30\x08\x00\x01a\xff\xff\xff\xff\x01"),
        (False, b"\x20\xff\xff\xff\xff\x01"),
    ],
    ids=[
        "nothing in it",
        "half a length",
        "a topic longer than the packet",
        "no topic",
        "no number",
        "number 0",
        "QoS 3",
        "no properties",
        "properties longer than the packet",
        "properties of endless length",
        "a packet of endless length",
    ],
)
def test_what_no_broker_may_send_ends_it(v5: bool, data: bytes) -> None:
    """It says what was wrong, and does not wait for bytes that will never make sense of it."""
    with pytest.raises(Malformed, match="the broker sent a"):
        Splitter(v5=v5).feed(data + bytes(20), NOW_MS)


def test_a_topic_that_is_no_text_becomes_a_dead_letter_later() -> None:
    """The message is kept, with a topic that nobody has; the connection goes on."""
    [message] = Splitter(v5=False).feed(b"\x30\x05\x00\x02a\xffx", NOW_MS).messages
    assert (message.topic, message.payload) == ("a\N{REPLACEMENT CHARACTER}", b"x")


def test_a_large_message_in_many_pieces_is_put_together_once() -> None:
    """16 MiB in pieces of 1 KiB: linear, where copying all of it each time would take minutes."""
    payload = bytes(16 << 20)
    sent = publish("a/b", payload, qos=1, retain=False, dup=False, mid=7, properties=None).data
    found = fed(Splitter(v5=False), (sent[at : at + 1024] for at in range(0, len(sent), 1024)))
    assert [len(message.payload) for message in found.messages] == [len(payload)]


def test_answers_are_the_packets_of_the_protocol() -> None:
    """PUBACK for QoS 1, PUBCOMP for QoS 2, nothing for QoS 0."""
    assert packed([answer(1, 1), answer(0xABCD, 1), answer(2, 2)]) == bytes.fromhex("40020001 4002abcd 70020002")
    assert answer(0, 0) == NO_ANSWER


def test_what_is_written_goes_out_whole_and_in_order_however_slowly_it_is_read() -> None:
    """The socket takes a part at a time; nothing of one packet ever stands within another."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        wire = Wire(ours, Splitter(v5=True))
        expected = b""
        for number in range(200):
            piece = bytes([number]) * 5000
            assert wire.send(piece) == 5000
            expected += piece
        assert wire.unsent
        read = b""
        while len(read) < len(expected):
            read += theirs.recv(7001)
            wire.flush()
        assert read == expected
        assert not wire.unsent


def test_paho_reads_what_is_for_it_and_then_the_end() -> None:
    """Nothing to read is no end, and the end comes after what came before it."""
    ours, theirs = socket.socketpair()
    with ours:
        ours.setblocking(False)
        wire = Wire(ours, Splitter(v5=True))
        assert wire.receive(NOW_MS) is None
        with pytest.raises(BlockingIOError):
            wire.recv(1)
        with theirs:
            theirs.sendall(b"\xd0\x00\x30\x05\x00\x01a\x00x")
        split = wire.receive(NOW_MS)
        assert split is not None
        assert [message.payload for message in split.messages] == [b"x"]
        assert wire.receive(NOW_MS) is None
        assert wire.for_paho
        assert (wire.recv(1), wire.recv(9), wire.recv(9)) == (b"\xd0", b"\x00", b"")
