"""Where a test can have this process killed, to see that nothing is lost by it.

`LONGCHENG_FAULT=<point>` or `<point>:<n>` in the environment ends the process by SIGKILL, as a power cut would, when
that point is reached for the n-th time; `<point>><point>:<n>` when the second is, after the first was. Without the
variable, passing a point costs one comparison. The points:

- `received`: messages are taken from the broker, and not yet in the journal
- `journalled`: the journal has them on disk, and the broker does not know
- `acknowledged`: the broker was told so
- `appending`, `appended`: the journal is about to commit a group, has committed it
- `replayed`: the journal has a dead letter's message again, and its letter is still there
- `judged`: the rules have been asked, and nothing of it is in the case store
- `committed`: alarms, cases, notices and the place in the journal are in the case store, as one
- `obeying`: a person's order is carried out, and nothing of it is in the case store
- `obeyed`: all of it is
- any line of a story, `notice_1`, `look_asked`, `self_corrected`, `case_filed`, …: it is about to be written, and
  nothing of its transaction is in the case store
- `ticked`: what was due by the clock is in the case store
- `escalated`: that somebody else is told of what nobody answers is in the case store
- `routed`: notices to people have got the ways by which they go
- `claimed`: which notices go as one message is in the case store, and none has gone
- `sending`, `sent`, `marked`: a message is about to go out; has gone, and the case store does not know; it knows
- `storing`: the series store is about to be given a batch
- `stored`: the series store has taken a batch, and the place in the journal has not moved
- `advanced`: it has
- `platform-sending`: an event is about to go to the platform
- `platform-sent`: the platform has taken it, or not, and the case store does not know
- `platform-marked`: it does
"""

import os
import signal
import threading
from itertools import count
from typing import Final

_NAMES, _, _COUNT = os.environ.get("LONGCHENG_FAULT", "").partition(":")
_FIRST, _, _SECOND = _NAMES.partition(">")
_ARMED: Final = _NAMES or None
_POINT: Final = _SECOND or _FIRST
_LAST: Final = int(_COUNT or 1)
_passed = count(1)
_open = threading.Event()
"""Whether the first point was reached, where there are two."""
if not _SECOND:
    _open.set()


def reach(point: str) -> None:
    """Say that the process has come this far."""
    if _ARMED is None:
        return
    if point == _POINT and _open.is_set() and next(_passed) == _LAST:
        os.kill(os.getpid(), signal.SIGKILL)
    if point == _FIRST:
        _open.set()
