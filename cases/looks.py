"""Early looks: a camera is asked to visit a place out of turn."""

from msgspec.structs import replace

from cases.notices.letters import COMMAND, Letters
from cases.store import BookTransaction
from domain.case import Alarm
from domain.ladder import Ladder


def ask_look(tx: BookTransaction, letters: Letters, ladder: Ladder, alarm: Alarm, now_ms: int) -> Ladder:
    """Ask the ladder's camera for a look now; a request that has not gone out yet is replaced by this one."""
    tx.withdraw_notices(ladder.id, channel=COMMAND)
    asked = replace(ladder, asked_ms=now_ms)
    tx.save_ladder(asked)
    tx.add_notice(letters.look_now(asked, alarm, now_ms))
    return asked
