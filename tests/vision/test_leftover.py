"""Things of no known class: found, timed, kept while they stand, and gone when they are."""

import numpy as np
import pytest
from msgspec import msgpack, structs

from app.bench import leftover_stories as stories
from app.bench import leftover_weather as weather
from app.bench.leftover_street import streets
from tests.vision.leftover_scenes import score, story, told
from vision.glance import Glance
from vision.leftover import Backgrounds, Surroundings, ground, observe, things, weight
from vision.leftover.regions import Region
from vision.leftover.things import Presence
from vision.zones import likeness

TARMAC = 1


@pytest.mark.parametrize("every_s", [10.0, 20.0, 60.0, 120.0])
def test_a_carton_is_found_timed_within_two_looks_and_gone_within_three(every_s: float) -> None:
    """Whatever the look rate, a stay is right to two looks, its key and box stay the same, and it ends."""
    looks = told(story(streets()[TARMAC]), every_s)
    first_ms = next(moment.taken_ms for moment, _ in looks if moment.truth[0])
    found_ms = first_ms + max(5 * every_s, 90) * 1000
    there = [(moment, left) for moment, left in looks if moment.truth[0] and moment.taken_ms >= found_ms]
    after = [left for moment, left in looks if moment.taken_ms > there[-1][0].taken_ms]

    assert len(there) >= 4
    assert all(len(left) == 1 for _, left in there)
    assert len({left[0].key for _, left in there}) == 1
    for moment, (thing,) in there:
        truth = moment.truth[0]
        assert truth is not None
        assert likeness(thing.box, truth) >= 0.5
        assert abs(thing.stay_ms - (moment.taken_ms - first_ms)) <= 2 * 1.25 * every_s * 1000
    assert all(not left for left in after[2:])


def test_it_is_not_absorbed_in_eight_hours() -> None:
    """Nothing is learnt inside a thing that stands: after eight hours it is still reported, with its stay."""
    looks = told(story(streets()[TARMAC], until_s=1e9, lasts_s=8.2 * 3600), 120)

    assert all(len(left) == 1 for _, left in looks[9:])
    assert looks[-1][1][0].stay_ms >= 7.9 * 3_600_000


def test_a_restart_changes_nothing() -> None:
    """The memory written and read between any two looks says the same as the memory kept."""

    def restarted(memory: Backgrounds) -> Backgrounds:
        return msgpack.decode(msgpack.encode(memory), type=Backgrounds)

    what = story(streets()[TARMAC], lasts_s=1200)

    assert [left for _, left in told(what, 60, between=restarted)] == [left for _, left in told(what, 60)]


def test_a_dark_night_neither_clears_a_thing_nor_begins_it_anew() -> None:
    """After ten hours without a healthy look it is the same thing, and the night adds nothing to its stay."""
    night = (1500.0, 1500.0 + 36_000)
    what = story(streets()[TARMAC], until_s=1e9, lasts_s=night[1] + 900, unseen=(night,))
    looks = told(what, 60)
    before = next(left for moment, left in reversed(looks) if moment.taken_ms < looks[0][0].taken_ms + 1_500_000)

    assert [thing.key for thing in looks[-1][1]] == [thing.key for thing in before]
    assert looks[-1][1][0].stay_ms < 2 * 3_600_000


def test_infrared_does_not_clear_a_thing() -> None:
    """When the light changes altogether, a thing is hidden or there, never gone."""
    what = story(streets()[TARMAC], until_s=1e9, lasts_s=2400, effects=(weather.infrared(1200),))
    looks = told(what, 60)

    assert all(left for _, left in looks[10:])


@pytest.mark.parametrize(
    "maker",
    [
        stories.nothing,
        stories.taken_away,
        stories.bicycles,
        stories.parked_van,
        stories.lights,
        stories.infrared,
        stories.clouds,
        stories.shadows,
        stories.wet_road,
        stories.headlights,
        stories.leaves,
        stories.shutter,
        stories.sagging,
    ],
)
def test_what_only_looks_like_a_thing_is_none(maker: stories.StoryMaker) -> None:
    """Light, weather, holes, things with a name, and a camera that sags are never reported."""
    done = score(maker, 60, street=TARMAC)

    assert done.notes == []


def test_without_zones_nothing_is_remembered() -> None:
    """A camera without zones costs no memory."""
    glance = Glance.of(streets()[TARMAC].empty)
    named = Surroundings(taken_ms=1, zones=(), people=(), known=())

    assert observe(Backgrounds(), glance, named) == (Backgrounds(), ())


def test_the_memory_stays_below_its_bound() -> None:
    """A camera's backgrounds, with a thing in them, take at most 150 KB."""
    sizes: list[int] = []

    def measured(memory: Backgrounds) -> Backgrounds:
        sizes.append(len(msgpack.encode(memory)))
        return memory

    told(story(streets()[TARMAC], lasts_s=900), 60, between=measured)

    assert 100_000 < max(sizes) <= 150_000


def test_only_what_matters_has_weight() -> None:
    """A new thing is worth writing at once; a background that follows the light is not."""
    street = streets()[TARMAC]
    named = Surroundings(taken_ms=1000, zones=(street.zone,), people=(), known=())
    first, _ = observe(Backgrounds(), Glance.of(street.empty), named)
    darker = np.asarray(street.empty * 0.95, np.uint8)
    later, _ = observe(first, Glance.of(darker), structs.replace(named, taken_ms=61_000))

    assert later != first
    assert weight(later) == weight(first)


@pytest.mark.parametrize(
    "looks",
    [
        [Presence.UNKNOWN],
        [Presence.EMPTY],
        [Presence.EMPTY, Presence.UNKNOWN, Presence.UNKNOWN],
        [Presence.CLAIMED],
        [Presence.EMPTY, Presence.CLAIMED],
    ],
)
def test_until_it_is_gone_it_is_there_or_hidden(looks: list[Presence]) -> None:
    """One look that misses it, somebody before it, the detector's other name: none of them makes the place clear."""
    view = ground.View.of(Glance.of(np.full((120, 160, 3), 120, np.uint8)))
    mask = np.zeros((120, 160), np.bool_)
    mask[40:60, 50:70] = True
    region = Region(mask=mask, span=(50, 40, 70, 60), pixels=400)
    thing = things.new(region, view, taken_ms=60_000, elapsed_ms=60_000)
    thing = structs.replace(thing, looks=20, stay_ms=600_000)
    for look in looks:
        kept = things.after(thing, look, view, 120_000, 0.1)
        assert kept is not None
        thing = kept
    assert [found.hidden for found in things.told([thing], (0.0, 0.0))] == [True]
    assert things.after(structs.replace(thing, missed=1), Presence.EMPTY, view, 180_000, 0.1) is None
