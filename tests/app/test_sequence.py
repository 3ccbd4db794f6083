"""Several collectors append to one journal; each device is still judged in its own order."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from app.readers.sequence import Read, arranged
from domain.message import RawMessage, Record
from domain.reading import Reading
from ingest.decoded import Decoded

SETTLE_MS = 100


def read(seq: int, device: str, at_ms: int, received_ms: int) -> Read:
    """A record with one reading."""
    message = RawMessage(topic="", payload=b"", qos=1, retain=False, dup=False, received_ms=received_ms)
    reading = Reading(kind="tree", device_id=device, at_ms=at_ms, received_ms=received_ms, metrics={})
    return Read(Record(seq=seq, message=message), Decoded((reading,)))


def judged(journal: list[Read], heads: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Device, time and seq in the order judged, as the journal grows: `heads` are (how much of it is there, now)."""
    cursor, ahead, order = 0, frozenset[int](), []
    for head, now_ms in heads:
        visible = [one for one in journal[:head] if one.record.seq > cursor]
        stretch = arranged(visible, cursor=cursor, ahead=ahead, now_ms=now_ms, settle_ms=SETTLE_MS)
        order += [(*_who(one), one.record.seq) for one in stretch.reads]
        cursor, ahead = stretch.cursor, stretch.ahead
    return order


def _who(one: Read) -> tuple[str, int]:
    reading = one.decoded.observations[0]
    assert isinstance(reading, Reading)
    return reading.device_id, reading.at_ms


def test_an_overtaken_reading_is_judged_in_its_turn_and_only_once() -> None:
    """The older reading stands beyond the settled part, and is taken ahead of the cursor."""
    journal = [read(1, "a", 2000, 0), read(2, "b", 1, 10), read(3, "a", 1000, 60), read(4, "a", 3000, 150)]
    first = arranged(journal, cursor=0, ahead=frozenset(), now_ms=150, settle_ms=SETTLE_MS)
    assert [one.record.seq for one in first.reads] == [3, 2, 1]
    assert (first.cursor, first.ahead) == (2, frozenset({3}))
    rest = arranged(journal[2:], cursor=2, ahead=first.ahead, now_ms=600, settle_ms=SETTLE_MS)
    assert [one.record.seq for one in rest.reads] == [4]
    assert (rest.cursor, rest.ahead) == (4, frozenset())


def test_nothing_is_judged_before_it_is_settled() -> None:
    """What came just now may yet be overtaken."""
    stretch = arranged([read(1, "a", 1, 100)], cursor=0, ahead=frozenset(), now_ms=199, settle_ms=SETTLE_MS)
    assert (stretch.reads, stretch.cursor) == ((), 0)


@given(st.data())
def test_each_device_is_judged_in_its_order_and_every_message_once(data: st.DataObject) -> None:
    """Messages are dealt to collectors that append up to a settling time late, and read at any moments."""
    count = data.draw(st.integers(1, 60), label="messages")
    sent = []
    for number in range(count):
        at_ms = number * 7
        late_ms = data.draw(st.integers(0, SETTLE_MS // 2), label="late")
        sent.append((at_ms + late_ms, data.draw(st.sampled_from("abc"), label="device"), at_ms))
    appended = sorted(sent)
    journal = [read(seq, device, at_ms, received) for seq, (received, device, at_ms) in enumerate(appended, 1)]
    last_ms = appended[-1][0]
    moments = sorted(data.draw(st.lists(st.integers(0, last_ms), max_size=20), label="moments"))
    heads = [(sum(received <= now for received, _, _ in appended), now) for now in moments]
    order = judged(journal, [*heads, (count, last_ms + SETTLE_MS)])
    assert sorted(seq for _, _, seq in order) == list(range(1, count + 1))
    times: dict[str, list[int]] = defaultdict(list)
    for device, at_ms, _ in order:
        times[device].append(at_ms)
    assert all(found == sorted(found) for found in times.values())
