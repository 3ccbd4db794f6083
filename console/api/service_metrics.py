"""The product's own figures."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric

from console.api.families import PREFIX, counter, counters, gauge, gauges, histogram, seconds_left
from console.desk.health import CollectorHealth, Health, JournalHealth
from console.desk.vitals import Vitals
from domain.message import RejectReason
from domain.platform import PlatformStatus

_MOST_CLOCKS: Final = 100
"""So many devices with a wrong clock are told one by one, the worst first."""


def of_service(health: Health) -> Iterator[Metric]:
    """Everything but what is on the city's map."""
    yield from _of_messages(health)
    yield from _of_collectors(health)
    yield from _of_journal(health.journal)
    yield from _of_rules(health)
    yield from _of_store(health)
    yield from _of_clocks(health)
    if health.platform is not None:
        yield from _of_platform(health.platform)
    yield _of_troubles(health)


def of_backups(vitals: Vitals, every_s: float | None) -> Iterator[Metric]:
    """The newest backup, where there is one, and how old it may be, where that is said."""
    if vitals.backup is not None:
        yield gauge(
            "backup_timestamp_seconds",
            "When the newest backup was taken, seconds since 1970",
            vitals.backup.taken_ms / 1000,
        )
    if every_s is not None:
        yield gauge("backup_expected_seconds", "How old the newest backup may be", every_s)


def _of_messages(health: Health) -> Iterator[Metric]:
    read, each = health.read, health.collectors
    yield counter("messages_received", "MQTT messages received", health.messages_received)
    yield counter(
        "messages_redelivered", "Of them, those the broker had sent before", sum(one.redelivered for one in each)
    )
    yield counter("messages_journalled", "MQTT messages made durable", sum(one.journalled for one in each))
    yield counter("messages_acked", "MQTT messages acknowledged to the broker", sum(one.acked for one in each))
    yield counter("messages_parsed", "Messages of which at least a part could be used", read.parsed)
    yield counters(
        "messages_rejected",
        "Messages of which at least a part could not be used",
        "reason",
        {reason.value: read.rejected.get(reason, 0) for reason in RejectReason},
    )
    letters = {reason.value: read.letters.get(reason, 0) for reason in RejectReason}
    letters[RejectReason.SINK_REJECTED.value] += health.store.dropped
    yield counters("dead_letter", "Dead letters written", "reason", letters)


def _of_collectors(health: Health) -> Iterator[Metric]:
    yield gauge("broker_connected", "1 while every session with the broker is up", health.broker_connected)
    yield gauge("ingest_paused", "1 while messages are left unacknowledged", health.ingest_paused)
    figures: tuple[tuple[str, str, Callable[[CollectorHealth], float]], ...] = (
        ("connected", "1 while its session with the broker is up", lambda one: one.connected),
        ("paused", "1 while the journal takes nothing from it", lambda one: one.paused),
        ("session_present", "1 if the broker had kept its session", lambda one: bool(one.session_present)),
    )
    for name, text, figure in figures:
        yield gauges(f"collector_{name}", text, "collector", {one.name: figure(one) for one in health.collectors})
    totals: tuple[tuple[str, str, Callable[[CollectorHealth], float]], ...] = (
        ("messages_received", "MQTT messages received by it", lambda one: one.received),
        ("reconnects", "How often it was connected again", lambda one: one.reconnects),
        ("restarts", "How often its process was started again", lambda one: one.restarts),
    )
    for name, text, figure in totals:
        yield counters(f"collector_{name}", text, "collector", {one.name: figure(one) for one in health.collectors})


def _of_journal(journal: JournalHealth) -> Iterator[Metric]:
    yield gauge("journal_bytes", "What the messages in the journal take up", journal.size)
    yield gauge("journal_max_bytes", "Bound of the journal", journal.max_size)
    yield gauge("journal_records", "Messages in the journal", journal.records)
    yield gauge("journal_head", "Newest record of the journal", journal.head)
    yield gauge("journal_writable", "1 while the journal takes messages", journal.writable)
    lags = {"rules": journal.lag_rules, "series": journal.lag_series}
    yield gauges("journal_lag_records", "Records a reader has not read yet", "reader", lags)
    yield gauge(
        "journal_oldest_age_seconds",
        "How long the oldest record has waited that some reader has not passed",
        journal.oldest_unread_age_s,
    )
    yield gauge(
        "journal_full_in_seconds",
        "When the journal takes no more if things go on as now; +Inf if it is not filling",
        seconds_left(journal.full_in_s),
    )
    yield gauge("journal_damaged_records", "Records that could not be read back", journal.damaged_records)
    yield gauge(
        "journal_quarantined_groups", "Stretches of damaged records that are kept aside", journal.damaged_ranges
    )
    if journal.free_bytes is not None:
        yield gauge("disk_free_bytes", "What is left on the journal's disk", journal.free_bytes)


def _of_rules(health: Health) -> Iterator[Metric]:
    yield gauge("rules_failing", "1 while messages are not judged", health.rules_failing)
    yield counter("rules_restarts", "Times the process that judges was started again", health.read.restarts)
    yield counter("rules_batches", "Batches of messages judged", health.read.batches)
    yield counter("rules_commits", "Times the rules' state was committed", health.read.commits)
    yield counters("rule_faults", "Times a rule failed instead of answering", "rule", dict(health.rule_faults))
    yield counter("late", "Readings older than one read before of the same device or port", health.read.late)
    yield counter("future", "Readings whose time was not believed: too far ahead", health.read.ahead)
    yield counter("past", "Readings whose time was not believed: too far back", health.read.behind)


def _of_store(health: Health) -> Iterator[Metric]:
    store = health.store
    yield counter("readings_stored", "Field values put into the series store", health.readings_stored)
    yield gauge("store_reachable", "1 while the series store takes writes", health.store_reachable)
    yield counters("sink_requests", "Requests that carried points, by answer", "code", dict(store.requests.codes))
    yield histogram("sink_request_seconds", "How long requests took that carried points", store.requests)
    yield counter("series_writer_restarts", "Times its writer's process was started again", store.restarts)
    yield counter("partial_write_dropped", "Points the store will never take", store.dropped)
    yield counters("sink_rows_dropped", "Rows the store took and let fall", "reason", dict(store.lost_rows))


def _of_clocks(health: Health) -> Iterator[Metric]:
    skews = sorted(health.read.skews_s.items(), key=lambda pair: -abs(pair[1]))
    yield gauge("devices_clock_wrong", "Devices whose clock is not believed", len(skews))
    yield gauges(
        "clock_skew_seconds",
        "How far a device's clock is ahead, where it is not believed",
        "device",
        dict(skews[:_MOST_CLOCKS]),
    )


def _of_platform(platform: PlatformStatus) -> Iterator[Metric]:
    waiting = {"pending": platform.pending, "dead": platform.dead}
    yield gauges("platform_events", "Events for the city's platform that have not come through", "state", waiting)
    yield gauge(
        "platform_oldest_age_seconds", "How long the oldest event waits for the platform", platform.oldest_age_s
    )
    yield counter("platform_sent", "Events that the platform has taken", platform.sent)
    yield counter("platform_failed", "Tries to tell the platform that failed", platform.failed)


def _of_troubles(health: Health) -> Metric:
    family = GaugeMetricFamily(
        f"{PREFIX}system_alarm", "1 for each system alarm that holds", labels=["rule", "severity"]
    )
    for trouble in health.troubles:
        family.add_metric([trouble.kind.rule_id, trouble.severity.value], 1.0)
    return family
