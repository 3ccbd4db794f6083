"""Where a test can have this process killed, to see that nothing is lost by it.

`LONGCHENG_FAULT=<point>` or `<point>:<n>` in the environment ends the process by SIGKILL, as a power cut would, when
that point is reached for the n-th time. Without the variable, passing a point costs one comparison. The points:

- `received`: messages are taken from the broker, and not yet in the journal
- `journalled`: the journal has them on disk, and the broker does not know
- `acknowledged`: the broker was told so
- `appending`, `appended`: the journal is about to commit a group, has committed it
- `replayed`: the journal has a dead letter's message again, and its letter is still there
- `judged`: the rules have been asked, and nothing of it is in the case store
- `committed`: alarms, cases, notices and the place in the journal are in the case store, as one
- `obeying`: a person's order is carried out, and nothing of it is in the case store
- `obeyed`: all of it is
- `storing`: the series store is about to be given a batch
- `stored`: the series store has taken a batch, and the place in the journal has not moved
- `advanced`: it has
- `platform-sending`: an event is about to go to the platform
- `platform-sent`: the platform has taken it, or not, and the case store does not know
- `platform-marked`: it does
"""

import os
import signal
from itertools import count
from typing import Final

_NAME, _, _COUNT = os.environ.get("LONGCHENG_FAULT", "").partition(":")
_ARMED: Final = _NAME or None
_LAST: Final = int(_COUNT or 1)
_passed = count(1)


def reach(point: str) -> None:
    """Say that the process has come this far."""
    if _ARMED is None or point != _ARMED:
        return
    if next(_passed) == _LAST:
        os.kill(os.getpid(), signal.SIGKILL)
