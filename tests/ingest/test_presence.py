"""Who was last heard of."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState, Reading, Status
from domain.sighting import Sighting, ViewHealth
from ingest.presence import Presence
from tests.ingest.site import NOW_MS, make_site

SITE = make_site()


def reading(received_ms: int, *, device_id: str = "tree-1", at_ms: int | None = None) -> Reading:
    """A reading of the tree."""
    return Reading(
        kind="tree", device_id=device_id, at_ms=at_ms or received_ms, received_ms=received_ms, metrics={"tilt_deg": 1.0}
    )


def status(state: DeviceState, received_ms: int) -> Status:
    """A birth or last will of the tree."""
    return Status(kind="tree", device_id="tree-1", state=state, received_ms=received_ms)


def heard(seen_ms: int | None, state: DeviceState | None, state_ms: int | None) -> DevicePresence:
    """The tree's entry as it should be."""
    return DevicePresence(device_id="tree-1", kind="tree", seen_ms=seen_ms, state=state, state_ms=state_ms)


def look(taken_ms: int, view: ViewHealth, fault: str | None = None) -> Sighting:
    """A look of the camera."""
    return Sighting(
        camera_id="cam-1", look_id="x", taken_ms=taken_ms, received_ms=taken_ms + 900, view=view, fault=fault
    )


def tree(presence: Presence) -> DevicePresence:
    """The tree's entry."""
    return next(device for device in presence.devices() if device.device_id == "tree-1")


def camera(presence: Presence) -> CameraPresence:
    """The camera's entry."""
    return presence.cameras()[0]


def test_all_registered_are_present_before_they_are_heard() -> None:
    """A device nobody ever heard of must be seen to be missing."""
    presence = Presence(SITE)
    assert presence.devices() == (
        DevicePresence(device_id="tree-1", kind="tree"),
        DevicePresence(device_id="pile-1", kind="charger"),
    )
    assert presence.cameras() == (CameraPresence(camera_id="cam-1"),)
    assert presence.take_dirty() == []


def test_what_is_asked_again_is_the_same_until_something_changes() -> None:
    """Observed here, or taken up from another."""
    presence = Presence(SITE)
    first = presence.devices()
    presence.observe(look(NOW_MS, ViewHealth.HEALTHY))
    assert presence.devices() is first
    presence.observe(reading(NOW_MS))
    assert presence.devices() != first
    presence.take_up([heard(NOW_MS + 1000, DeviceState.ONLINE, NOW_MS + 1000)])
    assert tree(presence).seen_ms == NOW_MS + 1000


def test_a_reading_is_heard_when_received() -> None:
    """Back-fill of yesterday still means that the device speaks now."""
    presence = Presence(SITE)
    presence.observe(reading(NOW_MS, at_ms=NOW_MS - 86_400_000))
    assert tree(presence) == heard(NOW_MS, DeviceState.ONLINE, NOW_MS)


def test_replayed_readings_do_not_turn_time_back() -> None:
    """After a restart the journal is read again from the cursor."""
    presence = Presence(SITE)
    presence.observe(reading(NOW_MS))
    presence.observe(reading(NOW_MS - 5000))
    assert tree(presence).seen_ms == NOW_MS


def test_a_last_will_is_not_a_sign_of_life() -> None:
    """The broker speaks for the device; it was heard last before that."""
    presence = Presence(SITE)
    presence.observe(reading(NOW_MS))
    presence.observe(status(DeviceState.OFFLINE, NOW_MS + 60_000))
    assert (tree(presence).seen_ms, tree(presence).state) == (NOW_MS, DeviceState.OFFLINE)


def test_every_live_birth_is_a_sign_of_life() -> None:
    """A gateway that is only named by what it passes on says nothing else of its own."""
    presence = Presence(SITE)
    presence.observe(status(DeviceState.ONLINE, NOW_MS))
    presence.observe(status(DeviceState.ONLINE, NOW_MS + 60_000))
    assert (tree(presence).seen_ms, tree(presence).state) == (NOW_MS + 60_000, DeviceState.ONLINE)
    presence.observe(status(DeviceState.ONLINE, NOW_MS))
    assert tree(presence).seen_ms == NOW_MS + 60_000


def test_what_was_told_as_history_is_no_sign_of_life() -> None:
    """A retained copy, or what a node had stored, may be of a device that is long gone."""
    presence = Presence(SITE)
    presence.observe(replace(reading(NOW_MS), past=True))
    assert tree(presence) == DevicePresence(device_id="tree-1", kind="tree")
    assert presence.take_dirty() == []


def test_a_retained_birth_is_no_news() -> None:
    """Not even of a device that was never heard of, or that the broker said was gone."""
    presence = Presence(SITE)
    kept = replace(status(DeviceState.ONLINE, NOW_MS + 60_000), retain=True)
    presence.observe(kept)
    assert tree(presence) == DevicePresence(device_id="tree-1", kind="tree")
    presence.observe(status(DeviceState.OFFLINE, NOW_MS))
    presence.observe(kept)
    assert (tree(presence).seen_ms, tree(presence).state) == (None, DeviceState.OFFLINE)


Words = Sequence[tuple[str, int]]


def after(words: Words) -> DevicePresence:
    """The tree, once these were observed in this order: what was said, and the second it was received in."""
    presence = Presence(SITE)
    for said, second in words:
        at_ms = NOW_MS + second * 1000
        presence.observe(reading(at_ms) if said == "reading" else status(DeviceState(said), at_ms))
    return tree(presence)


@pytest.mark.parametrize(
    ("words", "seen_s", "state", "state_s"),
    [
        ((("reading", 0), ("offline", 9), ("reading", 5)), 5, DeviceState.OFFLINE, 9),
        ((("reading", 0), ("offline", 9), ("online", 5)), 5, DeviceState.OFFLINE, 9),
        ((("reading", 9), ("offline", 5)), 9, DeviceState.ONLINE, 9),
        ((("online", 9), ("offline", 5), ("reading", 7)), 9, DeviceState.ONLINE, 9),
        ((("offline", 2), ("offline", 9), ("reading", 5)), 5, DeviceState.OFFLINE, 9),
        ((("offline", 5), ("reading", 9)), 9, DeviceState.ONLINE, 9),
        ((("reading", 5), ("offline", 5)), 5, DeviceState.OFFLINE, 5),
    ],
)
def test_an_old_word_changes_no_newer_state(words: Words, seen_s: int, state: DeviceState, state_s: int) -> None:
    """What was set aside and is replayed was said before: it may show a newer sign of life, and no older state."""
    assert after(words) == heard(NOW_MS + seen_s * 1000, state, NOW_MS + state_s * 1000)


@given(st.data())
def test_the_state_is_that_of_the_newest_word_in_whatever_order_they_are_read(data: st.DataObject) -> None:
    """Each word has its own moment; a replay may bring any of them at any place."""
    said = data.draw(st.lists(st.sampled_from(["reading", "online", "offline"]), min_size=1, max_size=8))
    words = [(word, second) for second, word in enumerate(said)]
    assert after(data.draw(st.permutations(words))) == after(words)


def test_only_healthy_looks_count_as_healthy() -> None:
    """The newest look gives view and fault; `healthy_ms` stays at the last good one."""
    presence = Presence(SITE)
    presence.observe(look(NOW_MS, ViewHealth.HEALTHY))
    presence.observe(look(NOW_MS + 60_000, ViewHealth.OFFLINE, "timeout"))
    assert camera(presence) == CameraPresence(
        camera_id="cam-1",
        view=ViewHealth.OFFLINE,
        fault="timeout",
        taken_ms=NOW_MS + 60_000,
        healthy_ms=NOW_MS,
    )


def test_a_late_look_changes_the_view_no_more() -> None:
    """A healthy look that arrives after a newer dark one only proves that the view was well then."""
    presence = Presence(SITE)
    presence.observe(look(NOW_MS, ViewHealth.DARK))
    presence.observe(look(NOW_MS - 1000, ViewHealth.HEALTHY))
    assert camera(presence) == CameraPresence(
        camera_id="cam-1", view=ViewHealth.DARK, taken_ms=NOW_MS, healthy_ms=NOW_MS - 1000
    )


def test_the_unregistered_are_not_observed() -> None:
    """The register decides who exists."""
    presence = Presence(SITE)
    presence.observe(reading(NOW_MS, device_id="tree-9"))
    assert len(presence.devices()) == 2
    assert presence.take_dirty() == []


def test_what_changed_is_given_once() -> None:
    """Each entry once, as it is now; then nothing until the next change."""
    presence = Presence(SITE)
    presence.observe(reading(NOW_MS))
    presence.observe(reading(NOW_MS + 1))
    presence.observe(look(NOW_MS, ViewHealth.HEALTHY))
    assert presence.take_dirty() == [tree(presence), camera(presence)]
    assert presence.take_dirty() == []


def test_what_was_saved_is_taken_up() -> None:
    """But not what has left the books, and not under a kind the register has changed."""
    seen = DevicePresence(device_id="tree-1", kind="shrub", seen_ms=NOW_MS, state=DeviceState.OFFLINE)
    gone = DevicePresence(device_id="tree-9", kind="tree", seen_ms=NOW_MS)
    looked = CameraPresence(camera_id="cam-1", view=ViewHealth.DARK, taken_ms=NOW_MS)
    presence = Presence(SITE, [seen, gone, looked, CameraPresence(camera_id="cam-9")])
    assert tree(presence) == DevicePresence(device_id="tree-1", kind="tree", seen_ms=NOW_MS, state=DeviceState.OFFLINE)
    assert len(presence.devices()) == 2
    assert presence.cameras() == (looked,)
    assert presence.take_dirty() == []
