"""Line protocol, read: what our own writer writes comes back, and what others write is understood or refused."""

import pytest
from hypothesis import given, settings

from domain.point import Point
from storage.series.line_protocol import line
from storage.series.lines import MalformedLine, parsed
from tests.storage.series.test_transfer import POINTS


@settings(max_examples=300)
@given(points=POINTS)
def test_a_line_is_read_as_it_was_written(points: list[Point]) -> None:
    """Commas, spaces, equals signs, quotes and backslashes in every place where they are allowed."""
    for point in points:
        assert parsed(line(point)) == point


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tree", "1 parts"),
        ("tree a=1", "no time"),
        ("tree a=1 5 6", "4 parts"),
        ("tree a=1 soon", "'soon'"),
        ("tree,device a=1 5", "'device' is not key=value"),
        ("tree,d=1,d=2 a=1 5", "named twice"),
        ('tree a="b c" 5', "is a text"),
        ("tree a=one 5", "'one', which is no value"),
        ("tree a=inf 5", "finite"),
        ("tree a= 5", "is not key=value"),
    ],
)
def test_a_bad_line_says_what_is_wrong(text: str, problem: str) -> None:
    """A person mends the file by this."""
    with pytest.raises(MalformedLine, match=problem):
        parsed(text)
