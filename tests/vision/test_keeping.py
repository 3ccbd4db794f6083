"""Which looks keep their picture, and what is remembered of them."""

from msgspec import structs

from domain.sighting import Box
from vision.album import Album, Spare
from vision.keeping import Kept, Occasions, Scene, Stay, decide, remembered, without
from vision.leftover import Leftover
from vision.memory import CameraMemory, Place

MINUTE_MS = 60_000
HERE: Box = (0.1, 0.1, 0.3, 0.3)
THERE: Box = (0.6, 0.6, 0.8, 0.8)


def place(stay_s: float, *, missed: int = 0, looks: int = 1, home: Box = HERE) -> Place:
    """A thing that has stood so long."""
    return Place(
        label="bicycle",
        home=home,
        box=home,
        score=0.5,
        patch=b"",
        stay_ms=round(stay_s * 1000),
        seen_ms=0,
        looks=looks,
        missed=missed,
    )


def thing(stay_s: float, *, hidden: bool = False) -> Leftover:
    """A thing of no known class that has stood so long."""
    return Leftover(key="carton", box=HERE, score=0.8, stay_ms=round(stay_s * 1000), looks=5, hidden=hidden)


class Camera:
    """Looks one after the other; what one leaves behind is what the next finds."""

    def __init__(self, occasions: Occasions | None = None, *, compress: float = 1.0) -> None:
        self.memory = CameraMemory()
        self._occasions = occasions or Occasions()
        self._compress = compress
        self.now_ms = 0

    def look(self, *places: Place, left: tuple[Leftover, ...] = (), asked: bool = False, lost: bool = False) -> Kept:
        """A look a minute. Places keep what is remembered of their pictures; `lost`: the disk takes nothing."""
        self.now_ms += MINUTE_MS
        known = {known.home: known for known in self.memory.places}
        scene = Scene(
            name=f"cam/19700101/cam-{self.now_ms}",
            taken_ms=self.now_ms,
            places=tuple(
                structs.replace(known.get(new.home, new), stay_ms=new.stay_ms, missed=new.missed, looks=new.looks)
                for new in places
            ),
            left=left,
            asked=asked,
        )
        kept = decide(self.memory, scene, self._occasions, compress=self._compress)
        self.memory = remembered(self.memory, kept.unkept if lost and kept.unkept else kept)
        return kept


def kept(stays_s: list[float], *, occasions: Occasions | None = None, compress: float = 1.0) -> list[bool]:
    """Whether each of the looks that show these stays keeps its picture."""
    camera = Camera(occasions, compress=compress)
    return [camera.look(place(stay_s)).keep for stay_s in stays_s]


def test_a_new_thing_and_each_stay_that_matters_are_kept_with_the_look_after_it() -> None:
    """At a look a minute: 0 and 1 minute, 3, 5, 10 …: a rule that confirms by two looks finds both pictures."""
    minutes = [index for index, keep in enumerate(kept([60.0 * n for n in range(26)])) if keep]
    assert minutes == [0, 1, 2, 3, 4, 5, 6, 10, 11, 15, 16, 20, 21]


def test_the_stays_of_the_rules_are_what_counts() -> None:
    """Two looks when it is new, and as many as the rule looks at once its minimum stay is reached."""
    occasions = Occasions(stays=(Stay(stay_s=0), Stay(stay_s=600, looks=3)))
    minutes = [n for n, keep in enumerate(kept([60.0 * n for n in range(26)], occasions=occasions)) if keep]
    assert minutes == [0, 1, 10, 11, 12]


def test_a_class_may_have_stays_of_its_own() -> None:
    """What matters for umbrellas costs no pictures of bicycles."""
    occasions = Occasions(of_class={"bicycle": (Stay(stay_s=0), Stay(stay_s=900))})
    minutes = [n for n, keep in enumerate(kept([60.0 * n for n in range(26)], occasions=occasions)) if keep]
    assert minutes == [0, 1, 15, 16]


def test_a_stay_of_hours_gets_its_own_pictures_among_those_of_each_hour() -> None:
    """Three at the two hours of the rule, two at every other hour."""
    occasions = Occasions(stays=(Stay(stay_s=0), Stay(stay_s=7200, looks=3)))
    minutes = [n for n, keep in enumerate(kept([60.0 * n for n in range(200)], occasions=occasions)) if keep]
    assert minutes == [0, 1, 60, 61, 120, 121, 122, 180, 181]


def test_a_thing_that_stays_for_days_costs_two_pictures_an_hour() -> None:
    """Not one a minute."""
    second_day = kept([60.0 * n for n in range(2880)])[1440:]
    assert sum(second_day) == 48


def test_in_a_simulated_city_stays_count_faster() -> None:
    """Thirty times as fast, ten minutes are twenty seconds."""
    assert kept([0, 6, 12, 18, 24, 30], compress=30) == [True] * 6


def test_two_pictures_of_the_cleared_place_are_kept() -> None:
    """The closing shows them."""
    camera = Camera()
    for minute in range(14):
        camera.look(place(60 * minute))
    looks = [camera.look(place(840, missed=1)), camera.look(place(840, missed=2)), camera.look()]
    assert [look.keep for look in looks] == [True, True, False]


def test_what_went_while_nobody_could_look_is_shown_gone_too() -> None:
    """After a long gap its place is forgotten without having been missed: the first looks at it are kept even so."""
    camera = Camera()
    for minute in range(14):
        camera.look(place(60 * minute))
    camera.now_ms += 3 * 3600_000
    assert [camera.look().keep for _ in range(3)] == [True, True, False]


def test_nothing_there_keeps_nothing_and_what_is_asked_for_is_kept() -> None:
    """A clear zone stays without pictures, but for the re-check."""
    camera = Camera()
    assert camera.look().keep is False
    assert camera.look(asked=True).keep is True


def test_the_first_kept_picture_is_the_onset_and_stays_it() -> None:
    """Every later look quotes it."""
    camera = Camera()
    first = camera.look(place(0)).name
    for minute in range(1, 30):
        assert camera.look(place(60 * minute)).places[0].onset == first


def test_a_picture_that_could_not_be_kept_is_promised_to_nobody() -> None:
    """The next look tries again, and its picture is then the first there is."""
    camera = Camera()
    camera.look(place(0), lost=True)
    assert camera.memory.places[0].onset is None
    second = camera.look(place(60))
    assert (second.keep, second.places[0].onset) == (True, second.name)


def test_the_view_before_it_came_becomes_evidence_once_it_is_no_passer_by() -> None:
    """One picture of the empty view is set aside every ten minutes; the newest before the thing came is promoted."""
    camera = Camera()
    aside = [look.name for look in (camera.look() for _ in range(25)) if look.spare]
    assert len(aside) == 3
    first, second = camera.look(place(0)), camera.look(place(60, looks=2))
    assert (first.promote, first.places[0].context) == ((), None)
    assert (second.promote, second.places[0].context) == ((aside[-1],), aside[-1])
    third = camera.look(place(120, looks=3), place(0, home=THERE))
    assert third.promote == ()
    fourth = camera.look(place(180, looks=4), place(60, home=THERE, looks=2))
    assert (fourth.promote, fourth.places[1].context) == ((), aside[-1])


def test_nothing_is_set_aside_while_something_stands_or_its_going_is_not_sure() -> None:
    """Else the picture of before would show it."""
    camera = Camera()
    looks = [camera.look(place(60 * n)) for n in range(30)]
    looks += [camera.look(place(1800, missed=1)), camera.look(place(1800, missed=2))]
    assert not any(look.spare for look in looks)
    assert camera.look().spare


def test_without_a_picture_of_before_none_is_claimed() -> None:
    """What stands there at the very first look has no before."""
    camera = Camera()
    looks = [camera.look(place(60 * n, looks=n + 1)) for n in range(20)]
    assert {look.places[0].context for look in looks} == {None}


def test_a_thing_of_no_known_class_gets_a_picture_of_before_its_stay_began() -> None:
    """It is known only after a while: the newest picture set aside may show it already, so the one before is taken."""
    camera = Camera()
    spares = [look for look in (camera.look() for _ in range(22)) if look.spare]
    look = camera.look(left=(thing(5 * 60),))
    mark = look.album.left[0]
    assert [spare.name for spare in look.album.spares] == [one.name for one in spares[-2:]]
    assert mark.context == spares[-2].name
    assert look.promote == (spares[-2].name,)
    assert (look.keep, mark.onset) == (True, look.name)


def test_a_thing_of_no_known_class_is_remembered_while_it_is_hidden_and_its_going_is_shown() -> None:
    """Its first picture is still its first picture afterwards; two pictures show the place without it."""
    camera = Camera()
    onset = camera.look(left=(thing(600),)).name
    for minute in range(11, 14):
        camera.look(left=(thing(60 * minute, hidden=True),))
    assert camera.look(left=(thing(840),)).album.left[0].onset == onset
    assert [camera.look().keep for _ in range(3)] == [True, True, False]


def test_a_lost_picture_is_named_nowhere() -> None:
    """Neither as one set aside nor as a context or an onset."""
    memory = CameraMemory(
        places=(structs.replace(place(0), onset="a", context="b"),),
        album=Album(spares=(Spare(name="b", taken_ms=1), Spare(name="c", taken_ms=2))),
    )
    left = without(without(memory, "a"), "b")
    assert (left.places[0].onset, left.places[0].context) == (None, None)
    assert [spare.name for spare in left.album.spares] == ["c"]
