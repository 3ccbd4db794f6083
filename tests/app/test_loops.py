"""Loops go on whatever a step does, rest as long as it says, and end at once."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from app.lifecycle import Loop, pause_s
from domain.errors import StoreUnavailable
from tests.ingest.waiting import until

PATIENCE_S = 60.0
SOON_S = 0.05


@pytest.fixture
def start() -> Iterator[Callable[[Loop], Loop]]:
    """Starts a loop that is stopped at the end of the test, whatever happens in it."""
    started: list[Loop] = []

    def begin(loop: Loop) -> Loop:
        started.append(loop)
        loop.start()
        return loop

    yield begin
    for loop in started:
        loop.stop()


def test_a_loop_steps_again_and_again(start: Callable[[Loop], Loop]) -> None:
    """In a thread that bears its name, for logs and stack dumps."""
    enough, names = threading.Event(), set[str]()
    steps = iter(range(1000))

    def step() -> float:
        names.add(threading.current_thread().name)
        if next(steps) == 3:
            enough.set()
        return 0.001

    loop = start(Loop("counter", step))

    assert enough.wait(PATIENCE_S)
    assert names == {loop.name} == {"counter"}


def test_a_loop_may_rest_before_its_first_step(start: Callable[[Loop], Loop]) -> None:
    """What is heavy waits until the start is over; a stop ends that rest, too, and then nothing is done any more."""
    stepped = threading.Event()

    def step() -> float:
        stepped.set()
        return 3600.0

    loop = start(Loop("heavy", step, rests_first_s=3600.0))
    loop.stop(PATIENCE_S)
    assert (loop.is_alive(), stepped.is_set()) == (False, False)

    start(Loop("at once", step))
    assert stepped.wait(PATIENCE_S)


def test_a_stop_ends_the_rest_at_once(start: Callable[[Loop], Loop]) -> None:
    """However long the step asked to rest."""
    rested = threading.Event()

    def step() -> float:
        rested.set()
        return 3600.0

    loop = start(Loop("sleeper", step))
    assert rested.wait(PATIENCE_S)
    began_s = time.monotonic()
    loop.stop(PATIENCE_S)

    assert not loop.is_alive()
    assert time.monotonic() - began_s < PATIENCE_S / 2


def test_a_step_that_raises_is_logged_put_right_and_tried_again(
    start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture
) -> None:
    """`recover` comes before the next step, which is how a reader forgets what was not committed."""
    events: list[str] = []
    again = threading.Event()

    def step() -> float:
        events.append("step")
        if events == ["step"]:
            raise OSError("disk full")
        again.set()
        return 3600.0

    start(Loop("reader", step, recover=lambda: events.append("recover")))

    assert again.wait(PATIENCE_S)
    assert events == ["step", "recover", "step"]
    assert [record.getMessage() for record in caplog.records] == ["reader failed; again in 0.5 s"]


def test_no_step_is_taken_before_it_has_recovered(
    start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture
) -> None:
    """A recovery that fails too is tried again, later and later; the thread never ends by itself."""
    events: list[str] = []
    again = threading.Event()

    def step() -> float:
        events.append("step")
        if events == ["step"]:
            raise OSError("disk full")
        again.set()
        return 3600.0

    def recover() -> None:
        events.append("recover")
        if events.count("recover") == 1:
            raise OSError("disk still full")

    start(Loop("reader", step, recover=recover))

    assert again.wait(PATIENCE_S)
    assert events == ["step", "recover", "recover", "step"]
    assert [record.getMessage() for record in caplog.records] == [
        "reader failed; again in 0.5 s",
        "reader failed; again in 1.0 s",
    ]


def _failing(problems: list[Exception], again: threading.Event) -> Callable[[], float]:
    """A step that raises these, one each, and then works."""
    left = iter(problems)

    def step() -> float:
        for problem in left:
            raise problem
        again.set()
        return 3600.0

    return step


def test_what_is_raised_on_purpose_is_told_in_one_line(
    start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture
) -> None:
    """A store that is away is no fault of ours: no traceback, one ERROR until it works again, and that is told too."""
    caplog.set_level(logging.INFO)
    again = threading.Event()
    start(Loop("reader", _failing([StoreUnavailable("disk full, 1 of 9"), StoreUnavailable("2 of 9")], again)))

    assert again.wait(PATIENCE_S)
    until(lambda: len(caplog.records) == 2, "both lines")
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, "reader failed (disk full, 1 of 9); again in 0.5 s"),
        (logging.INFO, "reader works again"),
    ]
    assert not any(record.exc_info for record in caplog.records)


def test_the_same_fault_has_its_traceback_once(start: Callable[[Loop], Loop], caplog: pytest.LogCaptureFixture) -> None:
    """What nobody expected is shown whole when it is new, and is one line when it comes again."""
    again = threading.Event()
    start(Loop("reader", _failing([KeyError("a"), KeyError("a")], again)))

    assert again.wait(PATIENCE_S)
    assert [(record.getMessage(), bool(record.exc_info)) for record in caplog.records] == [
        ("reader failed; again in 0.5 s", True),
        ("reader failed as before (KeyError: 'a'); again in 1.0 s", False),
    ]


def test_a_store_that_is_away_is_tried_every_five_seconds() -> None:
    """However long it was away, its return is soon seen; a fault of ours waits up to half a minute."""
    assert [pause_s(StoreUnavailable("disk full"), failures) for failures in (0, 1, 3, 4, 5000)] == [0.5, 1, 4, 5, 5]
    assert [pause_s(KeyError("a"), failures) for failures in (0, 4, 6, 5000)] == [0.5, 8, 30, 30]
