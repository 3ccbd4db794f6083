"""The desk answers from the stores themselves; here it is asked the way the console asks it."""

from collections.abc import Iterator

import pytest

from app.desk.city import CityDesk
from app.desk.parts import Parts
from app.processes.collectors import Collectors
from app.readers.rules_reader import RulesReader
from app.readers.series_writer import SeriesWriter
from cases.kpi import SelfCorrection
from console.desk.series import SeriesQuestion
from domain.errors import StoreUnavailable
from domain.message import RejectReason
from domain.picture import PictureFacts, picture_name
from domain.point import Aggregate
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from storage.evidence_store import EvidenceStore
from storage.series.embedded import EmbeddedSeries
from tests.app.line import LEAK_MA, NOON_MS, QUIET_MA, TREE, Line, message, residual
from vision.wire import payload_of

ORIGINAL, SHAREABLE = b"\xff\xd8 faces and plates", b"\xff\xd8 nobody to be known"


class City:
    """A line with a desk on top, and nothing running: each test takes the steps itself."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.series = EmbeddedSeries(line.folder / "series.db")
        self.evidence = EvidenceStore(line.folder / "evidence")
        self.reader: RulesReader = line.reader()
        self.writer: SeriesWriter = line.writer(self.series)
        self.desk = CityDesk(
            Parts(
                site=line.site,
                store=line.store,
                reader=self.reader,
                writer=self.writer,
                journal=line.journal,
                deadletters=line.deadletters,
                series=self.series,
                evidence=self.evidence,
                collector=Collectors(line.site.settings),
                clock=line.clock,
            )
        )

    def look(self, *, bikes: bool, after_s: int) -> None:
        """The camera looks at the door, so many seconds after noon, and the rules take it in at that time."""
        at_ms = NOON_MS + after_s * 1000
        standing = SeenObject(label="bicycle", score=0.9, box=(0.2, 0.7, 0.3, 0.9), overlap=1.0, stay_s=900.0, looks=9)
        zone = ZoneSighting(zone="door", shop_id="S00001", objects=(standing,) if bikes else ())
        sighting = Sighting(
            camera_id="cam-001",
            look_id=f"look-{after_s}",
            taken_ms=at_ms,
            received_ms=at_ms,
            view=ViewHealth.HEALTHY,
            zones=(zone,),
        )
        topic = "longcheng/v1/camera/cam-001/sighting"
        self.line.journal.append([message(payload_of(sighting), at_ms, topic=topic)])
        self.line.clock.advance(seconds=(at_ms - self.line.clock.now_ms()) / 1000)
        self.reader.step()

    def send_everything(self) -> None:
        """As the outbox does."""
        for notice in self.line.store.due_notices(self.line.clock.now_ms(), 100):
            self.line.store.mark_sent(notice.id, self.line.clock.now_ms())


@pytest.fixture
def city(line: Line) -> Iterator[City]:
    """A city where nothing has happened."""
    made = City(line)
    yield made
    made.series.close()


def test_the_lag_of_each_reader_is_its_own(city: City) -> None:
    """Three messages wait; one reader takes them, then the other."""
    city.line.journal.append([residual(QUIET_MA, NOON_MS + number) for number in range(3)])
    lags = [city.desk.health().journal]
    city.reader.step()
    lags.append(city.desk.health().journal)
    city.writer.step()
    lags.append(city.desk.health().journal)

    assert [(lag.head, lag.lag_rules, lag.lag_series) for lag in lags] == [(3, 3, 3), (3, 0, 3), (3, 0, 0)]
    assert city.desk.health().readings_stored == 3
    assert city.desk.health().journal.size > 0


def test_health_says_what_is_not_there(city: City) -> None:
    """No broker yet, a journal that takes messages, a store nobody has complained about, no rule that broke."""
    health = city.desk.health()

    assert (health.broker_connected, health.ingest_paused, health.journal.writable) == (False, False, True)
    assert health.store_reachable
    assert health.rule_faults == {}


def test_the_revision_changes_with_what_people_see_and_not_without(city: City) -> None:
    """The page asks again only when it does."""
    revisions = [city.desk.revision(), city.desk.revision()]
    city.line.journal.append([residual(LEAK_MA)])
    revisions.append(city.desk.revision())
    city.reader.step()
    revisions.append(city.desk.revision())
    city.send_everything()
    revisions.append(city.desk.revision())

    assert revisions[0] == revisions[1] == revisions[2]
    assert len(set(revisions)) == 3


def test_a_picture_is_the_blurred_copy_and_nothing_else(city: City) -> None:
    """The original lies beside it and has no name that the desk would answer to."""
    name = picture_name("cam-001", "look-1", NOON_MS)
    facts = PictureFacts(name=name, camera_id="cam-001", look_id="look-1", taken_ms=NOON_MS)
    city.evidence.keep(facts, ORIGINAL, SHAREABLE)

    found = city.desk.picture(name)
    assert found is not None
    assert found.read_bytes() == SHAREABLE
    for other in (f"{name}.original", f"{name}.jpg", f"{name}.original.jpg", "../cases.db", ""):
        assert city.desk.picture(other) is None


def test_an_original_is_read_once_it_is_written_down(city: City) -> None:
    """By who, why and from where; where the ledger takes no line there is no picture."""
    name = picture_name("cam-001", "look-1", NOON_MS)
    city.evidence.keep(
        PictureFacts(name=name, camera_id="cam-001", look_id="look-1", taken_ms=NOON_MS), ORIGINAL, SHAREABLE
    )
    said = {"who": "wang", "why": "appeal", "address": "10.1.2.3"}
    assert city.desk.original(name, **said) == ORIGINAL
    assert [(line.who, line.why, line.address) for line in city.evidence.ledger.lines()] == [
        ("wang", "appeal", "10.1.2.3")
    ]
    for other in (f"{name}x", f"{name}.original", "../cases.db", ""):
        assert city.desk.original(other, **said) is None

    ledger = city.line.folder / "evidence/ledger.jsonl"
    ledger.unlink()
    ledger.mkdir()
    with pytest.raises(StoreUnavailable, match="ledger"):
        city.desk.original(name, **said)


def test_the_latest_values_of_a_port_are_that_ports(city: City) -> None:
    """Without a port it is the whole station, whichever port spoke last."""
    city.line.journal.append([residual(4.0, port=3), residual(5.0, NOON_MS + 1000, port=4)])
    city.writer.step()

    assert city.desk.latest("charger", "cs-001", 3) == {"residual_ma": (NOON_MS, 4.0)}
    assert city.desk.latest("charger", "cs-001", None) == {"residual_ma": (NOON_MS + 1000, 5.0)}
    assert city.desk.latest("charger", "cs-001", 7) == {}


def test_a_metric_over_time_is_one_ports_or_the_stations(city: City) -> None:
    """Every value as stored; or windows, with None where nothing was."""
    city.line.journal.append([residual(4.0, port=3), residual(5.0, NOON_MS + 1000, port=4)])
    city.writer.step()

    def ask(port: int | None, every_ms: int | None) -> object:
        question = SeriesQuestion(
            kind="charger",
            device_id="cs-001",
            port=port,
            metric="residual_ma",
            start_ms=NOON_MS,
            stop_ms=NOON_MS + 120_000,
            every_ms=every_ms,
            aggregate=Aggregate.MEAN,
        )
        return city.desk.series(question)

    assert ask(3, None) == [(NOON_MS, 4.0)]
    assert ask(None, None) == [(NOON_MS, 4.0), (NOON_MS + 1000, 5.0)]
    assert ask(None, 60_000) == [(NOON_MS, 4.5), (NOON_MS + 60_000, None)]


def test_what_was_set_aside_is_listed_and_counted(city: City) -> None:
    """Newest first, page by page."""
    city.line.journal.append([message(b"rubbish"), message(b"[]")])
    city.reader.step()

    newest, oldest = city.desk.deadletters(limit=10)
    assert (newest.seq, oldest.seq) == (2, 1)
    assert list(city.desk.deadletters(limit=10, before_id=newest.id)) == [oldest]
    assert city.desk.deadletter_counts() == {RejectReason.DECODE: 1, RejectReason.SCHEMA: 1}


def test_what_was_set_aside_is_found_replayed_and_purged(city: City) -> None:
    """By id, by reason, by topic; what would be refused again stays, and what is purged is gone."""
    city.line.journal.append([message(b"rubbish"), message(b"[]"), message(b"[1]", topic=TREE)])
    city.reader.step()
    (rubbish,) = city.desk.deadletters(limit=10, reason=RejectReason.DECODE)

    assert city.desk.deadletter(rubbish.id) == rubbish
    assert city.desk.deadletter(rubbish.id + 100) is None
    assert city.desk.deadletter_count(topic_contains="/tree/") == 1
    assert [letter.seq for letter in city.desk.deadletters(limit=10, topic_contains="/tree/")] == [3]
    assert city.desk.replay(ids=[rubbish.id]).still_refused == 1
    assert city.desk.replay(reason=RejectReason.SCHEMA).still_refused == 2
    assert city.desk.purge(ids=[rubbish.id]) == 1
    assert city.desk.purge(reason=RejectReason.SCHEMA) == 2
    assert city.desk.deadletter_count() == 0


def test_self_correction_follows_the_book(city: City) -> None:
    """Seen twice: the shop is told. Seen clear twice: corrected. The count is taken anew with each of these steps."""
    counted = [city.desk.self_correction()]
    for after_s in (0, 60):
        city.look(bikes=True, after_s=after_s)
    city.send_everything()
    counted.append(city.desk.self_correction())
    for after_s in (120, 180):
        city.look(bikes=False, after_s=after_s)
    counted.append(city.desk.self_correction())

    assert counted == [
        SelfCorrection(corrected=0, told=0, confirmed=0),
        SelfCorrection(corrected=0, told=0, confirmed=1),
        SelfCorrection(corrected=1, told=1, confirmed=1),
    ]


def test_the_story_of_a_case_and_of_a_ladder_is_told(city: City) -> None:
    """Every list the console shows has what the book wrote."""
    city.line.journal.append([residual(LEAK_MA)])
    city.reader.step()
    for after_s in (0, 60):
        city.look(bikes=True, after_s=after_s)

    (case,) = city.desk.cases(limit=10)
    assert city.desk.case(case.id) == case
    assert city.desk.case("nobody") is None
    assert [alarm.matter for alarm in city.desk.alarms(open_only=True, limit=10) if alarm.policy == "ladder"] == [
        "09010"
    ]
    assert [ladder.shop_id for ladder in city.desk.ladders(open_only=True, limit=10)] == ["S00001"]
    assert {line.case_id for line in city.desk.log(case_id=case.id)} <= {case.id, None}
    assert len(city.desk.log(case_id=case.id)) > 1
    assert [notice.case_id for notice in city.desk.notices(limit=10, case_id=case.id)] == [case.id]
    assert city.desk.counts().cases_open == 1
    assert {camera.view for camera in city.desk.cameras()} == {ViewHealth.HEALTHY}
    assert {device.device_id for device in city.desk.devices()} == {"tree-001", "cs-001"}
