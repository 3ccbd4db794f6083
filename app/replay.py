"""Dead letters back into the journal, once what refused them is mended.

A message goes in as it came, with the time it was received at then; only its place in the journal is new. The same
readings have the same identity, so they come in once however often this is done, or ends in between. Rules take them
as late: they are stored, and may extend an alarm, and raise none that is older than the rule allows.
"""

from collections.abc import Callable, Sequence
from typing import Final

from config.load import Site
from console.desk.letters import Replayed
from domain.errors import JournalFull
from domain.fault import reach
from domain.mended import Settled
from domain.message import RawMessage, RejectReason
from ingest.decode import Decoded, Decoder
from storage.births import KeptBirths
from storage.deadletter_rows import Refused
from storage.deadletters import DeadLetters
from storage.journal import Journal

_GROUP: Final = 200
"""Letters at a time: what may be done twice after a crash, and what is in memory at once."""
_ONLY_TRYING_TELLS: Final = frozenset({RejectReason.EVALUATION, RejectReason.SINK_REJECTED, RejectReason.RATE_LIMITED})
"""What the message alone does not show: it was the rules, the store, or what else came at that time."""

_NEWEST: Final = 1 << 62
"""A place in the journal beyond every one there is."""

Trial = Callable[[RawMessage], Decoded]


def trial_of(site: Site) -> Trial:
    """What the site as it is configured now makes of a message by itself, were it the newest in the journal.

    Of others it knows the births that are kept. It keeps none itself, and opens nothing for longer than a look.
    """
    decoder = Decoder(site, KeptBirths(site.settings.data_dir / "births.db"))
    return lambda message: decoder.decode(message, _NEWEST)


def replay(
    ids: Sequence[int],
    *,
    deadletters: DeadLetters,
    journal: Journal,
    trial: Trial | None,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _letters: None,
) -> Replayed:
    """Put the messages of these letters into the journal again, in the order of `ids`, and then let their letters go.

    All letters of a message go: what is still wrong with it comes back as a new one. A message that `trial` would
    refuse for all the same reasons keeps its letters and stays; without a `trial` none does. What the journal itself
    could not read back is no message any more, and always stays. `progress` is told how many letters are done.
    Raises JournalFull; what was replayed before it is done.
    """
    seen: set[tuple[int, int]] = set()
    replayed = letters = 0
    for start in range(0, len(ids), _GROUP):
        some = ids[start : start + _GROUP]
        found = [one for one in deadletters.messages(some) if _key(one) not in seen]
        seen.update(map(_key, found))
        ready = [one for one in found if _may_be_used(one, trial)]
        gone = [letter.id for one in ready for letter in one.letters]
        if ready and not dry_run:
            try:
                journal.append([one.message for one in ready])
            except JournalFull as full:
                raise JournalFull(f"{full}; {replayed} messages were replayed before that") from full
            reach("replayed")
            deadletters.remove(gone, how=Settled.REPLAYED)
        replayed += len(ready)
        letters += len(gone)
        progress(len(some))
    return Replayed(
        messages=len(seen), replayed=replayed, letters=letters, still_refused=len(seen) - replayed, dry_run=dry_run
    )


def _key(one: Refused) -> tuple[int, int]:
    return one.seq, one.message.received_ms


def _may_be_used(one: Refused, trial: Trial | None) -> bool:
    reasons = {letter.reason for letter in one.letters}
    if RejectReason.DAMAGED in reasons:
        return False
    if trial is None or reasons & _ONLY_TRYING_TELLS:
        return True
    before = {(letter.reason, letter.part) for letter in one.letters}
    return not before <= {(reject.reason, reject.part) for reject in trial(one.message).rejects}
