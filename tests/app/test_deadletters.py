"""A replay brings in what was refused, once, as it came, and leaves alone what would be refused again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as altered

from app.replay import replay, trial_of
from config.load import Site
from config.schema import Metric
from console.desk.letters import Replayed
from domain.errors import JournalFull
from domain.message import RawMessage, Record, Reject, RejectReason
from domain.presence import DevicePresence
from domain.reading import DeviceState
from storage.journal import Journal
from storage.series.embedded import EmbeddedSeries
from tests.app.line import LEAK_MA, LEAK_RULE, NOON_MS, QUIET_MA, STATION, Line, message, residual, starter

NEW_STATION = STATION.replace("cs-001", "cs-002")
SWIPES = Metric(type="int", unit="", min=0, max=1000, zh="刷卡次数", en="swipes")
Opener = Callable[[Site], Line]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The starter site: it knows neither the station cs-002 nor swipes."""
    return starter(tmp_path)


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens a line of the same files again, as after a start with another configuration."""
    lines: list[Line] = []

    def make(site: Site) -> Line:
        lines.append(Line(site))
        return lines[-1]

    yield make
    for line in lines:
        line.close()


def with_station(site: Site) -> Site:
    """The site with cs-002 on its books."""
    station = altered(site.devices["cs-001"], device_id="cs-002", address="cs-002")
    return replace(site, devices={**site.devices, "cs-002": station})


def with_swipes(site: Site) -> Site:
    """The site with a metric that stations may send."""
    return replace(site, metrics={**site.metrics, "swipe_count": SWIPES})


def of_new_station(count: int) -> list[RawMessage]:
    """So many readings of the station nobody has registered, a second apart."""
    return [altered(residual(n, NOON_MS + n * 1000), topic=NEW_STATION) for n in range(1, count + 1)]


def says(state: DeviceState, at_ms: int) -> RawMessage:
    """A reading of the new station; or the broker's word that it is gone."""
    if state is DeviceState.ONLINE:
        return altered(residual(QUIET_MA, at_ms), topic=NEW_STATION)
    return message(b'{"state": "offline"}', at_ms, topic=NEW_STATION.replace("telemetry", "status"))


def put_through(line: Line, messages: Sequence[RawMessage]) -> None:
    """The messages come in, and the rules take them all."""
    line.journal.append(messages)
    reader = line.reader()
    while reader.cursor < line.journal.head():
        reader.step()


def run(line: Line, *, force: bool = False, dry_run: bool = False) -> Replayed:
    """Every letter, by the site as it is now."""
    return replay(
        line.deadletters.ids(),
        deadletters=line.deadletters,
        journal=line.journal,
        trial=None if force else trial_of(line.site),
        dry_run=dry_run,
    )


def stored(line: Line, device_id: str) -> list[tuple[int, object]]:
    """What leaked at the station, after the series writer has taken all there is."""
    series = EmbeddedSeries(line.folder / "series.db")
    writer = line.writer(series)
    while writer.cursor < line.journal.head():
        writer.step()
    found = series.range("charger", "residual_ma", {"device_id": device_id}, 0, NOON_MS * 2)
    series.close()
    return list(found)


def test_a_device_registered_later_gets_its_readings(site: Site, opened: Opener) -> None:
    """All of them, under their own times, with not a byte of their messages changed; and the letters are gone."""
    sent = of_new_station(450)
    put_through(opened(site), sent)
    line = opened(with_station(site))
    before = line.journal.head()

    assert run(line) == Replayed(messages=450, replayed=450, letters=450, still_refused=0)
    assert [record.message for record in line.journal.read(before, 1000)] == sent
    put_through(line, [])
    assert line.deadletters.count() == 0
    assert stored(line, "cs-002") == [(NOON_MS + n * 1000, float(n)) for n in range(1, 451)]


@pytest.mark.parametrize(
    ("refused", "then"), [(DeviceState.ONLINE, DeviceState.OFFLINE), (DeviceState.OFFLINE, DeviceState.ONLINE)]
)
def test_an_old_word_turns_no_state_back(site: Site, opened: Opener, refused: DeviceState, then: DeviceState) -> None:
    """What was said since counts, also after a start: a device that is gone stays gone, one that speaks stays."""
    put_through(opened(site), [says(refused, NOON_MS)])
    line = opened(with_station(site))
    put_through(line, [says(then, NOON_MS + 60_000)])

    assert run(line).replayed == 1
    put_through(line, [])
    kept = [one for one in line.store.presence() if isinstance(one, DevicePresence) and one.device_id == "cs-002"]
    assert [one.state for one in kept] == [then]


def test_what_is_not_mended_stays_where_it_is(site: Site, opened: Opener) -> None:
    """Nothing is written, nothing removed, and each message is counted once however many letters it has."""
    line = opened(site)
    put_through(line, [residual(QUIET_MA, foo_1=1, foo_2=2), message(b"rubbish"), *of_new_station(250)])
    before, head = line.deadletters.list(limit=1000), line.journal.head()

    assert run(line) == Replayed(messages=252, replayed=0, letters=0, still_refused=252)
    assert (line.deadletters.list(limit=1000), line.journal.head()) == (before, head)


def test_forced_it_comes_back_as_a_new_letter(site: Site, opened: Opener) -> None:
    """With its new place in the journal and the decoder that refused it now."""
    put_through(opened(site), of_new_station(1))
    line = opened(with_swipes(site))

    assert run(line, force=True) == Replayed(messages=1, replayed=1, letters=1, still_refused=0)
    assert line.deadletters.count() == 0
    put_through(line, [])
    (letter,) = line.deadletters.list()
    assert (letter.seq, letter.reason, letter.decoder) == (2, RejectReason.UNKNOWN_DEVICE, line.decoder.version)
    assert letter.received_ms == NOON_MS + 1000


def test_half_mended_is_half_refused(site: Site, opened: Opener) -> None:
    """Whatever letter of it is named, the whole message goes through again, and only what is still wrong comes back."""
    put_through(opened(site), [residual(QUIET_MA, swipe_count=3, foo=1)])
    line = opened(with_swipes(site))
    (named, _) = line.deadletters.ids()
    done = replay([named], deadletters=line.deadletters, journal=line.journal, trial=trial_of(line.site))

    assert done == Replayed(messages=1, replayed=1, letters=2, still_refused=0)
    put_through(line, [])
    assert [(letter.seq, letter.part) for letter in line.deadletters.list()] == [(2, "foo")]


def test_a_dry_run_only_counts(site: Site, opened: Opener) -> None:
    """The same figures, and everything as it was."""
    put_through(opened(site), [*of_new_station(3), message(b"rubbish")])
    line = opened(with_station(site))

    assert run(line, dry_run=True) == Replayed(messages=4, replayed=3, letters=3, still_refused=1, dry_run=True)
    assert (line.deadletters.count(), line.journal.head()) == (4, 4)


def test_an_alarm_is_not_raised_again(site: Site, opened: Opener) -> None:
    """Of a message that was refused in part, the rest was judged already: the second time it changes nothing."""
    put_through(opened(site), [residual(LEAK_MA, swipe_count=3)])
    line = opened(with_swipes(site))
    before = line.store.alarms(open_only=False, limit=10)
    run(line)
    put_through(line, [])

    assert {alarm.rule_id for alarm in before} >= {LEAK_RULE}
    assert line.store.alarms(open_only=False, limit=10) == before
    assert stored(line, "cs-001") == [(NOON_MS, LEAK_MA)]


@pytest.mark.parametrize(
    "reason",
    [RejectReason.SINK_REJECTED, RejectReason.EVALUATION, RejectReason.RATE_LIMITED],
)
def test_what_the_message_does_not_show_is_tried(site: Site, opened: Opener, reason: RejectReason) -> None:
    """The decoder has nothing against it: only the store, the rules or the past can tell whether it goes now."""
    line = opened(site)
    line.journal.append([residual(QUIET_MA)])
    (record,) = line.journal.read(0, 1)
    line.deadletters.add(record, [Reject(reason=reason, detail="no", part="point 0")], decoder="1")

    assert run(line).replayed == 1
    assert line.deadletters.count() == 0


def test_what_the_journal_could_not_read_back_is_no_message(site: Site, opened: Opener) -> None:
    """Bytes of a damaged group are kept to be looked at, and never go in as a message, not even by force."""
    line = opened(site)
    damaged = Record(seq=7, message=message(b"\x00\x01", topic=""))
    line.deadletters.add(damaged, [Reject(reason=RejectReason.DAMAGED, detail="checksum")], decoder="1")

    for force in (False, True):
        assert run(line, force=force) == Replayed(messages=1, replayed=0, letters=0, still_refused=1)
    assert (line.deadletters.count(), line.journal.head()) == (1, 0)


def test_a_full_journal_stops_it_and_nothing_is_gone(site: Site, opened: Opener) -> None:
    """What went in before is told; every other letter is still there."""
    put_through(opened(site), of_new_station(450))
    line = opened(with_station(site))
    small = Journal(line.folder / "small.db", max_bytes=30_000)

    with pytest.raises(JournalFull, match="200 messages were replayed before that"):
        replay(line.deadletters.ids(), deadletters=line.deadletters, journal=small, trial=trial_of(line.site))
    assert (small.head(), line.deadletters.count()) == (200, 250)
    small.close()
