"""Strangers' bytes made safe to read."""

from hypothesis import given
from hypothesis import strategies as st

from console.payload import excerpt, readable


def test_text_is_shown_as_text() -> None:
    """UTF-8 stays readable; line breaks become spaces."""
    assert excerpt('{"倾角":\n 0.3}'.encode()) == ('{"倾角": 0.3}', False)


def test_binary_is_shown_as_hex() -> None:
    """Bytes that are no text are told apart from text."""
    assert excerpt(b"\xff\xfe\x00") == ("ff fe 00", True)
    assert excerpt(b"ok\x00") == ("6f 6b 00", True)


def test_long_ones_are_cut() -> None:
    """An excerpt is an excerpt, in either form."""
    assert excerpt(b"a" * 500)[0] == "a" * 160 + "…"
    assert excerpt(b"\xff" * 500)[0].endswith("\n…")


def test_direction_marks_are_written_out() -> None:
    """A topic can't be made to read backwards."""
    assert readable("a\u202etxt") == "a⟨202E⟩txt"


@given(st.binary(max_size=400))
def test_any_bytes_become_printable(payload: bytes) -> None:
    """Whatever comes, what is shown is printable but for line breaks."""
    shown, _ = excerpt(payload)
    assert shown.replace("\n", "").isprintable()
