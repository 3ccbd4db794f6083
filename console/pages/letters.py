"""Messages that could not be used: see why, mend, put through again, or let go."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct

from config.load import Site
from console.desk.letters import Trial
from console.pages.looking import AskPage, Found, Looking
from console.payload import excerpt, readable
from console.words import Words
from domain.mended import Mended
from domain.message import DeadLetter, RejectReason

_AT_ONCE: Final = 50
_MENDED: Final = 5
_SHOWN_BYTES: Final = 65_536
_HEX_ROW: Final = 16
_HEX_BYTES: Final = 4096


class AskLettersPage(AskPage, frozen=True, kw_only=True):
    """Which letters; `before` goes on below an id."""

    reason: RejectReason | None = None
    topic: Annotated[str, Meta(max_length=200)] | None = None
    before: Annotated[int, Meta(ge=1)] | None = None


class LetterRow(Struct, frozen=True, kw_only=True):
    """A letter made safe to read."""

    id: int
    received_ms: int
    topic: str
    reason: str
    part: str
    detail: str
    excerpt: str


class MendedRow(Struct, frozen=True, kw_only=True):
    """What somebody mended, made safe to read."""

    id: int
    at_ms: int
    who: str
    why: str
    topic: str
    new_topic: str
    reason: str
    payload: str
    new_payload: str


def letters_view(looking: Looking) -> Found:
    """By reason, the newest first."""
    asked, desk, words = looking.view.as_(AskLettersPage), looking.desk, looking.words
    topic = (asked.topic or "").strip() or None
    letters = desk.deadletters(limit=_AT_ONCE + 1, before_id=asked.before, reason=asked.reason, topic_contains=topic)
    shown = letters[:_AT_ONCE]
    counts = sorted(desk.deadletter_counts().items(), key=lambda pair: -pair[1])
    discarded = sum(desk.deadletters_discarded().values())
    facts: dict[str, object] = {
        "rows": [_row(letter, words) for letter in shown],
        "total": desk.deadletter_count(reason=asked.reason, topic_contains=topic),
        "all": sum(n for _, n in counts),
        "reasons": [
            (reason, words.term("reason", reason), n, _address(asked, reason=reason, before=None))
            for reason, n in counts
            if n
        ],
        "everything": _address(asked, reason=None, before=None),
        "asked": asked,
        "topic": topic or "",
        "what_to_do": words.say(f"deadletters.do.{asked.reason}") if asked.reason else None,
        "older": _address(asked, before=shown[-1].id) if len(letters) > _AT_ONCE else None,
        "newest": _address(asked, before=None) if asked.before else None,
        "discarded": discarded,
        "mended": [_mended(one, words) for one in desk.mending.mended(limit=_MENDED)],
    }
    return words.say("deadletters.page_title", n=words.number(facts["all"])), {"letters": facts}  # type: ignore[arg-type]


def letter_view(looking: Looking) -> Found | None:
    """One letter whole, what would be made of it now, and a form to mend it."""
    desk, words, about = looking.desk, looking.words, looking.view.about
    whole = desk.mending.whole(int(about)) if about.isascii() and about.isdigit() and len(about) <= 18 else None
    if whole is None:
        return None
    letter = whole.letter
    facts: dict[str, object] = {
        "letter": letter,
        "topic": readable(letter.topic, limit=2000),
        "reason": words.term("reason", letter.reason),
        "detail": readable(letter.detail, limit=2000),
        "part": readable(letter.part),
        "payload": _pretty(letter.payload),
        "hex": _hex(letter.payload),
        "cut": len(letter.payload) > _HEX_BYTES,
        "others": [_row(one, words) for one in whole.others],
        "now": trial_facts(whole.now, words),
        "what_to_do": words.say(f"deadletters.do.{letter.reason}"),
        "row": register_row(letter, looking.site),
        "mended": _mended(whole.mended, words) if whole.mended else None,
        "text": _editable(letter.payload),
        "may_replay": whole.may_replay,
        "mendable": letter.reason is not RejectReason.DAMAGED,
    }
    return words.say("deadletters.letter_title", id=letter.id), {"letter": facts}


def trial_facts(trial: Trial, words: Words) -> dict[str, Any]:
    """What would be made of a message, in words."""
    return {
        "reader": trial.reader,
        "made": [
            (words.term("deadletters.made", one.what), readable(one.name), one.at_ms, sorted(one.values.items()))
            for one in trial.made
        ],
        "rejects": [
            (words.term("reason", one.reason), readable(one.part), readable(one.detail, limit=500))
            for one in trial.rejects
        ],
    }


def register_row(letter: DeadLetter, site: Site) -> str | None:
    """How the line of `devices.csv` would begin that the unknown sender needs; None where its topic does not say."""
    names = letter.topic.removeprefix(f"{site.settings.mqtt.root}/").split("/")
    if letter.reason is not RejectReason.UNKNOWN_DEVICE or len(names) != 3:
        return None
    kind, device_id, _leaf = names
    if kind == "camera":
        return f"cameras.csv: {readable(device_id)},…"
    profile = next((name for name, one in site.profiles.items() if one.kind == kind), None)
    return None if profile is None else f"devices.csv: {readable(device_id)},{profile},…"


def _row(letter: DeadLetter, words: Words) -> LetterRow:
    return LetterRow(
        id=letter.id,
        received_ms=letter.received_ms,
        topic=readable(letter.topic),
        reason=words.term("reason", letter.reason),
        part=readable(letter.part),
        detail=readable(letter.detail, limit=600),
        excerpt=excerpt(letter.payload)[0],
    )


def _mended(one: Mended, words: Words) -> MendedRow:
    return MendedRow(
        id=one.id,
        at_ms=one.at_ms,
        who=one.who,
        why=one.why,
        topic=readable(one.topic),
        new_topic=readable(one.new_topic),
        reason=words.term("reason", one.reason),
        payload=excerpt(one.payload, limit=2000)[0],
        new_payload=excerpt(one.new_payload, limit=2000)[0],
    )


def _pretty(raw: bytes) -> str | None:
    """JSON laid out, or text as it is, every invisible sign as its code; None for what is neither."""
    try:
        text = msgspec.json.format(raw, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return None
    shown = "".join(
        char if char.isprintable() or char in "\n\t" else f"⟨{ord(char):04X}⟩" for char in text[:_SHOWN_BYTES]
    )
    return f"{shown}…" if len(text) > _SHOWN_BYTES else shown


def _hex(raw: bytes) -> str:
    rows = (raw[start : start + _HEX_ROW] for start in range(0, min(len(raw), _HEX_BYTES), _HEX_ROW))
    return "\n".join(
        f"{number * _HEX_ROW:06x}  {row.hex(' '):<47}  {''.join(chr(n) if 32 <= n < 127 else '.' for n in row)}"
        for number, row in enumerate(rows)
    )


def _editable(raw: bytes) -> str | None:
    """As a form can hold it, and give it back unchanged; None for what is no plain text."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if "\0" not in text and "\r" not in text else None


def _address(asked: AskLettersPage, **other: object) -> str:
    """This page's, with something asked otherwise."""
    named = {name: getattr(asked, name) for name in asked.__struct_fields__} | other
    told = {name: str(value) for name, value in named.items() if value}
    return f"/deadletters?{urlencode(told)}" if told else "/deadletters"
