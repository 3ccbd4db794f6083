"""Dead letters as people read them in a terminal, and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from config.load import Site
from console.api.rows import Rows
from console.desk.letters import Replayed, Trial
from console.payload import readable
from domain.clock import SystemClock, utc
from domain.message import DeadLetter, RejectReason
from ingest.decode import Decoded
from storage.deadletter_rows import Refused

_SHOWN_BYTES: Final = 16_384
_HEX_ROW: Final = 16


def summary(counts: Mapping[RejectReason, int], discarded: Mapping[RejectReason, int], path: Path) -> RenderableType:
    """How many letters are kept for each reason, and how many were let go for want of room."""
    if not counts and not discarded:
        return Text(f"no dead letters in {path}")
    table = Table(title=Text(f"dead letters by reason, in {path}"), title_justify="left")
    for name in ("reason", "kept", "let go for want of room"):
        table.add_column(name, justify="left" if name == "reason" else "right")
    for reason in sorted({*counts, *discarded}, key=lambda reason: -counts.get(reason, 0)):
        table.add_row(reason.value, str(counts.get(reason, 0)), str(discarded.get(reason, 0)))
    return table


def table(letters: Sequence[DeadLetter], site: Site, fitting: int) -> Table:
    """One line for each letter."""
    shown = Table(title=f"the newest {len(letters)} of {fitting}", title_justify="left")
    for name in ("id", "received", "reason", "topic", "part", "detail", "decoder"):
        shown.add_column(name, justify="right" if name == "id" else "left", overflow="fold", no_wrap=name == "id")
    for letter in letters:
        shown.add_row(
            str(letter.id),
            f"{_at(letter.received_ms, site):%Y-%m-%d %H:%M:%S}",
            letter.reason.value,
            _plain(_without_root(letter.topic, site)),
            _plain(letter.part),
            _plain(letter.detail),
            _plain(letter.decoder),
        )
    return shown


def replayed(done: Replayed, unborn: int, *, dry_run: bool) -> Iterator[str]:
    """What became of the letters, and why of some nothing did. `unborn`: those of no birth that are still there."""
    would = "would be " if dry_run else ""
    yield f"{done.replayed} of {done.messages} messages {would}replayed; {done.letters} letters {would}gone"
    if done.still_refused:
        yield f"{done.still_refused} still refused: `show` one of their letters, mend what it says, or --force"
    if unborn and done.still_refused:
        yield f"{unborn} letters no_birth: no birth that holds for them is kept, and no later one is taken"


def whole(site: Site, letter: DeadLetter, found: Refused, now: Decoded) -> Iterator[RenderableType]:
    """Everything about one letter."""
    facts = Table(title=f"dead letter {letter.id}", show_header=False, title_justify="left")
    facts.add_row("topic", _plain(letter.topic, limit=1000))
    facts.add_row("received", _at(letter.received_ms, site).isoformat(timespec="milliseconds"))
    facts.add_row("delivered", f"QoS {letter.qos}{', retained' * letter.retain}{', again (dup)' * letter.dup}")
    facts.add_row("in the journal", f"record {letter.seq}")
    facts.add_row("payload", f"{len(letter.payload)} bytes")
    yield facts
    yield payload(letter.payload)
    refused = Table(title="was refused", title_justify="left")
    for name in ("id", "reason", "part", "detail", "decoder"):
        refused.add_column(name, overflow="fold")
    for one in found.letters:
        cells = (one.reason.value, _plain(one.part), _plain(one.detail, limit=1000), _plain(one.decoder))
        refused.add_row(str(one.id), *cells, style="bold" if one.id == letter.id else "")
    yield refused
    yield _made_now(site, now)


def _made_now(site: Site, now: Decoded) -> Table:
    made = Table(title="would be made of it now", title_justify="left", show_header=False)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for observation in now.observations:
        facts: dict[str, Any] = msgspec.to_builtins(observation)
        at_ms = facts.pop("at_ms", None) or facts.pop("taken_ms", None) or facts["received_ms"]
        told = facts.pop("metrics", None) or {name: value for name, value in facts.items() if value is not None}
        name = getattr(observation, "subject", None) or facts.get("device_id") or facts.get("camera_id")
        when = f"{_at(at_ms, site):%Y-%m-%d %H:%M:%S}"
        made.add_row(type(observation).__name__.lower(), _plain(f"{name} at {when}: {_words(told)}", limit=1000))
    for reject in now.rejects:
        part = f" {reject.part}" if reject.part else ""
        made.add_row("refused", _plain(f"{reject.reason}{part}: {reject.detail}", limit=1000))
    if not made.row_count:
        made.add_row("nothing", "it says nothing that is kept")
    return made


def tried(trial: Trial) -> Table:
    """What would be made of a message, and by what it would be read."""
    made = Table(title=Text(f"read by {trial.reader or 'nothing'}"), title_justify="left", show_header=False)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for one in trial.made:
        made.add_row(one.what, _plain(f"{one.name}: {_words(one.values)}", limit=1000))
    for reject in trial.rejects:
        made.add_row("refused", _plain(f"{reject.reason} {reject.part}: {reject.detail}", limit=1000))
    return made


def payload(raw: bytes) -> Text:
    """JSON laid out, text as it is, and anything else as hexadecimal; at most its first 16 KiB."""
    try:
        text = msgspec.json.format(raw, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = _text_or_hex(raw)
    shown = "".join(char if char.isprintable() or char in "\n\t" else f"⟨{ord(char):04X}⟩" for char in text)
    if len(shown) > _SHOWN_BYTES:
        shown = f"{shown[:_SHOWN_BYTES]}…\n({len(raw)} bytes in all; --json has them whole)"
    return Text(shown or "(empty)", style="cyan")


def _text_or_hex(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    if text and all(char.isprintable() or char in "\r\n\t" for char in text):
        return text
    rows = (raw[start : start + _HEX_ROW] for start in range(0, min(len(raw), _SHOWN_BYTES), _HEX_ROW))
    return "\n".join(
        f"{number * _HEX_ROW:06x}  {row.hex(' '):<47}  {''.join(chr(n) if 32 <= n < 127 else '.' for n in row)}"
        for number, row in enumerate(rows)
    )


def list_json(
    site: Site,
    counts: Mapping[RejectReason, int],
    discarded: Mapping[RejectReason, int],
    letters: Sequence[DeadLetter],
    fitting: int,
) -> bytes:
    """The same as `summary` and `table`; each letter as the API shows it."""
    rows = Rows(site, SystemClock().now_ms())
    return msgspec.json.encode(
        {
            "by_reason": counts,
            "discarded": discarded,
            "total": fitting,
            "items": [rows.dead_letter(letter) for letter in letters],
        }
    )


def letter_json(site: Site, letter: DeadLetter, found: Refused, now: Decoded) -> bytes:
    """The same as `whole`: it as the API shows it, all of its message's, and what would be made of it now."""
    return msgspec.json.encode(
        {
            "letter": Rows(site, SystemClock().now_ms()).dead_letter(letter),
            "refused": found.letters,
            "now": {"observations": now.observations, "rejects": now.rejects},
        }
    )


def _words(told: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in told.items())


def _without_root(topic: str, site: Site) -> str:
    return topic.removeprefix(f"{site.settings.mqtt.root}/")


def _plain(text: str, *, limit: int = 160) -> Text:
    """A stranger's words: no markup, nothing invisible."""
    return Text(readable(text, limit=limit))


def _at(at_ms: int, site: Site) -> datetime:
    return utc(at_ms).astimezone(site.timezone)
