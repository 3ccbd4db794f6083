"""How `longcheng rules explain` shows what it found, in either language."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.limits import Side
from config.load import Site
from console.words import Words
from domain.case import Alarm, LogEntry
from domain.finding import AlarmState
from domain.reading import Value
from rules.chain import Candidate
from rules.explain import Judged, Step
from rules.memory import Key
from rules.rule import Rule


class AboutSubject(Struct, frozen=True, kw_only=True):
    """A device, port, camera or zone."""

    subject: str
    name: str
    place: str
    judged: tuple[Judged, ...]
    newest: Mapping[str, tuple[int, Value]]


class AboutAlarm(Struct, frozen=True, kw_only=True):
    """An alarm, or only its rule and subject where there never was one."""

    key: Key
    alarm: Alarm | None
    judged: Judged | None
    rule: Rule | None
    steps: tuple[Step, ...]
    said: int
    start_ms: int
    stop_ms: int
    log: tuple[LogEntry, ...]


class Say:
    """The texts of `explain`, in one language."""

    def __init__(self, site: Site, words: Words) -> None:
        self.site = site
        self.words = words

    def __call__(self, key: str, **facts: object) -> str:
        """The text of a key with its facts filled in."""
        return self.site.texts.say(self.words.language, f"explain.{key}", facts)

    def state(self, state: AlarmState | None, since_ms: int | None = None) -> str:
        """Where an alarm is in its life, and since when."""
        if state is None:
            return self("quiet")
        since = f" {self('since', since=self.words.clock(since_ms))}" if since_ms is not None else ""
        return self(f"state.{state.value}") + since

    def sure(self, confidence: str | None) -> str:
        """How sure a number is."""
        return self(f"confidence.{confidence}") if confidence else self("no_source")

    def hold(self, one: Candidate) -> str:
        """How long, and how often, a limit must be broken."""
        parts = [self.words.exactly(one.hold_s)] if one.hold_s else []
        parts += [self("samples", n=one.samples)] if one.samples > 1 else []
        return ", ".join(parts) or self("at_once")

    def why(self, one: Candidate, all_: Sequence[Candidate]) -> str:
        """Why it holds or does not: what comes first in the chain wins, if it counts at this time."""
        if one.wins:
            return self("wins")
        alike = [other for other in all_ if other.severity is one.severity]
        winner = next(other for other in alike if other.wins)
        if alike.index(one) < alike.index(winner):
            return self("not_now")
        if one.step is winner.step:
            return self("closer")
        return self("loses", winner=self(f"step.{winner.step.value}"))


def print_subject(about: AboutSubject, say: Say, out: Console) -> None:
    """Its newest values, and a row for each limit that anybody gives it: those that hold are bold."""
    out.print(Text(f"{about.name} ({about.subject}), {about.place}", style="bold"))
    values = ", ".join(_value(name, at_ms, value, say) for name, (at_ms, value) in about.newest.items())
    out.print(Text(f"{say('newest')}: {values}" if values else say("newest_none")), soft_wrap=True)
    if not about.judged:
        out.print(say("none"))
        return
    names = ("rule", "state", "severity", "raise", "clear", "hold", "by", "where", "source", "confidence")
    table = _table(say("rules"), *(say(f"columns.{name}") for name in names))
    for judged in about.judged:
        _add(table, judged, say, about.subject)
    out.print(table)


def print_alarm(about: AboutAlarm, say: Say, out: Console) -> None:
    """What it is and by which limit; how it came about, step by step; and what was written down."""
    title = _title(about, say)
    heading = say("alarm", id=about.alarm.id, title=title, subject=about.key[1]) if about.alarm else ""
    out.print(Text(heading or say("no_alarm", title=title, subject=about.key[1]), style="bold"))
    facts = Table(show_header=False, box=None)
    for name, value in _facts(about, say).items():
        facts.add_row(say(f"facts.{name}"), Text(value))
    out.print(facts)
    if about.judged and about.judged.limits:
        names = ("rule", "state", "severity", "raise", "clear", "hold", "by", "where", "source", "confidence")
        table = _table("", *(say(f"columns.{name}") for name in names))
        _add(table, about.judged, say, about.key[1])
        out.print(table)
    _print_story(about, say, out)
    if about.log:
        table = _table(say("log"), "", "", "")
        table.show_header = False
        for entry in about.log:
            table.add_row(say.words.exact(entry.at_ms), entry.who, Text(say.words.story(entry)))
        out.print(table)


def _title(about: AboutAlarm, say: Say) -> str:
    if about.alarm is not None:
        return say.words.pick(about.alarm.title_zh, about.alarm.title_en)
    title = about.rule.spec.title if about.rule else None
    return say.words.pick(title.zh, title.en) if title else about.key[0]


def _facts(about: AboutAlarm, say: Say) -> dict[str, str]:
    """What is known, by the names of the catalogue."""
    alarm, words, rule = about.alarm, say.words, about.rule
    facts = {"rule": about.key[0] + (f", {about.judged.where}" if about.judged else "")}
    if alarm is not None:
        facts |= {"severity": words.term("severity", alarm.severity.value), "state": say.state(alarm.state)}
        facts |= {"since": words.exact(alarm.since_ms), "raised": words.exact(alarm.raised_ms)}
        facts |= {"resolved": words.exact(alarm.resolved_ms)} if alarm.resolved_ms else {}
        facts |= {"value": words.measured(alarm.metric, alarm.value) or "–"} if alarm.value is not None else {}
        facts |= {"limit": f"{words.measured(alarm.metric, alarm.limit)}"} if alarm.limit is not None else {}
        facts |= {"limit_from": alarm.limit_source} if alarm.limit_source else {}
        facts["version"] = _versions(alarm, rule, say)
        facts |= {"acked": say("acked_by", who=alarm.acked_by, why=alarm.acked_why or "")} if alarm.acked_by else {}
        if alarm.silenced_by and alarm.silenced_until_ms:
            until = words.clock(alarm.silenced_until_ms)
            facts["silenced"] = say("silenced_by", who=alarm.silenced_by, until=until, why=alarm.silenced_why or "")
    if rule is not None:
        spec = rule.spec
        facts |= {"source": spec.source or say("no_source"), "confidence": say.sure(spec.confidence)}
        facts |= {"first": words.pick(spec.first.zh, spec.first.en)} if spec.first else {}
    return facts


def _versions(alarm: Alarm, rule: Rule | None, say: Say) -> str:
    if rule is None:
        return say("version_gone", then=alarm.rule_version)
    if rule.version == alarm.rule_version:
        return say("version_same", version=rule.version)
    return say("version_other", then=alarm.rule_version, now=rule.version)


def _print_story(about: AboutAlarm, say: Say, out: Console) -> None:
    between = {"start": say.words.exact(about.start_ms), "end": say.words.exact(about.stop_ms)}
    if not about.said:
        out.print(Text(say("nothing", **between)), soft_wrap=True)
        return
    if not about.steps:
        out.print(Text(say("still", **between)), soft_wrap=True)
        return
    names = ("at", "state", "between", "value", "told")
    table = _table(say("story"), *(say(f"story_columns.{name}") for name in names))
    metric = about.judged.metric if about.judged else None
    for step in about.steps:
        state = f"{say.state(step.before)} → {say.state(step.after)}"
        value = say.words.measured(metric, step.value) or ""
        row = say.words.exact(step.at_ms), state, _between(step, metric, say), value, _told(step, say)
        table.add_row(*map(Text, row))
    out.print(table)


def _between(step: Step, metric: str | None, say: Say) -> str:
    if not step.values or step.least is None or step.most is None:
        return ""
    least, most = (say.words.measured(metric, value) for value in (step.least, step.most))
    return say("between", n=step.values, least=least, most=most)


def _told(step: Step, say: Say) -> str:
    """What the finding says; where the rules have no words for it, its change and figures."""
    lines = []
    for one in step.findings:
        text = say.words.pick(one.text_zh, one.text_en)
        severity = say.words.term("severity", one.severity.value)
        limit = "" if one.limit is None else f", {say('facts.limit')} {one.limit:g} ({one.limit_source})"
        figures = "" if one.value is None else f" {one.value:g}{limit}"
        lines.append(text or f"{one.change} {severity}{figures}")
    return "\n".join(lines)


def _add(table: Table, judged: Judged, say: Say, subject: str) -> None:
    name = judged.rule_id if judged.subject == subject else f"{judged.rule_id} {judged.subject}"
    title = f"{say.words.pick(judged.title.zh, judged.title.en)}\n{name}"
    state = say.state(judged.state, judged.since_ms)
    severity = say.words.term("severity", judged.severity.value)
    source, sure = judged.source or say("no_source"), say.sure(judged.confidence)
    if not judged.limits:
        table.add_row(*map(Text, (title, state, severity, "", "", "", "", judged.where, source, sure)))
    for number, one in enumerate(judged.limits):
        cells = (
            title if number == 0 else "",
            state if number == 0 else "",
            say.words.term("severity", one.severity.value),
            _side(one.raise_, raised=True),
            "" if one.clear is None else _side(one.clear, raised=False),
            say.hold(one),
            f"{say(f'step.{one.step.value}')}: {say.why(one, judged.limits)}",
            one.where,
            one.source or say("no_source"),
            say.sure(one.confidence),
        )
        table.add_row(*map(Text, cells), style="bold" if one.wins else "dim")
    table.add_section()


def _side(side: Side, *, raised: bool) -> str:
    """A limit raises when it is reached and clears when it is passed."""
    if side.key == "equals":
        return f"= {side.text.partition(' ')[2]}"
    sign = {"above": "≥" if raised else ">", "below": "≤" if raised else "<"}[side.key]
    return f"{sign} {side.text.partition(' ')[2]}"


def _value(name: str, at_ms: int, value: Value, say: Say) -> str:
    metric = say.words.metric(name) or name
    return f"{metric} {say.words.measured(name, value)} ({say.words.ago(at_ms)})"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title or None, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
