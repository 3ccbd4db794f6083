"""The first page as data, and the bureau's figures."""

from collections import Counter

from cases.kpi import SelfCorrection
from config.load import Site
from console.api.answers import KpiOut, OverviewOut, SelfCorrectionOut, SystemOut
from console.api.rows import Rows
from console.city import City, look, overdue_of
from console.desk.city import Desk
from console.pages.headline import level


def overview_out(desk: Desk, site: Site, now_ms: int) -> OverviewOut:
    """The first page as data. Blocking."""
    city, rows = look(desk, site, now_ms), Rows(site, now_ms)
    return OverviewOut(
        site=site.settings.site,
        name_zh=site.settings.name.zh,
        name_en=site.settings.name.en,
        as_of=rows.at(now_ms),
        level=level(city),
        alarms_open={severity.value: n for severity, n in city.severities.items()},
        cases_open=city.counts.cases_open,
        cases_open_by_kind=dict(city.open_by_kind),
        cases_overdue=city.overdue,
        ladders_open=city.counts.ladders_open,
        self_correction=self_correction_out(city.correction),
        cameras=dict(city.views),
        devices={reach.value: n for reach, n in Counter(device.reach for device in city.devices).items()},
        dead_letters={reason.value: n for reason, n in city.dead_counts.items()},
        system=_system_out(city, rows),
    )


def kpi_out(desk: Desk, site: Site, now_ms: int) -> KpiOut:
    """The bureau's figures so far. Blocking."""
    counts = desk.counts()
    return KpiOut(
        as_of=Rows(site, now_ms).at(now_ms),
        self_correction=self_correction_out(desk.self_correction()),
        cases_open=counts.cases_open,
        cases_overdue=overdue_of(desk.standing_cases(), now_ms),
        cases_total=counts.cases_total,
        cases_total_by_kind=counts.cases_by_kind,
        notices_sent=counts.notices_sent,
        notices_pending=counts.notices_pending,
        notices_dead=counts.notices_dead,
    )


def self_correction_out(found: SelfCorrection) -> SelfCorrectionOut:
    """Both rates with their n."""
    return SelfCorrectionOut(
        corrected=found.corrected,
        n=found.told,
        rate=_rounded(found.rate),
        strict_n=found.confirmed,
        strict_rate=_rounded(found.strict_rate),
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _system_out(city: City, rows: Rows) -> SystemOut:
    health = city.health
    return SystemOut(
        broker_connected=health.broker_connected,
        ingest_paused=health.ingest_paused,
        messages_received=health.messages_received,
        readings_stored=health.readings_stored,
        newest_at=rows.maybe_at(city.newest_ms),
        journal_head=health.journal.head,
        journal_size=health.journal.size,
        journal_max_size=health.journal.max_size,
        journal_writable=health.journal.writable,
        lag_rules=health.journal.lag_rules,
        lag_series=health.journal.lag_series,
        store_reachable=health.store_reachable,
        rule_faults=health.rule_faults,
        troubles=[rows.trouble(trouble) for trouble in health.troubles],
    )
