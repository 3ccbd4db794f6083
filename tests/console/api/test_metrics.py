"""Figures for Prometheus."""

import math

from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from config.load import Site
from console.api.metrics import families
from console.city import look
from console.desk.health import CollectorHealth, ReadHealth, StoreHealth
from domain.clock import ManualClock
from domain.finding import Severity
from domain.message import RejectReason
from domain.platform import PlatformStatus
from domain.service import Requests, Trouble, TroubleKind
from tests.console.reader import Client, text_of
from tests.fakes.desk import WELL, FakeDesk

BUSY = replace(
    WELL,
    journal=replace(WELL.journal, records=4, oldest_unread_age_s=7.5, damaged_records=3, damaged_ranges=1),
    collectors=(
        CollectorHealth(name="one", connected=True, paused=False, session_present=True, received=5, acked=4),
        CollectorHealth(name="two", connected=False, paused=True, redelivered=2, acked=1, restarts=6, reconnects=7),
    ),
    read=ReadHealth(
        parsed=9,
        rejected={RejectReason.RANGE: 2},
        letters={RejectReason.RANGE: 3},
        late=1,
        ahead=2,
        behind=4,
        skews_s={"cs-1": 28_800.0},
        batches=11,
        commits=12,
    ),
    store=StoreHealth(
        requests=Requests(codes={"204": 3, "503": 1}, within=((0.1, 1), (1.0, 3)), took_s=4.5),
        dropped=2,
        lost_rows={"big_timestamp": 8},
    ),
    platform=PlatformStatus(pending=7, dead=1, oldest_age_s=95.5, sent=30, failed=4),
    troubles=(Trouble(kind=TroubleKind.STORE_AWAY, severity=Severity.WARN, since_ms=1),),
)


def _samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_exposition_is_well_formed(client: Client, desk: FakeDesk) -> None:
    """Prometheus' own parser reads it; every figure is ours, declared once, and its labels come back as they were."""
    desk.state = replace(WELL, rule_faults={'a "rule"\n': 2})
    async with client.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = await answer.text()
    declared = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(declared) == len(set(declared))
    samples = _samples(text)
    assert all(name.startswith("longcheng_") for name, _ in samples)
    assert samples["longcheng_rule_faults_total", ('a "rule"\n',)] == 2


async def test_figures(client: Client) -> None:
    """What the first page shows, a monitor sees too."""
    samples = _samples(await text_of(client, "/metrics"))
    assert samples["longcheng_alarms_open", ("critical",)] == 2
    assert samples["longcheng_cases_open", ("charger",)] == 1
    assert samples["longcheng_journal_lag_records", ("series",)] == 12
    assert samples["longcheng_cameras", ("healthy",)] == 17
    assert samples["longcheng_dead_letters", ("decode",)] == 1
    assert samples["longcheng_dead_letters", ("oversize",)] == 0
    assert samples["longcheng_notices", ("dead",)] == 1
    assert samples["longcheng_messages_received_total", ()] == 182_340
    assert samples["longcheng_self_corrected_total", ()] == 312
    assert samples["longcheng_journal_full_in_seconds", ()] == math.inf


async def test_the_products_own_figures(client: Client, desk: FakeDesk) -> None:
    """Each stage from the broker to the store can be watched, each collector by itself."""
    desk.state = BUSY
    samples = _samples(await text_of(client, "/metrics"))
    expected = {
        ("longcheng_messages_redelivered_total", ()): 2,
        ("longcheng_messages_acked_total", ()): 5,
        ("longcheng_messages_parsed_total", ()): 9,
        ("longcheng_messages_rejected_total", ("range",)): 2,
        ("longcheng_dead_letter_total", ("range",)): 3,
        ("longcheng_dead_letter_total", ("sink_rejected",)): 2,
        ("longcheng_collector_connected", ("two",)): 0,
        ("longcheng_collector_paused", ("two",)): 1,
        ("longcheng_collector_session_present", ("one",)): 1,
        ("longcheng_collector_restarts_total", ("two",)): 6,
        ("longcheng_collector_reconnects_total", ("two",)): 7,
        ("longcheng_journal_oldest_age_seconds", ()): 7.5,
        ("longcheng_journal_damaged_records", ()): 3,
        ("longcheng_journal_quarantined_groups", ()): 1,
        ("longcheng_rules_batches_total", ()): 11,
        ("longcheng_rules_commits_total", ()): 12,
        ("longcheng_late_total", ()): 1,
        ("longcheng_future_total", ()): 2,
        ("longcheng_past_total", ()): 4,
        ("longcheng_clock_skew_seconds", ("cs-1",)): 28_800,
        ("longcheng_sink_requests_total", ("503",)): 1,
        ("longcheng_sink_request_seconds_bucket", ("0.1",)): 1,
        ("longcheng_sink_request_seconds_bucket", ("+Inf",)): 4,
        ("longcheng_sink_request_seconds_count", ()): 4,
        ("longcheng_sink_request_seconds_sum", ()): 4.5,
        ("longcheng_partial_write_dropped_total", ()): 2,
        ("longcheng_sink_rows_dropped_total", ("big_timestamp",)): 8,
        ("longcheng_platform_events", ("pending",)): 7,
        ("longcheng_platform_events", ("dead",)): 1,
        ("longcheng_platform_oldest_age_seconds", ()): 95.5,
        ("longcheng_platform_sent_total", ()): 30,
        ("longcheng_platform_failed_total", ()): 4,
        ("longcheng_system_alarm", ("system-store-away", "warn")): 1,
    }
    assert {key: samples.get(key) for key in expected} == expected


def test_last_seen_only_while_there_are_few_devices(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """A series for each device of a large city would cost the monitor more than it tells."""
    city = look(desk, site, clock.now_ms())
    name = "longcheng_device_last_seen_timestamp_seconds"
    (few,) = [family for family in families(city, site, {}) if family.name == name]
    heard = sum(device.seen_ms is not None for device in city.devices)
    assert len(few.samples) == heard > 0
    many = replace(city, devices=city.devices * (10_001 // len(city.devices) + 1))
    assert name not in {family.name for family in families(many, site, {})}
