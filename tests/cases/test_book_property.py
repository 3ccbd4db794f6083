"""Whatever happens and whatever people order, in whatever order: repeats and restarts change nothing."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cases.silencing import covers
from config.load import Site
from domain.finding import AlarmState, CasePolicy, Change, Finding, Severity
from domain.order import OrderKind
from tests.cases.city import Town, bikes, charger, clock_ms, make_site

Event = tuple[int, str, Change | OrderKind | str]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from([1, 9, 15, 40]),
        st.sampled_from(["door-1", "door-2", "port-3", "port-4"]),
        st.sampled_from([*Change, *Change, "worse", "tick", "tick", "silence", "end", *OrderKind]),
    ),
    max_size=18,
)


def finding_of(subject: str, change: Change, at_ms: int, *, worse: bool = False) -> Finding:
    """Bikes at a door, or a charger's port in trouble."""
    if subject.startswith("door"):
        return bikes(change, at_ms, zone=subject)
    severity = Severity.WARN if subject == "port-3" and not worse else Severity.CRITICAL
    return charger(change, at_ms, port=int(subject[-1]), severity=severity)


def play(events: list[Event], site: Site, *, rough: bool) -> list[object]:
    """The end of a day. A rough one restarts before every event and records every batch twice."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(site, Path(folder))
        happen(town, events, rough=rough)
        store = town.store
        end = [
            store.alarms(open_only=False),
            store.ladders(open_only=False),
            store.cases(),
            [replace(notice, id=0) for notice in store.notices()],
            [(line.what, line.at_ms, line.facts) for line in town.log()],
            store.counts(),
            store.silences(0, open_only=False),
        ]
        store.close()
    return end


def happen(town: Town, events: list[Event], *, rough: bool) -> None:
    """Event after event, from 08:00."""
    now_ms = clock_ms("08:00")
    for minutes, subject, what in events:
        now_ms += minutes * 60_000
        happen_now(town, subject, what, now_ms, rough=rough)


def happen_now(town: Town, subject: str, what: str, now_ms: int, *, rough: bool) -> None:
    """One event; a rough one twice, each time after a restart."""
    if isinstance(what, OrderKind) or what in {"silence", "end"}:
        ask(town, subject, what, now_ms)
    for _ in range(2 if rough else 1):
        if rough:
            town.restart()
        if isinstance(what, Change):
            town.record(finding_of(subject, what, now_ms))
        elif what == "worse":
            town.record(finding_of(subject, Change.RENEWED, now_ms, worse=True))
        elif isinstance(what, OrderKind):
            town.obey(now_ms)
        else:
            town.tick(now_ms)


def ask(town: Town, subject: str, what: str, now_ms: int) -> None:
    """A person's order: about the first open alarm of the subject, or its next twenty minutes, or an end to those."""
    pattern = f"*/{subject.removeprefix('port-')}"
    if what == "silence":
        town.silence(now_ms, now_ms + 1_200_000, subject=pattern, even_critical=subject == "port-4")
    elif what == "end":
        with town.store.transaction() as tx:
            for silence in tx.silences_held(now_ms):
                tx.end_silence(silence.id, "王工", now_ms)
    else:
        subjects = {f"C1/{subject}", f"E1/{subject[-1]}"}
        alarms = [alarm for alarm in town.store.alarms(open_only=False) if alarm.subject in subjects]
        for alarm in alarms[-1:]:
            town.give(OrderKind(what), alarm, now_ms, until_ms=now_ms + 60_000)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The town, read once."""
    return make_site(tmp_path_factory.mktemp("site"))


@settings(max_examples=12)
@given(events=EVENTS)
def test_repeats_and_restarts_change_nothing(events: list[Event], site: Site) -> None:
    """Alarms, ladders, cases, notices, log and counts end the same, line by line."""
    assert play(events, site, rough=True) == play(events, site, rough=False)


@settings(max_examples=12)
@given(events=EVENTS)
def test_nobody_is_told_of_what_is_silenced_and_somebody_of_everything_else(events: list[Event], site: Site) -> None:
    """At any moment: an alarm is marked as silenced just while a silence covers it; what it leads to is held back
    only then, or while it comes and goes; and every other alarm of a sensor has its case."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(site, Path(folder))
        now_ms = clock_ms("08:00")
        for minutes, subject, what in events:
            now_ms += minutes * 60_000
            happen_now(town, subject, what, now_ms, rough=False)
            town.tick(now_ms)
            with town.store.transaction() as tx:
                silences = tx.silences_held(now_ms)
            for alarm in town.store.alarms(open_only=True):
                covering = {silence.id for silence in silences if covers(silence, alarm, site)}
                assert alarm.silence_id in covering if covering else alarm.silence_id is None
                assert not alarm.held or covering or alarm.state is AlarmState.FLAPPING
                cases = [case for case in town.store.cases() if case.device_id == alarm.device_id]
                assert cases or alarm.held or alarm.policy is CasePolicy.LADDER
        town.store.close()
