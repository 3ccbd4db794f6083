"""k of n looks, without a camera."""

import pytest
from pydantic import ValidationError

from domain.finding import Change
from rules.window import KofN, Looks, Window


def _changes(looks: str, window: Window) -> str:
    """One letter a look, x shows and . is clear; answers with R(aised), +(renewed), C(leared) or a blank."""
    state: Looks | None = None
    letters = {Change.RAISED: "R", Change.RENEWED: "+", Change.RESOLVED: "C", None: " "}
    said = ""
    for at_ms, look in enumerate(looks):
        state, change = window.shown(state, at_ms, at_ms) if look == "x" else window.clear_look(state, at_ms)
        said += letters[change]
    return said


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ("xx", " R"),
        ("x.x", "  R"),
        ("x..x", "    "),
        ("x..x.x", "     R"),
        ("xxx..", " R+ C"),
        ("xx.x..", " R + C"),
        ("x.x.x..", "  R + C"),
        ("xx..xx", " R C R"),
        ("....", "    "),
    ],
)
def test_two_of_three_raise_and_two_of_two_clear(looks: str, said: str) -> None:
    """The pattern of looks on the left leads to the changes on the right."""
    assert _changes(looks, Window(confirm=KofN(k=2, n=3), clear=KofN(k=2, n=2))) == said


def test_clear_looks_from_before_the_alarm_do_not_help_to_end_it() -> None:
    """With two of three to clear, the clear look between the two that raised is not one of them."""
    assert _changes("x.x..", Window(confirm=KofN(k=2, n=3), clear=KofN(k=2, n=3))) == "  R C"


def test_since_is_the_first_look_that_still_counts() -> None:
    """A showing look that fell out of the last n no longer says since when."""
    window = Window(confirm=KofN(k=2, n=3), clear=KofN(k=2, n=2))
    first, _ = window.shown(None, 10, 10)
    second, _ = window.clear_look(first, 11)
    third, _ = window.clear_look(second, 12)
    fourth, _ = window.shown(third, 13, 13)
    fifth, change = window.shown(fourth, 14, 14)
    assert (change, fifth.since_ms) == (Change.RAISED, 13)


def test_more_looks_than_there_are_is_refused() -> None:
    """3 of 2 can never be."""
    with pytest.raises(ValidationError, match="3 of 2 looks can never be"):
        KofN(k=3, n=2)
