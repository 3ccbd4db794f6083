"""Which looks keep their picture."""

from vision.keeping import decide
from vision.memory import Place


def place(stay_s: float, *, missed: int = 0, marks: int = 0, owed: int = 0) -> Place:
    """A thing that has stood so long."""
    return Place(
        label="bicycle",
        home=(0, 0, 1, 1),
        box=(0, 0, 1, 1),
        score=0.5,
        patch=b"",
        stay_ms=round(stay_s * 1000),
        seen_ms=0,
        looks=1,
        missed=missed,
        marks=marks,
        owed=owed,
    )


def kept(stays_s: list[float], *, compress: float = 1.0) -> list[bool]:
    """Whether each of the looks that show these stays keeps its picture."""
    out, marks, owed = [], 0, 0
    for stay_s in stays_s:
        decision = decide([place(stay_s, marks=marks, owed=owed)], 0, compress=compress)
        marks, owed = decision.places[0].marks, decision.places[0].owed
        out.append(decision.keep)
    return out


def test_a_new_thing_and_each_stay_that_matters_are_kept_with_the_look_after_it() -> None:
    """At a look a minute: 0 and 1 minute, 3, 5, 10 …: a rule that confirms by two looks finds both pictures."""
    minutes = [index for index, keep in enumerate(kept([60.0 * n for n in range(26)])) if keep]
    assert minutes == [0, 1, 2, 3, 4, 5, 6, 10, 11, 15, 16, 20, 21]


def test_a_thing_that_stays_for_days_costs_two_pictures_an_hour() -> None:
    """Not one a minute."""
    second_day = kept([60.0 * n for n in range(2880)])[1440:]
    assert sum(second_day) == 48


def test_in_a_simulated_city_stays_count_faster() -> None:
    """Thirty times as fast, ten minutes are twenty seconds."""
    assert kept([0, 6, 12, 18, 24, 30], compress=30) == [True] * 6


def test_two_pictures_of_the_cleared_place_are_kept() -> None:
    """The closing shows them."""
    first = decide([place(700, missed=1)], 0, compress=1)
    second = decide([place(700, missed=2)], first.clear_owed, compress=1)
    third = decide([], second.clear_owed, compress=1)
    assert [first.keep, second.keep, third.keep] == [True, True, False]


def test_nothing_there_keeps_nothing() -> None:
    """A clear zone stays without pictures."""
    assert decide([], 0, compress=1).keep is False
