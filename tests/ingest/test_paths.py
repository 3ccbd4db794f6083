"""Places in a payload."""

from typing import Any

import pytest
from hypothesis import given

from ingest.decoded import Unfit
from ingest.paths import MISSING, Path, flat
from tests.ingest.decoders.feeds import JSON

CONTENT: dict[str, Any] = {"a": {"b": [{"c": 1}, {"c": None}]}, "0": {"x": 2}, "e": {}}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b.0.c", 1),
        ("a.b.1.c", None),
        ("a.b.2.c", MISSING),
        ("a.b.-1", MISSING),
        ("a.b.x", MISSING),
        ("a.b.²", MISSING),
        ("a.b.99999999999999999999", MISSING),
        ("a.x", MISSING),
        ("a.b.0.c.d", MISSING),
        ("0.x", 2),
        ("e", {}),
    ],
)
def test_a_path(text: str, found: object) -> None:
    """Keys of objects and places in lists; a null is there, and what is not there is MISSING."""
    assert Path(text).find(CONTENT) == found


@pytest.mark.parametrize("text", ["", ".", "a..b", ".a", "a.", " a", "a. b"])
def test_what_is_no_path(text: str) -> None:
    """It says how to write one."""
    with pytest.raises(ValueError, match="write keys and list places"):
        Path(text)


def test_all_values_by_their_paths() -> None:
    """In the payload's order, without what is null or empty."""
    assert list(flat({"z": 1, **CONTENT, "f": [True, "x"]}).items()) == [
        ("z", 1),
        ("a.b.0.c", 1),
        ("0.x", 2),
        ("f.0", True),
        ("f.1", "x"),
    ]


@given(JSON)
def test_every_value_is_found_where_it_is_said_to_be(content: object) -> None:
    """Paths lead back to their values, unless a key has a dot, is empty, or has blanks around it."""
    try:
        found = flat({"root": content})
    except Unfit:
        return
    for name, value in found.items():
        try:
            path = Path(name)
        except ValueError:
            continue
        assert path.find({"root": content}) in (value, MISSING) or value != value  # noqa: PLR0124 - NaN
