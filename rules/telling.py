"""What people read of an alarm: what is wrong, since when, how sure, and what to do first.

The sentences stand in the rule files (`text`, `first`), their frame in `config/texts/<language>/rules.yaml`.
"""

from collections.abc import Mapping
from string import Formatter

from msgspec import structs

from config.load import Site
from config.retold import retold
from config.schema import Words
from config.texts import LANGUAGES
from domain.clock import utc
from domain.finding import Change, Finding
from domain.register import Location
from rules.rule import Rule

PLACEHOLDERS = frozenset(
    {"subject", "name", "place", "metric", "value", "limit", "unit", "since", "held", "port", "zone", "shop"}
)
"""What `text` and `first` of a rule may name in braces."""
_IN_BRACKETS = ("（{place}）", " ({place})")
"""Left out of a sentence where no place is known: empty brackets read like something lost."""
_TOLD = frozenset({Change.RAISED, Change.RENEWED, Change.FLAPPING, Change.STALE})
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


def strange_placeholders(words: Words) -> tuple[str, ...]:
    """Names in braces that nothing fills, in the order in which they stand. Raises ValueError for a lone brace."""
    named = [name for text in (words.zh, words.en) for _, name, _, _ in Formatter().parse(text) if name is not None]
    return tuple(dict.fromkeys(name for name in named if name not in PLACEHOLDERS))


def told(finding: Finding, rule: Rule, site: Site) -> Finding:
    """The finding with its texts; as it is where it ends an alarm, or where neither rule nor catalogue has words."""
    if finding.change not in _TOLD or "rules.frame" not in site.texts:
        return finding
    chinese, english = (_text(finding, rule, site, language) for language in LANGUAGES)
    return structs.replace(finding, text_zh=chinese, text_en=english)


def _text(finding: Finding, rule: Rule, site: Site, language: str) -> str:
    facts = _facts(finding, site, language)
    spec, say = rule.spec, site.texts.say
    title = finding.title_zh if language == LANGUAGES[0] else finding.title_en
    what = _filled(spec.text, language, facts) or say(language, "rules.without_text", {**facts, "title": title})
    sure = say(language, f"rules.confidence.{spec.confidence or 'unknown'}")
    frame = "rules.frame" if finding.at_ms - finding.since_ms < _MINUTE_MS else "rules.frame_held"
    parts = [
        say(language, frame, {**facts, "what": what}),
        say(language, "rules.sure", {"confidence": sure, "source": _source(spec.source, site, language)}),
    ]
    if first := _filled(spec.first, language, facts):
        parts.append(say(language, "rules.first", {"first": first}))
    return say(language, "rules.between").join(parts)


def _source(source: str | None, site: Site, language: str) -> str:
    """Where the rule's numbers come from; what a site wrote in its own words stands as it is."""
    if source is None:
        return site.texts.say(language, "rules.no_source")
    return retold(site.texts, language, source) or source


def _filled(words: Words | None, language: str, facts: Mapping[str, str]) -> str:
    if words is None:
        return ""
    text = words.zh if language == LANGUAGES[0] else words.en
    if not facts["place"]:
        for nowhere in _IN_BRACKETS:
            text = text.replace(nowhere, "")
    return text.format_map(facts)


def _facts(finding: Finding, site: Site, language: str) -> dict[str, str]:
    registered = site.devices.get(finding.device_id) or site.cameras.get(finding.device_id)
    metric = site.metrics.get(finding.metric or "")
    shop = site.shops.get(finding.shop_id or "")
    since = utc(finding.since_ms).astimezone(site.timezone)
    return {
        "subject": finding.subject,
        "name": registered.name if registered else finding.device_id,
        "place": _place(registered.location) if registered else "",
        "metric": "" if metric is None else metric.zh if language == LANGUAGES[0] else metric.en,
        "value": _number(finding.value),
        "limit": _number(finding.limit),
        "unit": site.texts.unit(language, metric.unit) if metric else "",
        "since": f"{since:%m-%d %H:%M}",
        "held": _duration(finding.at_ms - finding.since_ms, site, language),
        "port": "" if finding.port is None else str(finding.port),
        "zone": _zone(finding, site, language),
        "shop": shop.name if shop else "",
    }


def _zone(finding: Finding, site: Site, language: str) -> str:
    """What a zone is for, as evidence pictures say it; with its name where its camera has more of that kind."""
    camera = site.cameras.get(finding.device_id)
    zone = next((one for one in camera.zones if one.zone == finding.zone), None) if camera else None
    if camera is None or zone is None or f"evidence.role.{zone.role}" not in site.texts:
        return finding.zone or ""
    role = site.texts.say(language, f"evidence.role.{zone.role}")
    if sum(one.role is zone.role for one in camera.zones) == 1:
        return role
    return site.texts.say(language, "rules.zone", {"role": role, "zone": zone.zone})


def _place(location: Location) -> str:
    """The nearest name of a place that the register has; it may have none."""
    return location.road or location.sub_district or location.district


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _duration(ms: int, site: Site, language: str) -> str:
    """In the largest unit of which there are two: `90` minutes, `3` days."""
    for unit, unit_ms in (("days", _DAY_MS), ("hours", _HOUR_MS), ("minutes", _MINUTE_MS)):
        if ms >= 2 * unit_ms:
            return site.texts.say(language, f"rules.held.{unit}", {"n": ms // unit_ms})
    return site.texts.say(language, "rules.held.seconds", {"n": max(ms, 0) // 1000})
