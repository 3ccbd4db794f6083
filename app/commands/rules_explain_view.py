"""How `longcheng rules explain` shows what it found, in either language."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from rich.console import Console
from rich.padding import Padding
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

_GAP = " · "


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

    def when(self, at_ms: int) -> str:
        """A moment to the second; its year only where it is not this one."""
        at = self.words.local(at_ms)
        this_year = at.year == self.words.local(self.words.now_ms).year
        return at.strftime("%m-%d %H:%M:%S" if this_year else "%Y-%m-%d %H:%M:%S")

    def sure(self, confidence: str | None) -> str:
        """How sure a number is."""
        return self(f"confidence.{confidence}") if confidence else self("no_source")

    def hold(self, one: Candidate) -> str:
        """How long, and how often, a limit must be broken."""
        parts = [self.words.exactly(one.hold_s)] if one.hold_s else []
        parts += [self("samples", n=one.samples)] if one.samples > 1 else []
        return ", ".join(parts) or self("at_once")

    def why(self, one: Candidate, all_: Sequence[Candidate]) -> str:
        """Why one does not hold: what comes first in the chain wins, if it counts at this time."""
        alike = [other for other in all_ if other.severity is one.severity]
        winner = next(other for other in alike if other.wins)
        if alike.index(one) < alike.index(winner):
            return self("not_now")
        if one.step is winner.step:
            return self("closer")
        return self("loses", winner=self(f"step.{winner.step.value}"))


def print_subject(about: AboutSubject, say: Say, out: Console) -> None:
    """Its newest values, and of each rule what holds, who set it and where, and what gives way."""
    out.print(Text(f"{about.name} ({about.subject}), {about.place}", style="bold"))
    values = ", ".join(_value(name, at_ms, value, say) for name, (at_ms, value) in about.newest.items())
    out.print(Text(f"{say('newest')}: {values}" if values else say("newest_none")))
    out.print(say("rules") if about.judged else say("none"))
    for judged in about.judged:
        out.print()
        _print_rule(judged, say, about.subject, out)


def print_alarm(about: AboutAlarm, say: Say, out: Console) -> None:
    """What it is and by which limit; how it came about, step by step; and what was written down."""
    title = _title(about, say)
    heading = say("alarm", id=about.alarm.id, title=title, subject=about.key[1]) if about.alarm else ""
    out.print(Text(heading or say("no_alarm", title=title, subject=about.key[1]), style="bold"))
    facts = _grid()
    for name, value in _facts(about, say).items():
        facts.add_row(Text(say(f"facts.{name}"), style="dim"), Text(value))
    out.print(facts)
    out.print()
    if about.judged and about.judged.limits:
        _print_rule(about.judged, say, about.key[1], out)
        out.print()
    _print_story(about, say, out)
    if about.log:
        out.print()
        out.print(Text(say("log"), style="bold"))
        table = _grid()
        for entry in about.log:
            table.add_row(say.when(entry.at_ms), Text(f"{entry.who}: {say.words.story(entry)}"))
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
        facts |= {"since": say.when(alarm.since_ms), "raised": say.when(alarm.raised_ms)}
        facts |= {"resolved": say.when(alarm.resolved_ms)} if alarm.resolved_ms else {}
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
    between = {"start": say.when(about.start_ms), "end": say.when(about.stop_ms)}
    if not about.said or not about.steps:
        out.print(Text(say("still" if about.said else "nothing", **between)))
        return
    out.print(Text(say("story"), style="bold"))
    table = _grid()
    metric = about.judged.metric if about.judged else None
    for step in about.steps:
        state = f"{say.state(step.before)} → {say.state(step.after)}"
        first = _GAP.join(filter(None, (state, say.words.measured(metric, step.value))))
        told = [say("told", text=text) for text in _told(step, say)]
        table.add_row(say.when(step.at_ms), Text("\n".join(filter(None, (first, _between(step, metric, say), *told)))))
    out.print(table)


def _between(step: Step, metric: str | None, say: Say) -> str:
    if not step.values or step.least is None or step.most is None:
        return ""
    least, most = (say.words.measured(metric, value) for value in (step.least, step.most))
    return say("between", n=step.values, least=least, most=most)


def _told(step: Step, say: Say) -> Iterator[str]:
    """What the findings say; where the rules have no words for it, their change and figures."""
    for one in step.findings:
        text = say.words.pick(one.text_zh, one.text_en)
        severity = say.words.term("severity", one.severity.value)
        limit = "" if one.limit is None else f", {say('facts.limit')} {one.limit:g} ({one.limit_source})"
        figures = "" if one.value is None else f" {one.value:g}{limit}"
        yield text or f"{one.change} {severity}{figures}"


def _print_rule(judged: Judged, say: Say, subject: str, out: Console) -> None:
    """A heading; by severity what holds, and below it what gives way; and where the numbers come from."""
    name = judged.rule_id if judged.subject == subject else f"{judged.rule_id} {judged.subject}"
    state = say.state(judged.state, judged.since_ms)
    heading = _GAP.join((say.words.pick(judged.title.zh, judged.title.en), name, state))
    out.print(Text(heading, style="bold red" if judged.state else "bold"))
    table = _grid()
    if not judged.limits:
        latch = say("latch") if judged.latched else ""
        where = say("limit_by", step=say("step.default"), where=judged.where)
        table.add_row(say.words.term("severity", judged.severity.value), _GAP.join(filter(None, (latch, where))))
    for severity in dict.fromkeys(one.severity for one in judged.limits):
        alike = sorted((one for one in judged.limits if one.severity is severity), key=lambda one: not one.wins)
        lines = [_limit_line(one, judged, say) for one in alike]
        table.add_row(say.words.term("severity", severity.value), Text("\n").join(lines))
    out.print(Padding(table, (0, 0, 0, 2)))
    for line in _sources(judged, say):
        out.print(Padding(line, (0, 0, 0, 2)))


def _limit_line(one: Candidate, judged: Judged, say: Say) -> Text:
    parts = [_side(one.raise_, judged.unit, raised=True)]
    if one.clear is not None:
        parts.append(say("until", clear=_side(one.clear, judged.unit, raised=False)))
    parts.append(say.hold(one))
    step = say(f"step.{one.step.value}")
    where, _, by = one.where.partition(" ")
    if by not in {judged.rule_id, judged.subject}:  # whose name stands in the heading already need not be told again
        where = one.where
    if not one.wins:
        why = say.why(one, judged.limits)
        return Text(say("loser", step=step, limit=_GAP.join(parts), why=why, where=where), style="dim")
    if one.severity in judged.latched:
        parts.append(say("latch"))
    return Text(_GAP.join((*parts, say("limit_by", step=step, where=where))))


def _sources(judged: Judged, say: Say) -> Iterator[Text]:
    """Each but once, those of limits that hold first."""
    ordered = sorted(judged.limits, key=lambda one: not one.wins)
    by = dict.fromkeys((one.source, one.confidence, one.step) for one in ordered)
    for source, confidence, step in by or ((judged.source, judged.confidence, None),):
        holds = step is None or any(one.wins and one.step is step for one in judged.limits)
        facts = {"source": source or say("no_source"), "sure": say.sure(confidence)}
        several = step is not None and len(by) > 1
        text = say("source_by", step=say(f"step.{step.value}"), **facts) if several and step else say("source", **facts)
        yield Text(text, style="" if holds else "dim")


def _side(side: Side, unit: str, *, raised: bool) -> str:
    """A limit raises when it is reached and clears when it is passed."""
    number = side.text.partition(" ")[2]
    if side.key == "equals":
        return f"= {number}"
    sign = {"above": "≥" if raised else ">", "below": "≤" if raised else "<"}[side.key]
    return f"{sign} {number}{'' if unit.partition('/')[0] in {'', '%', '°'} else ' '}{unit}"


def _value(name: str, at_ms: int, value: Value, say: Say) -> str:
    metric = say.words.metric(name) or name
    return f"{metric} {say.words.measured(name, value)} ({say.words.ago(at_ms)})"


def _grid() -> Table:
    """A short column that is never broken, and a long one that is wrapped between words."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
