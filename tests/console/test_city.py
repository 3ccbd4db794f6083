"""What counts as seen, heard, and worst."""

from msgspec.structs import replace

from config.load import Site
from console.city import UNKNOWN, DeviceNow, Reach, cameras_now, devices_now, look, worst_first
from domain.clock import ManualClock
from domain.finding import AlarmState, Severity
from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState
from domain.sighting import ViewHealth
from tests.fakes.desk import FakeDesk


def test_a_camera_nobody_looked_through_is_unknown(site: Site, clock: ManualClock) -> None:
    """A healthy look that is too old is no healthy view: absence of evidence is never all clear."""
    now = clock.now_ms()
    looks = [
        CameraPresence(camera_id="cam-001", view=ViewHealth.HEALTHY, taken_ms=now - 179_000, healthy_ms=now - 179_000),
        CameraPresence(camera_id="cam-002", view=ViewHealth.HEALTHY, taken_ms=now - 181_000, healthy_ms=now - 181_000),
        CameraPresence(camera_id="cam-003"),
    ]
    views = {camera.camera.camera_id: camera.view for camera in cameras_now(looks, site, now)}
    assert views["cam-001"] == ViewHealth.HEALTHY
    assert views["cam-002"] == UNKNOWN
    assert views["cam-003"] == UNKNOWN
    assert views["cam-004"] == UNKNOWN  # the desk does not even mention it


def test_reach(site: Site, clock: ManualClock) -> None:
    """Three missed intervals are silence; a last will says offline at once; the worst comes first."""
    now = clock.now_ms()
    online = DeviceState.ONLINE
    heard = [
        DevicePresence(device_id="charger-01", kind="charger", seen_ms=now - 89_000, state=online),
        DevicePresence(device_id="charger-02", kind="charger", seen_ms=now - 91_000, state=online),
        DevicePresence(device_id="charger-03", kind="charger", seen_ms=now, state=DeviceState.OFFLINE),
        DevicePresence(device_id="tree-1", kind="tree", seen_ms=now - 91_000, state=None),
    ]
    devices = devices_now(heard, site, now)
    reach = {device.device.device_id: device.reach for device in devices}
    assert [reach[f"charger-0{n}"] for n in (1, 2, 3, 4)] == [Reach.ONLINE, Reach.SILENT, Reach.OFFLINE, Reach.NEVER]
    assert reach["tree-1"] is Reach.ONLINE
    assert devices[0].device.device_id == "charger-03"
    assert [device.reach for device in devices] == sorted(reach.values(), key=list(Reach).index)


def test_devices_are_worked_out_once_a_second_of_the_same_presences(site: Site, clock: ManualClock) -> None:
    """And anew when somebody was heard, or a second has passed."""
    second_ms = clock.now_ms() // 1000 * 1000
    heard = (DevicePresence(device_id="charger-01", kind="charger", seen_ms=second_ms - 90_000),)
    first = devices_now(heard, site, second_ms)
    assert devices_now(heard, site, second_ms + 999) is first
    again = (DevicePresence(device_id="charger-01", kind="charger", seen_ms=second_ms),)
    assert _reach(devices_now(again, site, second_ms)) is Reach.ONLINE
    assert _reach(first) is Reach.ONLINE
    assert _reach(devices_now(heard, site, second_ms + 1000)) is Reach.SILENT


def _reach(devices: tuple[DeviceNow, ...]) -> Reach:
    return next(one.reach for one in devices if one.device.device_id == "charger-01")


def test_worst_first(desk: FakeDesk, clock: ManualClock) -> None:
    """Critical before warn before notice; what still fires before what went stale."""
    alarms = worst_first(desk.alarms(open_only=True, limit=100), clock.now_ms())
    ranks = [list(reversed(Severity)).index(alarm.severity) for alarm in alarms]
    assert ranks == sorted(ranks)
    warnings = [alarm.state for alarm in alarms if alarm.severity is Severity.WARN]
    assert warnings[-1] is AlarmState.STALE


def test_what_is_silenced_comes_last(desk: FakeDesk, clock: ManualClock) -> None:
    """However bad it is, as long as the silence lasts."""
    until_ms = clock.now_ms() + 1000
    desk.all_alarms[0] = replace(desk.all_alarms[0], silence_id=1, silenced_until_ms=until_ms)
    silent = desk.all_alarms[0].id
    alarms = desk.alarms(open_only=True, limit=100)
    assert worst_first(alarms, clock.now_ms())[-1].id == silent
    assert silent in {alarm.id for alarm in worst_first(alarms, until_ms)[:2]}


def test_only_open_things_are_looked_at(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Closed cases and resolved alarms are not on the first page; the worst is first, then the earliest deadline."""
    city = look(desk, site, clock.now_ms())
    assert all(alarm.resolved_ms is None for alarm in city.alarms)
    assert [case.id[-1] for case in city.cases] == ["1", "2", "3"]
    assert city.overdue == 1
    assert [ladder.recheck_ms for ladder in city.asked] == sorted(ladder.recheck_ms for ladder in city.asked)
    assert [ladder.id for ladder in city.corrected] == [6, 7]
