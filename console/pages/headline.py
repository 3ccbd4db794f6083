"""The state of the city in one sentence, and in eight figures."""

from msgspec import Struct

from console.city import UNKNOWN, City, Reach
from console.words import Words
from domain.finding import Severity
from domain.sighting import ViewHealth


class Tile(Struct, frozen=True, kw_only=True):
    """One figure. `tone` is a colour's meaning: critical, warn, good or "" for none; `href` leads to its section."""

    key: str
    href: str
    label: str
    value: str
    of: str = ""
    note: str = ""
    tone: str = ""


def level(city: City) -> str:
    """`critical`: act now. `warn`: something is open, or the picture is incomplete. `calm`: nothing to do."""
    severities, health = city.audible, city.health
    blind = not health.broker_connected or health.ingest_paused or not health.journal.writable
    troubles = {trouble.severity for trouble in health.troubles}
    if severities[Severity.CRITICAL] or city.overdue or blind or health.rules_failing or Severity.CRITICAL in troubles:
        return "critical"
    unseen = city.views[UNKNOWN]
    if (
        severities[Severity.WARN]
        or city.counts.cases_open
        or unseen
        or not health.store_reachable
        or health.rule_faults
        or troubles
    ):
        return "warn"
    return "calm"


def lead(city: City, words: Words) -> list[str]:
    """Whether the picture can be trusted, and what is open."""
    return [*_blindness(city, words), _open(city, words)]


def sight(city: City, words: Words) -> str | None:
    """How much of the city can be seen; None where there are no cameras."""
    if not city.cameras:
        return None
    healthy = words.number(city.views[ViewHealth.HEALTHY])
    return words.say("headline.cameras", healthy=healthy, total=words.number(len(city.cameras)))


def _blindness(city: City, words: Words) -> list[str]:
    if not city.health.broker_connected:
        if city.newest_ms is None:
            return [words.say("headline.blind_ever")]
        return [words.say("headline.blind", ago=words.ago(city.newest_ms))]
    if city.health.ingest_paused or not city.health.journal.writable:
        return [words.say("headline.full")]
    if city.health.rules_failing:
        return [words.say("headline.failing")]
    return [] if city.health.store_reachable else [words.say("headline.store_away")]


def _open(city: City, words: Words) -> str:
    critical, warn = city.audible[Severity.CRITICAL], city.audible[Severity.WARN]
    clauses = []
    if critical:
        clauses.append(words.count("headline.critical", critical))
    if warn:
        clauses.append(words.count("headline.warn", warn))
    if cases := city.counts.cases_open:
        late = words.say("headline.overdue", n=city.overdue) if city.overdue else ""
        clauses.append(words.count("headline.cases", cases) + late)
    if silent := city.severities.total() - city.audible.total():
        clauses.append(words.count("headline.silenced", silent))
    if not clauses:
        unseen = city.views[UNKNOWN]
        clauses.append(words.count("headline.unseen", unseen) if unseen else words.say("headline.nothing"))
    return words.say("headline.sentence", clauses=words.say("headline.joint").join(clauses))


def next_deadline(city: City, words: Words) -> str | None:
    """The case that has to be handled first, or None if none is at work, or all of them are put off."""
    case = city.next
    if case is None:
        return None
    title = words.pick(case.title_zh, case.title_en)
    return words.say("headline.next", title=title, clock=words.clock(case.due_ms), left=left(case.due_ms, words))


def left(due_ms: int, words: Words) -> str:
    """How long until a deadline, or for how long it has passed."""
    seconds = (due_ms - words.now_ms) / 1000
    key = "time.left" if seconds >= 0 else "time.overdue"
    return words.say(key, lasting=words.lasting(abs(seconds)))


def tiles(city: City, words: Words) -> list[Tile]:
    """The figures, in the order a person on duty asks for them."""
    return [*_matters(city, words), *_correction(city, words), *_reach(city, words)]


def _tile(words: Words, key: str, href: str, value: float, *, of: str = "", note: str = "", tone: str = "") -> Tile:
    label = words.say(f"tile.{key}")
    return Tile(key=key, href=href, label=label, value=words.number(value), of=of, note=note, tone=tone)


def _matters(city: City, words: Words) -> list[Tile]:
    severities = city.audible
    critical, warn, notices = (severities[severity] for severity in reversed(Severity))
    by_kind = " · ".join(f"{words.term('kind', kind)} {n}" for kind, n in city.open_by_kind.most_common())
    late = words.say("tile.overdue", n=city.overdue) if city.overdue else ""
    return [
        _tile(words, "critical", "#alarms", critical, tone="critical" if critical else ""),
        _tile(
            words,
            "warn",
            "#alarms",
            warn,
            tone="warn" if warn else "",
            note=words.count("tile.notices", notices) if notices else "",
        ),
        _tile(
            words,
            "cases",
            "#cases",
            city.counts.cases_open,
            tone="critical" if city.overdue else "",
            note=" · ".join(filter(None, (late, by_kind))),
        ),
    ]


def _correction(city: City, words: Words) -> list[Tile]:
    correction = city.correction
    rate = words.say("tile.rate_none")
    if correction.rate is not None:
        rate = words.say("tile.rate", rate=f"{correction.rate:.0%}", n=words.number(correction.told))
    return [
        _tile(words, "asked", "#ladders", city.counts.ladders_open, note=words.say("tile.asked_note")),
        _tile(words, "corrected", "#ladders", correction.corrected, note=rate),
    ]


def _reach(city: City, words: Words) -> list[Tile]:
    healthy, online = city.views[ViewHealth.HEALTHY], sum(d.reach is Reach.ONLINE for d in city.devices)
    faulty, away = len(city.cameras) - healthy, len(city.devices) - online
    dead = sum(city.dead_counts.values())
    return [
        _tile(
            words,
            "cameras",
            "#cameras",
            healthy,
            of=words.number(len(city.cameras)),
            note=words.count("tile.faulty", faulty) if faulty else words.say("tile.all_healthy"),
        ),
        _tile(
            words,
            "devices",
            "#devices",
            online,
            of=words.number(len(city.devices)),
            note=words.count("tile.away", away) if away else words.say("tile.all_online"),
        ),
        _tile(words, "dead", "/deadletters", dead, note=words.say("tile.dead_note")),
    ]
