"""How `longcheng rules explain` shows what it found, in either language."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from console.explained import AboutAlarm, AboutSubject, Judged
from console.explaining import GAP, Say, facts_of, title_of
from domain.reading import Value


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
    title = title_of(about, say)
    heading = say("alarm", id=about.alarm.id, title=title, subject=about.key[1]) if about.alarm else ""
    out.print(Text(heading or say("no_alarm", title=title, subject=about.key[1]), style="bold"))
    facts = _grid()
    for name, value in facts_of(about, say).items():
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
        first = GAP.join(filter(None, (state, say.words.measured(metric, step.value))))
        told = [say("told", text=text) for text in say.told(step)]
        table.add_row(say.when(step.at_ms), Text("\n".join(filter(None, (first, say.between(step, metric), *told)))))
    out.print(table)


def _print_rule(judged: Judged, say: Say, subject: str, out: Console) -> None:
    """A heading; by severity what holds, how far it is from that, what gives way; and where the numbers come from."""
    name = judged.rule_id if judged.subject == subject else f"{judged.rule_id} {judged.subject}"
    state = say.state(judged.state, judged.since_ms)
    heading = GAP.join((say.words.pick(judged.title.zh, judged.title.en), name, state))
    out.print(Text(heading, style="bold red" if judged.state else "bold"))
    table = _grid()
    if not judged.limits:
        table.add_row(say.words.term("severity", judged.severity.value), say.without_limits(judged))
    missing = {one.severity: say.missing(one, judged) for one in judged.gathering}
    for severity in dict.fromkeys(one.severity for one in judged.limits):
        alike = sorted((one for one in judged.limits if one.severity is severity), key=lambda one: not one.wins)
        lines = [Text(say.limit(one, judged), style="" if one.wins else "dim") for one in alike]
        if told := missing.get(severity):
            lines.insert(1, Text(told))
        table.add_row(say.words.term("severity", severity.value), Text("\n").join(lines))
    out.print(Padding(table, (0, 0, 0, 2)))
    for line, holds in say.sources(judged):
        out.print(Padding(Text(line, style="" if holds else "dim"), (0, 0, 0, 2)))


def _value(name: str, at_ms: int, value: Value, say: Say) -> str:
    metric = say.words.metric(name) or name
    return f"{metric} {say.words.measured(name, value)} ({say.words.ago(at_ms)})"


def _grid() -> Table:
    """A short column that is never broken, and a long one that is wrapped between words."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
