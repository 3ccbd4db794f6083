"""The timetable of what goes wrong."""

import pytest

from app.demo.incidents import TIMETABLE, Incident, IncidentKind, Troubles
from config.load import Site


def test_everything_the_demo_promises_begins_within_a_minute(site: Site) -> None:
    """So that a run of two minutes shows all of it; each on a device and port there is."""
    assert {incident.kind for incident in TIMETABLE} == set(IncidentKind)
    for incident in TIMETABLE:
        device = site.devices[incident.device_id]
        assert 0 < incident.from_s < 60 < incident.until_s or incident.kind is IncidentKind.RUBBISH
        assert incident.port is None or 1 <= incident.port <= device.ports
    assert len({incident.device_id for incident in TIMETABLE}) == len(TIMETABLE)


@pytest.mark.parametrize(("elapsed_s", "on"), [(9.9, False), (10, True), (19.9, True), (20, False)])
def test_an_incident_lasts_from_until(elapsed_s: float, *, on: bool) -> None:
    """The first moment belongs to it, the last does not."""
    smoke = Incident(kind=IncidentKind.SMOKE, device_id="cs-001", from_s=10, until_s=20)
    troubles = Troubles([smoke], "cs-001")
    assert troubles.on(IncidentKind.SMOKE, elapsed_s) == (smoke if on else None)
    assert troubles.on(IncidentKind.MUTE, elapsed_s) is None
    assert Troubles([smoke], "cs-002").on(IncidentKind.SMOKE, elapsed_s) is None


def test_who_is_away() -> None:
    """Cut off in between, or, before a drought is told of, from the start."""
    cut = Troubles([Incident(kind=IncidentKind.CUT, device_id="a", from_s=10, until_s=20)], "a")
    assert [cut.away(second) for second in (0, 10, 19, 20)] == [False, True, True, False]
    dry = Troubles([Incident(kind=IncidentKind.DROUGHT, device_id="a", from_s=10)], "a")
    assert [dry.away(second) for second in (0, 9, 10, 99)] == [True, True, False, False]
