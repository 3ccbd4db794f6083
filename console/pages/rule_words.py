"""What a rule says, in the words of whoever looks: what it is about, from which limit on, for how long."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from config.limits import Side
from console.desk.rules import RuleCard, RuleLevel
from console.explaining import GAP, cleared, happened, raised
from console.words import Words
from domain.finding import CasePolicy, Severity


class LevelWords(Struct, frozen=True, kw_only=True):
    """One severity and what it takes."""

    severity: Severity
    text: str


def meaning(card: RuleCard, words: Words) -> str:
    """What it looks at, in a sentence without numbers that stand with the levels."""
    return _MEANINGS.get(card.kind, _compound)(card, words)


def whom(card: RuleCard, words: Words) -> str:
    """For whom it is: `充电站的端口`."""
    if card.of == "feed":
        return words.say("rules.whom.feed")
    of = words.term("kind", card.of)
    return words.say(f"rules.whom.{card.part}", kind=of)


def level_words(card: RuleCard, words: Words) -> list[LevelWords]:
    """Each severity with its limit, the most severe first."""
    return [LevelWords(severity=level.severity, text=_level(level, card, words)) for level in card.levels]


def case_words(card: RuleCard, words: Words, matter: str) -> str:
    """What becomes of its alarms."""
    if card.policy is CasePolicy.NONE:
        return words.say("rules.case.none")
    key = "ladder" if card.policy is CasePolicy.LADDER else "open"
    said = words.say(f"rules.case.{key}", matter=matter)
    if card.case_from is Severity.NOTICE:
        return said
    return said + words.say("rules.case.from", severity=words.term("severity", card.case_from))


def hours_words(card: RuleCard, words: Words) -> str:
    """When it speaks; empty: always."""
    on = [one for one in _list(card.facts, "on") if one != "all"]
    parts = [card.schedule, _joined([words.term("rules.days", one) for one in on], words)]
    excepted = [words.term("rules.days", one) for one in _list(card.facts, "except")]
    parts += [words.say("rules.except", days=_joined(excepted, words))] if excepted else []
    return " ".join(filter(None, parts))


def _level(level: RuleLevel, card: RuleCard, words: Words) -> str:
    parts = []
    if level.raise_ is not None:
        parts.append(raised(level.raise_, card.unit, words))
        if level.clear is not None:
            parts.append(cleared(level.clear, card.unit, words))
    if level.hold_s:
        parts.append(words.say("rules.for", lasting=words.exactly(level.hold_s)))
    if level.samples > 1:
        parts.append(words.say("rules.in_a_row", n=level.samples))
    if level.latch:
        parts.append(words.say("rules.latch"))
    return GAP.join(parts)


def _threshold(card: RuleCard, words: Words) -> str:
    key = "threshold_change" if card.facts.get("relative_to") else "threshold"
    if any(level.raise_ is not None and level.raise_.key == "equals" for level in card.levels):
        key = "threshold_switch"
    return words.say(f"rules.means.{key}", metric=_metric(card, words))


def _rate(card: RuleCard, words: Words) -> str:
    over = _time(card.facts, "over", words)
    return words.say("rules.means.rate", metric=_metric(card, words), over=over, per=card.facts.get("per", "1h"))


def _trend(card: RuleCard, words: Words) -> str:
    return words.say("rules.means.trend", metric=_metric(card, words), over=_time(card.facts, "over", words))


def _baseline(card: RuleCard, words: Words) -> str:
    facts = card.facts
    against = str(facts.get("against", "installation"))
    how = words.say(f"rules.means.against_{against}", days=facts.get("days", 7), over=_time(facts, "over", words))
    return words.say("rules.means.baseline", metric=_metric(card, words), how=how)


def _stuck(card: RuleCard, words: Words) -> str:
    return words.say("rules.means.stuck", metric=_metric(card, words))


def _count(card: RuleCard, words: Words) -> str:
    event = card.facts.get("event")
    said = happened(event, _unit(card, words), words) if isinstance(event, Side) else ""
    over = _time(card.facts, "over", words)
    return words.say("rules.means.count", metric=_metric(card, words), event=said, over=over)


def _silent(card: RuleCard, words: Words) -> str:
    lasting = _time(card.facts, "at_least", words)
    least = words.say("rules.means.at_least", lasting=lasting) if lasting else ""
    return words.say("rules.means.silent", n=f"{card.facts.get('after_intervals', 3):g}", least=least)


def _view(card: RuleCard, words: Words) -> str:
    views = _joined([words.term("view", one) for one in _list(card.facts, "views")], words)
    return words.say("rules.means.view", views=views, **_window(card.facts, "confirm"))


def _presence(card: RuleCard, words: Words) -> str:
    stays = card.facts.get("stays")
    lasting = sorted({float(one) for one in stays.values()}) if isinstance(stays, Mapping) else []
    stay = " / ".join(map(words.exactly, lasting)) if any(lasting) else words.say("rules.means.at_once")
    things = _joined([words.term("rules.thing", one) for one in _list(card.facts, "classes")], words)
    zones = _joined([words.term("rules.zone", one) for one in _list(card.facts, "zone_roles")], words)
    return words.say("rules.means.presence", things=things, zones=zones, stay=stay, **_window(card.facts, "confirm"))


def _compound(card: RuleCard, words: Words) -> str:
    groups, when = card.facts.get("groups"), card.facts.get("when")
    parts = [
        words.say(f"rules.means.{name}", rules=", ".join(str(one) for one in patterns))
        for name, patterns in (groups.items() if isinstance(groups, Mapping) else ())
    ]
    parts += [words.say("rules.means.when", when=" ".join(str(when).split()))] if when else []
    return words.say("rules.means.compound", parts=GAP.join(parts))


_MEANINGS: Final = {
    "threshold": _threshold,
    "rate": _rate,
    "trend": _trend,
    "baseline": _baseline,
    "stuck": _stuck,
    "count": _count,
    "silent": _silent,
    "view": _view,
    "presence": _presence,
    "compound": _compound,
}
"""By kind; what is in none of them is said as a compound."""


def _metric(card: RuleCard, words: Words) -> str:
    return words.metric(card.metric) or card.metric or ""


def _window(facts: Mapping[str, object], name: str) -> dict[str, object]:
    window = facts.get(name)
    return dict(window) if isinstance(window, Mapping) else {"k": 1, "n": 1}


def _unit(card: RuleCard, words: Words) -> str:
    measured = words.measured(card.metric, 0.0) or ""
    return measured.lstrip("0 ") if card.metric else ""


def _time(facts: Mapping[str, object], name: str, words: Words) -> str:
    seconds = facts.get(name)
    return words.exactly(float(seconds)) if isinstance(seconds, int | float) else ""


def _list(facts: Mapping[str, object], name: str) -> Sequence[str]:
    found = facts.get(name)
    return [str(one) for one in found] if isinstance(found, list) else []


def _joined(parts: Sequence[str], words: Words) -> str:
    return words.say("rules.and").join(parts)
