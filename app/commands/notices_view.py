"""Notices as people read them in a terminal, and as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cases.notices.wording import Wording, length, segments
from config.load import Site
from config.texts import LANGUAGES
from domain.clock import utc
from domain.notice import Notice

_WIDE: Final = 60
_ONE_LANGUAGE: Final = frozenset({"bot", "sms", "voice"})


def table(notices: Sequence[Notice], site: Site) -> RenderableType:
    """One line for each notice."""
    if not notices:
        return Text("there are no such notices")
    shown = Table(title=f"the newest {len(notices)}", title_justify="left", box=None, pad_edge=False)
    for name in ("id", "written", "state", "tries"):
        shown.add_column(name, justify="right" if name in {"id", "tries"} else "left", no_wrap=name != "state")
    shown.add_column("what, by which way to whom, and what went wrong", overflow="fold")
    for notice in notices:
        way = f"{notice.channel}:{notice.address}" if notice.address else notice.channel
        together = " in a digest" if notice.digest not in {None, notice.key} else ""
        state = f"{notice.state}{together}{' (copy)' if notice.copy_of else ''}"
        shown.add_row(
            str(notice.id),
            f"{utc(notice.created_ms).astimezone(site.timezone):%m-%d %H:%M:%S}",
            Text(state),
            str(notice.attempts),
            _about(notice, way),
        )
    return shown


def _about(notice: Notice, way: str) -> Text:
    about = Text(f"{notice.step}, {notice.subject}\n{way}, to {notice.recipient}")
    return about.append(f"\n{notice.last_error}", style="dim") if notice.last_error else about


def list_json(notices: Sequence[Notice]) -> dict[str, Any]:
    """All of them, whole."""
    return {"notices": msgspec.to_builtins(notices)}


def rendered(
    samples: Mapping[str, Notice], site: Site, *, ways: Sequence[str], languages: Sequence[str], segments_most: int
) -> list[dict[str, Any]]:
    """What each sample reads like on each way, in each language that the way speaks."""
    words, found = Wording(site), []
    for name, notice in samples.items():
        for way in ways:
            for language in languages if way in _ONE_LANGUAGE else ("",):
                said = {"sample": name, "step": notice.step, "way": way, "language": language}
                found.append(said | _on(way, notice, words, language, segments_most))
    return found


def _on(way: str, notice: Notice, words: Wording, language: str, most: int) -> dict[str, Any]:
    if way == "mail":
        return {"subject": words.subject(notice, words.language), "text": words.both(notice)}
    if way == "bot":
        return {"text": words.text(notice, language)}
    if way == "voice":
        return {"text": words.spoken(notice, language)}
    if way == "sms":
        text = words.short(notice, language, most)
        return {"text": text, "characters": length(text), "segments": segments(text)}
    return {"text": msgspec.json.format(msgspec.json.encode(notice.body), indent=2).decode()}


def pages(found: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """Each as it reads, framed."""
    return [Panel(_page(one), title=Text(_title(one)), title_align="left") for one in found]


def _title(one: Mapping[str, Any]) -> str:
    language = f", {one['language']}" if one["language"] else ""
    size = f", {one['characters']} characters, {one['segments']} SMS" if one["way"] == "sms" else ""
    return f"{one['sample']} — {one['way']}{language}{size}"


def _page(one: Mapping[str, Any]) -> RenderableType:
    text = Text(str(one["text"]))
    return Group(Text(one["subject"], style="bold"), Text(""), text) if "subject" in one else text


def languages_of(asked: str) -> tuple[str, ...]:
    """The one asked for, or both."""
    return (asked,) if asked else LANGUAGES
