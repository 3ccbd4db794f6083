"""Several collectors told as one."""

from ingest.tally import NOT_THERE, CollectorStatus, together


def status(*, connected: bool = True, paused: bool = False, session_present: bool | None = True) -> CollectorStatus:
    """One that has received three and acknowledged two."""
    return CollectorStatus(
        connected=connected,
        paused=paused,
        session_present=session_present,
        protocol="5",
        last_connect_ms=1000,
        received=3,
        acked=2,
    )


def test_counts_are_added() -> None:
    """What the page and the metrics show is what all have done."""
    all_ = together([status(), status(), NOT_THERE])
    assert (all_.received, all_.acked, all_.reconnects, all_.protocol, all_.last_connect_ms) == (6, 4, 0, "5", 1000)


def test_connected_if_all_are_and_paused_if_any_is() -> None:
    """A part of the messages that nobody hears is enough not to call silence a silence."""
    assert together([status(), status()]).connected
    assert not together([status(), status(connected=False)]).connected
    assert not together([]).connected
    assert together([status(), status(paused=True)]).paused
    assert not together([status(), status()]).paused


def test_the_session_was_kept_if_all_were() -> None:
    """And it is not known as long as one has never been connected."""
    assert together([status(), status()]).session_present is True
    assert together([status(), status(session_present=False)]).session_present is False
    assert together([status(), status(session_present=None)]).session_present is None
