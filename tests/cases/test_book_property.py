"""Whatever happens, in whatever order: repeats and restarts change nothing."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from config.load import Site
from domain.finding import Change, Finding, Severity
from tests.cases.city import Town, bikes, charger, clock_ms, make_site

Event = tuple[int, str, Change | None]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from([1, 9, 15, 40]),
        st.sampled_from(["door-1", "door-2", "port-3", "port-4"]),
        st.sampled_from([*Change, None]),
    ),
    max_size=14,
)


def finding_of(subject: str, change: Change, at_ms: int) -> Finding:
    """Bikes at a door, or a charger's port in trouble."""
    if subject.startswith("door"):
        return bikes(change, at_ms, zone=subject)
    severity = Severity.WARN if subject == "port-3" else Severity.CRITICAL
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
        ]
        store.close()
    return end


def happen(town: Town, events: list[Event], *, rough: bool) -> None:
    """Event after event, from 08:00."""
    now_ms = clock_ms("08:00")
    for minutes, subject, change in events:
        now_ms += minutes * 60_000
        if rough:
            town.restart()
        for _ in range(2 if rough else 1):
            if change is None:
                town.tick(now_ms)
            else:
                town.record(finding_of(subject, change, now_ms))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The town, read once."""
    return make_site(tmp_path_factory.mktemp("site"))


@settings(max_examples=12)
@given(events=EVENTS)
def test_repeats_and_restarts_change_nothing(events: list[Event], site: Site) -> None:
    """Alarms, ladders, cases, notices, log and counts end the same, line by line."""
    assert play(events, site, rough=True) == play(events, site, rough=False)
