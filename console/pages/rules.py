"""Every rule in force: what it means, from which limit on, and how often it fires; the noisiest first."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal
from urllib.parse import urlencode

from msgspec import Struct

from cases.scene import matter_of
from config.load import Site
from console.desk.rules import ReplayNote
from console.fired import DAYS, Tallied, tallied
from console.pages.looking import AskPage, Found, Looking
from console.pages.rule_tests import context_of_tests, verdict
from console.pages.rule_words import LevelWords, case_words, level_words, meaning, whom
from console.words import Words
from domain.clock import epoch_ms
from domain.finding import Severity
from domain.firing import DAY_MS

_REPLAYS: Final = 5
_BAR_HEIGHT: Final = 28
_MANY: Final = 10
"""So many in a week are many enough to be seen at a glance."""


class AskRulesPage(AskPage, frozen=True, kw_only=True):
    """Which rules, and in which order."""

    q: str = ""
    of: str = ""
    severity: Severity | None = None
    show: Literal["", "open", "fired", "quiet", "wrong"] = ""
    sort: Literal["noise", "name", "severity", "file"] = "noise"


class Bar(Struct, frozen=True, kw_only=True):
    """One day of a row of bars; `x`, `y` and `height` in units of the drawing, of which it is one wide."""

    x: int
    y: float
    height: float
    n: int
    day_ms: int


class RuleRow(Struct, frozen=True, kw_only=True):
    """One rule in words."""

    one: Tallied
    title: str
    meaning: str
    whom: str
    levels: tuple[LevelWords, ...]
    case: str
    bars: tuple[Bar, ...]
    wrong: str
    """The share of what people judged that was none, in words; empty where nobody has judged anything."""
    many_wrong: bool


class Choice(Struct, frozen=True, kw_only=True):
    """A filter by one click."""

    word: str
    n: int
    href: str
    here: bool


def rules_view(looking: Looking) -> Found:
    """The list of rules, what is wrong with their files, and the last replays."""
    words, desk = looking.words, looking.desk.rulebook
    asked = looking.view.as_(AskRulesPage)
    force = desk.in_force()
    every, tests = tallied(desk, force), desk.tests()
    verdicts = {one.card.id: verdict(one.card, tests, words) for one in every}
    fitting = [one for one in every if _fits(one, asked, words)]
    failed = frozenset(rule_id for rule_id, one in verdicts.items() if one.failed)
    shown = sorted(
        (one for one in fitting if _shows(one, asked.show, failed)), key=lambda one: _place(one, asked.sort, words)
    )
    head: dict[str, object] = {"force": force, "total": len(every), "faults": [one for one in every if one.faults]}
    filters: dict[str, object] = {
        "asked": asked,
        "shows": list(_choices(fitting, asked, words, failed)),
        "whoms": sorted({one.card.of for one in every}),
    }
    rows = [rule_row(one, looking.site, words) for one in shown]
    contexts: dict[str, dict[str, object]] = {
        "rules_head": head,
        "rules_filters": filters,
        "rules_list": {"rows": rows, "days": DAYS, "verdicts": verdicts},
        "rules_tests": context_of_tests(tests, words),
        "rules_replays": replays_context(desk.replays()[:_REPLAYS], desk.running(), words),
    }
    return words.say("rules.page_title"), contexts


def rule_row(one: Tallied, site: Site, words: Words) -> RuleRow:
    """One rule in words."""
    card, share = one.card, one.false_share
    matter = matter_of(card.matter, site) if card.matter else None
    said = "" if matter is None else words.pick(matter.zh, matter.en)
    judged = one.judged
    wrong = "" if share is None or judged is None else words.say("rules.wrong_of", share=f"{share:.0%}", n=judged.n)
    return RuleRow(
        one=one,
        title=words.pick(card.title.zh, card.title.en),
        meaning=meaning(card, words),
        whom=whom(card, words),
        levels=tuple(level_words(card, words)),
        case=case_words(card, words, said),
        bars=bars(one.days, words),
        wrong=wrong,
        many_wrong=share is not None and judged is not None and judged.n >= _MANY and share > 0.2,
    )


def bars(days: Mapping[int, int], words: Words, *, height: int = _BAR_HEIGHT) -> tuple[Bar, ...]:
    """A bar for each of the last days, today's at the right."""
    midnight = words.local(words.now_ms).replace(hour=0, minute=0, second=0, microsecond=0)
    today_ms = epoch_ms(midnight)
    most = max(days.values(), default=0)
    found = []
    for place in range(DAYS):
        day_ms = today_ms - (DAYS - 1 - place) * DAY_MS
        n = days.get(day_ms, 0)
        tall = round(max(2.0, n / most * height), 1) if n else 0.0
        found.append(Bar(x=place, y=round(height - tall, 1), height=tall, n=n, day_ms=day_ms))
    return tuple(found)


def replays_context(notes: Sequence[ReplayNote], running: object, words: Words) -> dict[str, object]:
    """Replays that were kept, and the one that runs."""
    return {"notes": notes, "running": running, "all": words.say("rules.replay_all")}


def _fits(one: Tallied, asked: AskRulesPage, words: Words) -> bool:
    card, text = one.card, asked.q.strip().lower()[:80]
    said = (card.id, card.title.zh, card.title.en, words.metric(card.metric) or "", card.metric or "", card.file)
    return (
        asked.of in {"", card.of}
        and (asked.severity is None or any(level.severity is asked.severity for level in card.levels))
        and (not text or any(text in part.lower() for part in said))
    )


def _shows(one: Tallied, show: str, failed: Collection[str]) -> bool:
    match show:
        case "open":
            return one.open > 0
        case "fired":
            return one.last_week > 0
        case "quiet":
            return one.last_month == 0 and one.open == 0
        case "wrong":
            return bool(one.faults or one.flapping or (one.judged and one.judged.wrong) or one.card.id in failed)
        case _:
            return True


def _choices(
    fitting: Sequence[Tallied], asked: AskRulesPage, words: Words, failed: Collection[str]
) -> Iterator[Choice]:
    for show in ("", "open", "fired", "quiet", "wrong"):
        n = sum(_shows(one, show, failed) for one in fitting)
        word = words.say(f"rules.show.{show or 'all'}")
        yield Choice(word=word, n=n, href=_href(asked, show=show), here=asked.show == show)


def _place(one: Tallied, sort: str, words: Words) -> tuple[object, ...]:
    card = one.card
    title = words.pick(card.title.zh, card.title.en)
    match sort:
        case "name":
            return (title,)
        case "severity":
            return (-card.severity.rank, title)
        case "file":
            return (card.file, card.line)
        case _:
            return (*one.noise, card.file, card.line)


def _href(asked: AskRulesPage, **changed: object) -> str:
    query = {name: getattr(asked, name) for name in AskRulesPage.__struct_fields__} | changed
    query = {name: value for name, value in query.items() if (name, value) != ("sort", "noise")}
    kept = {name: str(value) for name, value in query.items() if value not in {None, ""}}
    return f"/rules?{urlencode(kept)}" if kept else "/rules"
