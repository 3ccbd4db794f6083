"""Is the system itself well? One sentence, the way of a message part by part, and what each part says of itself."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from console.desk.health import Health
from console.desk.vitals import ModelInUse
from console.pages.camera import class_word
from console.pages.looking import Found, Looking
from console.pages.spark import Spark, levels, rates, spark
from console.pages.troubles import amount, room_left, trouble_rows
from console.vital_signs import Level, Part, Signs, read, share_used
from console.words import Words

_LINE: Final = (Part.BROKER, Part.COLLECTORS, Part.JOURNAL, Part.RULES, Part.SERIES, Part.NOTICES, Part.PLATFORM)
_LINKS: Final = {
    Part.RULES: "/rules",
    Part.NOTICES: "/events?kind=notice",
    Part.LETTERS: "/deadletters",
    Part.CAMERAS: "/cameras",
    Part.DEVICES: "/devices",
}

_SHORT: Final = 12
"""So many letters of a hash tell models apart."""

Fact = tuple[str, str]
"""A figure's word, and the figure with its unit."""


class Stage(Struct, frozen=True, kw_only=True):
    """One part in words."""

    part: Part
    level: Level
    name: str
    state: str
    """How it is, in a word or two."""
    facts: tuple[Fact, ...]
    problems: tuple[tuple[str, str], ...]
    """Who complains, empty if it is the part itself, and in what words."""
    href: str | None
    line: Spark | None
    line_says: str


class ModelRow(Struct, frozen=True, kw_only=True):
    """A detector in use, in words."""

    model: ModelInUse
    short: str
    """The beginning of its hash."""
    since: str
    labels: str


def health_view(looking: Looking) -> Found:
    """The page's sections."""
    words, seat = looking.words, looking.seat
    whole = seat.caller is None or seat.caller.scope is None
    signs = read(looking.desk, looking.site, words.now_ms, whole=whole)
    stages = [_stage(part, signs, words) for part in signs.levels]
    wrong = [stage for stage in stages if stage.level is not Level.GOOD]
    title = words.say(
        "health.page_title", name=words.pick(looking.site.settings.name.zh, looking.site.settings.name.en)
    )
    return title, {
        "health_says": {
            "level": signs.worst,
            "sentence": _sentence(signs, wrong, words),
            "troubles": trouble_rows(signs.health, looking.site, words),
            "wrong": wrong,
        },
        "health_line": {"stages": [stage for stage in stages if stage.part in _LINE]},
        "health_rest": {
            "stages": [stage for stage in stages if stage.part not in _LINE],
            "program": _program(signs, words),
            "models": [_model(one, looking) for one in signs.vitals.models],
        },
    }


def _model(one: ModelInUse, looking: Looking) -> ModelRow:
    words = looking.words
    return ModelRow(
        model=one,
        short=one.sha256[:_SHORT],
        since=words.clock(one.since_ms),
        labels=words.say("service.joint").join(class_word(label, looking) for label in one.labels),
    )


def _sentence(signs: Signs, wrong: list[Stage], words: Words) -> str:
    if signs.health.troubles:
        worst = signs.health.troubles[0]
        title = words.say(f"service.{worst.kind}.title")
        lasting = words.lasting((signs.now_ms - worst.since_ms) / 1000)
        return words.say("health.trouble", title=title, clock=words.clock(worst.since_ms), lasting=lasting)
    if not wrong:
        return words.say("health.all_well")
    names = words.say("service.joint").join(stage.name for stage in wrong)
    return words.say("health.look_at", names=names)


def _stage(part: Part, signs: Signs, words: Words) -> Stage:
    level, beats = signs.levels[part], signs.vitals.beats
    line, says = None, ""
    if part is Part.BROKER:
        line, says = spark(rates(beats, "received")), "health.rate_line"
    elif part is Part.SERIES:
        line, says = spark(rates(beats, "stored")), "health.stored_line"
    elif part is Part.RULES:
        line, says = spark(levels(beats, "lag_rules")), "health.lag_line"
    return Stage(
        part=part,
        level=level,
        name=words.term("health.part", part),
        state=_state(part, signs, words),
        facts=tuple(_FACTS[part](signs, words)),
        problems=_problems(part, signs.health),
        href=_LINKS.get(part),
        line=line,
        line_says=words.say(says, most=words.number(round(line.most, 1))) if line else "",
    )


def _state(part: Part, signs: Signs, words: Words) -> str:
    """Said of what is wrong; else that it is well."""
    health, level = signs.health, signs.levels[part]
    if part is Part.BROKER and not health.broker_connected:
        return words.say("system.disconnected")
    if part is Part.BROKER and health.ingest_paused:
        return words.say("system.paused")
    if part is Part.RULES and level is Level.WARN and health.rules_problem:
        return words.say("health.old_rules")
    if part is Part.BACKUP and signs.vitals.backup is None:
        return words.say("health.no_backup")
    if part is Part.SERIES and not health.store_reachable:
        return words.say("system.unreachable")
    return words.say(f"health.state.{part}.{level}")


def _problems(part: Part, health: Health) -> tuple[tuple[str, str], ...]:
    if part is Part.COLLECTORS:
        return tuple((one.name, one.trouble) for one in health.collectors if not one.connected)
    faults = "; ".join(f"{rule} × {n}" for rule, n in sorted(health.rule_faults.items()))
    said = {
        Part.JOURNAL: health.journal.problem,
        Part.RULES: " ".join(one for one in (health.read.failure, health.rules_problem, faults) if one),
        Part.SERIES: health.store.problem,
        Part.PLATFORM: (health.platform.problem or "") if health.platform else "",
        Part.CAMERAS: "; ".join(health.watch_problems),
    }
    return (("", problem),) if (problem := said.get(part, "")) else ()


def _broker(signs: Signs, words: Words) -> Iterator[Fact]:
    came = rates(signs.vitals.beats[-7:], "received")
    if came:
        yield words.say("health.rate"), words.say("health.a_second", n=words.number(round(sum(came) / len(came), 1)))
    yield words.say("health.received"), words.number(signs.health.messages_received)


def _collectors(signs: Signs, words: Words) -> Iterator[Fact]:
    all_of_them = signs.health.collectors
    connected = sum(one.connected for one in all_of_them)
    yield words.say("health.connected"), f"{connected} / {len(all_of_them)}"
    yield words.say("health.restarts"), words.number(sum(one.restarts for one in all_of_them))
    yield words.say("health.reconnects"), words.number(sum(one.reconnects for one in all_of_them))


def _journal(signs: Signs, words: Words) -> Iterator[Fact]:
    journal = signs.health.journal
    used = words.say("health.of", part=amount(journal.size), whole=amount(journal.max_size))
    yield words.say("health.fill"), f"{share_used(signs.health):.0%} ({used})"
    yield words.say("health.room"), room_left(signs.health, words)
    yield words.say("health.oldest"), words.lasting(journal.oldest_unread_age_s)
    if journal.damaged_records:
        yield words.say("health.damaged"), words.number(journal.damaged_records)


def _rules(signs: Signs, words: Words) -> Iterator[Fact]:
    yield words.say("health.waiting"), words.count("system.records", signs.health.journal.lag_rules)
    if (rules := signs.vitals.rules) is not None:
        yield words.say("health.rules"), words.number(rules.rules)
        yield words.say("health.rules_since"), words.clock(rules.since_ms)
    yield words.say("health.restarts"), words.number(signs.health.read.restarts)
    yield words.say("health.late"), words.number(signs.health.read.late)


def _series(signs: Signs, words: Words) -> Iterator[Fact]:
    store = signs.health.store
    yield words.say("health.waiting"), words.count("system.records", signs.health.journal.lag_series)
    yield words.say("health.stored"), words.number(signs.health.readings_stored)
    yield words.say("health.dropped"), words.number(store.dropped)
    yield words.say("health.restarts"), words.number(store.restarts)


def _notices(signs: Signs, words: Words) -> Iterator[Fact]:
    counts = signs.counts
    yield words.say("health.pending"), words.number(counts.notices_pending)
    if (oldest := signs.vitals.oldest_notice_ms) is not None:
        yield words.say("health.longest"), words.lasting((signs.now_ms - oldest) / 1000)
    yield words.say("health.sent"), words.number(counts.notices_sent)
    yield words.say("health.dead"), words.number(counts.notices_dead)


def _platform(signs: Signs, words: Words) -> Iterator[Fact]:
    if (platform := signs.health.platform) is not None:
        yield words.say("health.pending"), words.number(platform.pending)
        yield words.say("health.longest"), words.lasting(platform.oldest_age_s)
        yield words.say("health.dead"), words.number(platform.dead)


def _cameras(signs: Signs, words: Words) -> Iterator[Fact]:
    looks = signs.looks
    yield words.say("health.clear_views"), f"{words.number(looks.healthy)} / {words.number(looks.cameras)}"
    yield words.say("health.no_news"), words.number(looks.unknown)
    planned = words.number(round(looks.planned, 1))
    yield words.say("health.looks"), words.say("health.looks_of", n=words.number(looks.looks), planned=planned)


def _devices(signs: Signs, words: Words) -> Iterator[Fact]:
    yield words.say("health.reporting"), f"{words.number(signs.looks.online)} / {words.number(signs.looks.devices)}"


def _letters(signs: Signs, words: Words) -> Iterator[Fact]:
    yield words.say("health.kept"), words.number(signs.letters or 0)
    yield words.say("health.set_aside"), words.number(sum(signs.health.read.letters.values()))


def _disk(signs: Signs, words: Words) -> Iterator[Fact]:
    vitals = signs.vitals
    if vitals.disk_free is not None and vitals.disk_size:
        yield (
            words.say("health.free"),
            words.say("health.of", part=amount(vitals.disk_free), whole=amount(vitals.disk_size)),
        )
    if (evidence := vitals.evidence) is not None:
        yield words.say("health.pictures"), words.number(evidence.pictures)
        yield (
            words.say("health.pictures_size"),
            words.say("health.of", part=amount(evidence.size), whole=amount(evidence.max_size)),
        )


def _backup(signs: Signs, words: Words) -> Iterator[Fact]:
    newest = signs.vitals.backup
    if newest is not None:
        yield words.say("health.taken"), f"{words.ago(newest.taken_ms)} ({words.clock(newest.taken_ms)})"
        yield words.say("health.to"), newest.to or words.say("health.streamed")
        if newest.size:
            yield words.say("health.size"), amount(newest.size)
        if newest.without:
            left = words.say("service.joint").join(words.term("health.without", one) for one in newest.without)
            yield words.say("health.left_out"), left
        checked = newest.verified_ms
        yield (
            words.say("health.verified"),
            words.say("health.not_verified") if checked is None else words.clock(checked),
        )
    if signs.backup_every_s is not None:
        yield words.say("health.expected"), words.say("health.every", lasting=words.lasting(signs.backup_every_s))


def _models(signs: Signs, words: Words) -> Iterator[Fact]:
    yield words.say("health.watches"), words.number(len(signs.vitals.models))


def _program(signs: Signs, words: Words) -> list[Fact]:
    vitals = signs.vitals
    return [
        (words.say("health.version"), vitals.version),
        (words.say("health.reads_by"), vitals.reads_by),
        (words.say("health.started"), words.exact(vitals.started_ms)),
        (words.say("health.running"), words.lasting((signs.now_ms - vitals.started_ms) / 1000)),
    ]


_FACTS: Final = {
    Part.BROKER: _broker,
    Part.COLLECTORS: _collectors,
    Part.JOURNAL: _journal,
    Part.RULES: _rules,
    Part.SERIES: _series,
    Part.NOTICES: _notices,
    Part.PLATFORM: _platform,
    Part.CAMERAS: _cameras,
    Part.DEVICES: _devices,
    Part.LETTERS: _letters,
    Part.MODELS: _models,
    Part.DISK: _disk,
    Part.BACKUP: _backup,
}
