"""What a session is subscribed to, remembered across restarts."""

import logging
from pathlib import Path

import pytest

from ingest.subscriptions import Plan, Subscriptions, leftover


def client(folder: Path, *wanted: str, client_id: str = "city", broker: str = "mq:1883") -> Subscriptions:
    """As after a start of the product."""
    return Subscriptions(wanted, client_id=client_id, broker=broker, folder=folder)


def test_the_first_session_ever_is_neither_lost_nor_to_be_mended(tmp_path: Path) -> None:
    """Nobody is warned at the first start."""
    assert client(tmp_path, "a").begin(session_present=False) == Plan(unwanted=(), session_lost=False)


def test_what_is_no_longer_configured_is_unwanted_until_the_broker_has_confirmed(tmp_path: Path) -> None:
    """A crash between the request and the answer forgets nothing."""
    first = client(tmp_path, "a", "b")
    first.begin(session_present=False)
    first.settle()
    assert client(tmp_path, "b", "c").begin(session_present=True).unwanted == ("a",)
    third = client(tmp_path, "c")
    assert third.begin(session_present=True).unwanted == ("a", "b")
    third.settle()
    assert client(tmp_path, "c").begin(session_present=True).unwanted == ()


def test_what_was_asked_for_is_known_though_the_answer_was_never_heard(tmp_path: Path) -> None:
    """The broker may have subscribed us before we died."""
    client(tmp_path, "a").begin(session_present=False)
    assert client(tmp_path, "b").begin(session_present=True).unwanted == ("a",)


def test_a_session_that_was_there_and_is_not_is_lost(tmp_path: Path) -> None:
    """Also across a restart of ours; and the new session has nothing to be unsubscribed from."""
    first = client(tmp_path, "a")
    first.begin(session_present=False)
    first.settle()
    assert client(tmp_path, "b").begin(session_present=False) == Plan(unwanted=(), session_lost=True)


def test_each_client_at_each_broker_has_its_own(tmp_path: Path) -> None:
    """Another broker never had our session."""
    client(tmp_path, "a").begin(session_present=False)
    assert not client(tmp_path, "a", broker="other:1883").begin(session_present=False).session_lost
    assert not client(tmp_path, "a", client_id="town").begin(session_present=False).session_lost


def test_sessions_nobody_uses_any_more(tmp_path: Path) -> None:
    """Of this broker, and until they are forgotten."""
    for client_id in ("city-1", "city-2", "city"):
        client(tmp_path, "a", client_id=client_id).begin(session_present=False)
    client(tmp_path, "a", broker="other:1883", client_id="old").begin(session_present=False)
    assert sorted(leftover(tmp_path, "mq:1883", ["city"])) == ["city-1", "city-2"]
    client(tmp_path, client_id="city-2").forget()
    assert leftover(tmp_path, "mq:1883", ["city"]) == ["city-1"]


def test_a_damaged_file_is_said_and_no_hindrance(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Collecting goes on; the warning says what may follow."""
    client(tmp_path, "a").begin(session_present=False)
    [path] = (tmp_path / "sessions").iterdir()
    path.write_bytes(b"{")
    assert client(tmp_path, "b").begin(session_present=True) == Plan(unwanted=(), session_lost=False)
    assert "what it named stays subscribed" in caplog.text


def test_a_disk_that_takes_nothing_is_said_and_no_hindrance(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The journal has its own way to tell that; here it is only the memory of filters."""
    (tmp_path / "sessions").write_text("not a folder", encoding="ascii")
    with caplog.at_level(logging.WARNING):
        assert client(tmp_path, "a").begin(session_present=False).unwanted == ()
    assert "its filters may outlive the settings" in caplog.text
