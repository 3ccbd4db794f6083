"""A look as evidence, with what came before it."""

from domain.picture import day_ms_of, picture_name, taken_ms_of
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.evidence import evidence_of

NOON_MS = 1_763_784_000_000


def name(at_ms: int) -> str:
    """A picture's, as the vision worker gives it."""
    return picture_name("cam", f"cam-{at_ms}", at_ms)


def seen(label: str, stay_s: float, onset: str | None, context: str | None = None) -> SeenObject:
    """Something that stands there."""
    return SeenObject(
        label=label, score=0.5, box=(0, 0, 1, 1), overlap=1, stay_s=stay_s, looks=3, onset=onset, context=context
    )


def look(*objects: SeenObject) -> Sighting:
    """A look at a zone `front`, and at another that holds what stands for ages."""
    old = seen("bicycle", 9e6, name(NOON_MS - 9_000_000))
    return Sighting(
        camera_id="cam",
        look_id=f"cam-{NOON_MS}",
        taken_ms=NOON_MS,
        received_ms=NOON_MS,
        view=ViewHealth.HEALTHY,
        zones=(ZoneSighting(zone="back", objects=(old,)), ZoneSighting(zone="front", objects=objects)),
        picture=name(NOON_MS),
    )


def test_of_what_stands_longest_in_the_zone_it_has_the_earlier_pictures() -> None:
    """Of the classes of the rule only; with the times that the names tell."""
    first, before = name(NOON_MS - 900_000), name(NOON_MS - 960_000)
    evidence = evidence_of(
        look(
            seen("bicycle", 60, name(NOON_MS - 60_000)),
            seen("bicycle", 900, first, before),
            seen("chair", 9000, name(NOON_MS - 9_000_000)),
        ),
        "front",
        {"bicycle"},
    )
    assert evidence.onset is not None
    assert evidence.context is not None
    assert (evidence.onset.picture, evidence.onset.taken_ms) == (first, NOON_MS - 900_000)
    assert (evidence.context.picture, evidence.context.taken_ms) == (before, NOON_MS - 960_000)
    assert evidence.picture == name(NOON_MS)


def test_a_clear_look_has_nothing_but_itself() -> None:
    """Nothing stands there, so nothing came."""
    evidence = evidence_of(look(), "front", {"bicycle"})
    assert (evidence.onset, evidence.context) == (None, None)


def test_a_name_that_does_not_tell_its_time_proves_nothing() -> None:
    """Nor one whose day is not that of its time: it is left out, for its caption would be invented."""
    for strange in (
        "cam/20251122/first",
        "cam/20200101/cam-1763784000000",
        "nonsense",
        "cam/20251122/cam-99999999999999",
    ):
        assert taken_ms_of(strange) is None
        assert evidence_of(look(seen("bicycle", 900, strange)), "front", {"bicycle"}).onset is None


def test_a_name_tells_its_day() -> None:
    """Which is what deletion by age begins with."""
    assert day_ms_of(name(NOON_MS)) == NOON_MS - NOON_MS % 86_400_000
    assert day_ms_of("cam/20259999/x") == 0
    assert day_ms_of("x") == 0
