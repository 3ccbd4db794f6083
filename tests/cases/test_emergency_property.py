"""What every shipped rule for chargers and trees leads to, at any hour of a year; and what no rule ever does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.book import Book
from cases.notices.escalation import Escalation
from cases.notices.letters import Letters
from config.load import Site, load_site
from domain.case import CaseState
from domain.clock import epoch_ms
from domain.finding import CasePolicy, Change, Finding, Severity
from rules.files import load_rules
from rules.rule import Rule
from storage.case_store import CaseStore
from tests.cases.city import clock_ms, make_site

RAISED, RENEWED = Change.RAISED, Change.RENEWED
HOUR_MS, DESK = 3_600_000, "值班台"
SHARED = load_site("demo", {})
RULES = load_rules(SHARED.rule_files, SHARED)
GRAVE = [
    (rule, severity)
    for rule in RULES
    if rule.spec.for_each.kind in {"charger", "tree"}
    for severity, latch in [
        *((level, one.latch) for level, one in (getattr(rule.spec, "levels", None) or {}).items()),
        *([] if getattr(rule.spec, "levels", None) else [(rule.spec.severity, getattr(rule.spec, "latch", False))]),
    ]
    if latch or severity is Severity.CRITICAL
]


def finding_of(rule: Rule, severity: Severity, device_id: str, change: Change, at_ms: int) -> Finding:
    """What the engine says of a rule at this severity."""
    case = rule.spec.case
    return Finding(
        rule_id=rule.id,
        rule_version=rule.version,
        title_zh=rule.spec.title.zh,
        title_en=rule.spec.title.en,
        subject=device_id,
        kind=rule.spec.for_each.kind,
        device_id=device_id,
        change=change,
        severity=severity,
        at_ms=at_ms,
        since_ms=at_ms,
        matter=case.matter if case else None,
        policy=case.policy_of(severity) if case else CasePolicy.NONE,
    )


class Street:
    """Stations and trees enough for each example to have one of its own."""

    def __init__(self, folder: Path) -> None:
        self._place = "天宁区,天宁街道,双桂街,119.95,31.78"
        rows = [
            f"{profile}-{number},{profile},第{number}号,{self._place},{ports},"
            for number in range(800)
            for profile, ports in (("charging-station", 12), ("heritage-tree", 0))
        ]
        make_site(folder)
        head = "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline"
        (folder / "devices.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        self.folder = folder
        self.store = CaseStore(f"sqlite:///{folder / 'cases.db'}")
        self._used = 0

    def next(self, kind: str) -> str:
        """A device to which nothing has happened yet."""
        self._used += 1
        return f"{'charging-station' if kind == 'charger' else 'heritage-tree'}-{self._used}"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """One for all examples."""
    street = Street(tmp_path_factory.mktemp("street"))
    yield street
    street.store.close()


@pytest.fixture(scope="module")
def sleeping(street: Street) -> dict[str, Site]:
    """The street with several hours of sleep."""
    text = (street.folder / "site.yaml").read_text(encoding="utf-8")
    sites = {}
    for quiet in ("null", '"21:00-08:00"', '"00:00-23:59"'):
        (street.folder / "site.yaml").write_text(
            text.replace("quiet_hours: null", f"quiet_hours: {quiet}"), encoding="utf-8"
        )
        sites[quiet] = load_site(str(street.folder), {})
    return sites


YEAR = st.integers(epoch_ms(datetime(2026, 1, 1, tzinfo=UTC)), epoch_ms(datetime(2026, 12, 31, 23, tzinfo=UTC)))


def test_grave_rules_are_there() -> None:
    """Smoke, heat and current; lean, steps and blows: the property below speaks of all of them."""
    names = {rule.id for rule, _severity in GRAVE}
    assert {"charger-smoke", "charger-hot", "charger-heating", "charger-residual", "charger-silent-30m"} <= names
    assert {"tree-tilt", "tree-tilt-step", "tree-digging", "tree-struck-at-night"} <= names


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at_ms=YEAR,
    grave=st.sampled_from(GRAVE),
    change=st.sampled_from([RAISED, RENEWED, Change.FLAPPING]),
    quiet=st.sampled_from(["null", '"21:00-08:00"', '"00:00-23:59"']),
)
def test_whatever_is_grave_is_the_desks_at_once_at_any_hour_of_the_year(
    at_ms: int, grave: tuple[Rule, Severity], change: Change, quiet: str, street: Street, sleeping: dict[str, Site]
) -> None:
    """A case and an urgent notice in the transaction of the finding, to go out now, whoever sleeps and whatever day."""
    (rule, severity), site, store = grave, sleeping[quiet], street.store
    finding = finding_of(rule, severity, street.next(rule.spec.for_each.kind), change, at_ms)
    with store.transaction() as tx:
        Book(site).record(tx, [finding], at_ms)

    (alarm,) = (one for one in store.alarms(open_only=True) if one.device_id == finding.device_id)
    (notice,) = store.told_of(alarm.id)
    (case,) = (one for one in store.cases() if one.device_id == finding.device_id)
    assert (notice.case_id, notice.recipient, notice.urgent) == (case.id, "duty-desk", True)
    assert (notice.created_ms, notice.not_before_ms) == (at_ms, at_ms)
    assert Letters(site).not_before(notice, at_ms) == at_ms
    assert (case.unit, alarm.held, case.state) == (DESK, False, CaseState.PENDING_HANDLE)
    assert 0 < case.due_ms - at_ms <= HOUR_MS


def test_only_a_look_is_ever_commanded(street: Street, sleeping: dict[str, Site]) -> None:
    """Of all that every shipped rule may say, at every severity, nothing commands a device but a camera to look. To
    cut the power is suggested in words, to people."""
    site, at_ms = sleeping["null"], clock_ms("10:00")
    all_of_them = [(rule, severity) for rule in RULES for severity in Severity]
    book, changes = Book(site), (RAISED, None, RENEWED, Change.FLAPPING, Change.STALE, RENEWED, Change.RESOLVED)
    for half_hours, change in enumerate(changes):
        now_ms = at_ms + half_hours * 1_800_000
        findings = [
            finding_of(rule, severity, f"{rule.id}-{severity}", change, now_ms)
            for rule, severity in all_of_them
            if change is not None
        ]
        with street.store.transaction() as tx:
            book.record(tx, findings, now_ms)
            book.tick(tx, now_ms)
        Escalation(site).tick(street.store, now_ms)
        for notice in street.store.due_notices(now_ms, 10_000):
            street.store.mark_sent(notice.id, now_ms)

    commands = [one for one in street.store.notices(limit=100_000) if one.channel == "command"]
    assert {(one.recipient, one.body["command"]) for one in commands} == {
        (f"{rule.id}-{severity}", "look_now")
        for rule, severity in all_of_them
        if rule.spec.case and rule.spec.case.policy is CasePolicy.LADDER and severity is not Severity.CRITICAL
    }
