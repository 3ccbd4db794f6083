"""The words for why: which limit holds, who set it, what was measured and what is still missing. One language."""

from collections.abc import Iterator, Sequence
from typing import Final

from config.limits import Side
from config.load import Site
from console.compared import figure_of, figure_said_of, limit_of, said_whole, went_offline
from console.explained import AboutAlarm, Gathering, GivenLimit, Judged, RuleNow, Step
from console.words import Words
from domain.case import Alarm
from domain.finding import AlarmState

GAP: Final = " · "
_NO_SPACE: Final = frozenset({"", "%", "°"})


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
        return self.words.term("alarm_state", state.value) + since

    def when(self, at_ms: int) -> str:
        """A moment to the second; its year only where it is not this one."""
        at = self.words.local(at_ms)
        this_year = at.year == self.words.local(self.words.now_ms).year
        return at.strftime("%m-%d %H:%M:%S" if this_year else "%Y-%m-%d %H:%M:%S")

    def sure(self, confidence: str | None) -> str:
        """How sure a number is."""
        return self(f"confidence.{confidence}") if confidence else self("no_source")

    def source(self, source: str | None) -> str:
        """Where a number comes from; a site's own words stand as they are."""
        return self("no_source") if source is None else self.words.retold(source) or source

    def hold(self, one: GivenLimit) -> str:
        """How long, and how often, a limit must be broken."""
        parts = [self.words.exactly(one.hold_s)] if one.hold_s else []
        parts += [self("samples", n=one.samples)] if one.samples > 1 else []
        return ", ".join(parts) or self("at_once")

    def why(self, one: GivenLimit, all_: Sequence[GivenLimit]) -> str:
        """Why one does not hold: what comes first in the chain wins, if it counts at this time."""
        alike = [other for other in all_ if other.severity is one.severity]
        winner = next(other for other in alike if other.wins)
        if alike.index(one) < alike.index(winner):
            return self("not_now")
        if one.step == winner.step:
            return self("closer")
        return self("loses", winner=self(f"step.{winner.step}"))

    def told_why(self, one: GivenLimit) -> str:
        """Why one holds, or does not, as rules word it."""
        return self.words.retold(one.why) or one.why

    def limit(self, one: GivenLimit, judged: Judged) -> str:
        """One limit: what raises it, until when, for how long, and who set it; or why it gives way."""
        parts = [raised(one.raise_, judged.unit, self.words)]
        if one.clear is not None:
            parts.append(cleared(one.clear, judged.unit, self.words))
        parts.append(self.hold(one))
        step = self(f"step.{one.step}")
        where, _, by = one.where.partition(" ")
        if by not in {
            judged.rule_id,
            judged.subject,
        }:  # its name stands in the heading already
            where = one.where
        if not one.wins:
            why = self.why(one, judged.limits)
            return self("loser", step=step, limit=GAP.join(parts), why=why, where=where)
        if one.severity in judged.latched:
            parts.append(self("latch"))
        return GAP.join((*parts, self("limit_by", step=step, where=where)))

    def without_limits(self, judged: Judged) -> str:
        """Of a kind without limits: whether only a person ends it, and where it stands."""
        latch = self("latch") if judged.latched else ""
        where = self("limit_by", step=self("step.default"), where=judged.where)
        return GAP.join(filter(None, (latch, where)))

    def sources(self, judged: Judged) -> Iterator[tuple[str, bool]]:
        """Each but once, those of limits that hold first; and whether it holds."""
        ordered = sorted(judged.limits, key=lambda one: not one.wins)
        by = dict.fromkeys((one.source, one.confidence, one.step) for one in ordered)
        for source, confidence, step in by or ((judged.source, judged.confidence, None),):
            holds = step is None or any(one.wins and one.step == step for one in judged.limits)
            facts = {"source": self.source(source), "sure": self.sure(confidence)}
            if step is not None and len(by) > 1:
                yield self("source_by", step=self(f"step.{step}"), **facts), holds
            else:
                yield self("source", **facts), holds

    def missing(self, one: Gathering, judged: Judged) -> str:
        """What was measured, and what is still missing for an alarm of this severity; empty if nothing is known."""
        if one.figure is None:
            return ""
        if self.words.is_switch(judged.metric):
            return self("measured", value=self.words.measured(judged.metric, one.figure))
        figure = self("measured", value=with_unit(one.figure, self.words.unit(judged.unit)))
        winner = next((each for each in judged.limits if each.wins and each.severity is one.severity), None)
        if winner is None or one.short is None:
            return figure
        if one.short > 0:
            return GAP.join((figure, self("short", by=with_unit(one.short, self.words.unit(judged.unit)))))
        parts = [figure]
        if winner.hold_s and one.held_s is not None and one.held_s < winner.hold_s:
            lasting = {"held": self.words.exactly(one.held_s), "left": self.words.exactly(winner.hold_s - one.held_s)}
            parts.append(self("holding", **lasting))
        if one.count < winner.samples:
            parts.append(self("counting", n=one.count, of=winner.samples))
        return GAP.join(parts) if len(parts) > 1 else GAP.join((figure, self("beyond")))

    def told(self, step: Step) -> Iterator[str]:
        """What the findings say; where the rules have no words for it, their change and figures."""
        for one in step.findings:
            change = self(f"change.{one.change}")
            severity = self.words.term("severity", one.severity.value)
            parts = (change, severity, said_whole(one, self.words), one.limit_source)
            yield self.words.pick(one.text_zh, one.text_en) or GAP.join(filter(None, parts))

    def between(self, step: Step, metric: str | None) -> str:
        """How many values there were since the step before, and between what they lay."""
        if not step.values or step.least is None or step.most is None:
            return ""
        least, most = (self.words.measured(metric, value) for value in (step.least, step.most))
        return self("between", n=step.values, least=least, most=most)


def title_of(about: AboutAlarm, tell: Say) -> str:
    """What an alarm is called."""
    if about.alarm is not None:
        return tell.words.pick(about.alarm.title_zh, about.alarm.title_en)
    title = about.rule.title if about.rule else None
    return tell.words.pick(title.zh, title.en) if title else about.key[0]


def facts_of(about: AboutAlarm, tell: Say) -> dict[str, str]:
    """What is known of an alarm, by the names of the catalogue."""
    rule = about.rule
    facts = {"rule": about.key[0] + (f", {about.judged.where}" if about.judged else "")}
    if about.alarm is not None:
        facts |= _of_alarm(about.alarm, rule, tell)
    if rule is not None:
        facts |= {"source": tell.source(rule.source), "confidence": tell.sure(rule.confidence)}
        facts |= {"first": tell.words.pick(rule.first.zh, rule.first.en)} if rule.first else {}
    return facts


def _of_alarm(alarm: Alarm, rule: RuleNow | None, tell: Say) -> dict[str, str]:
    words = tell.words
    facts = {"severity": words.term("severity", alarm.severity.value), "state": tell.state(alarm.state)}
    facts |= {"since": tell.when(alarm.since_ms), "raised": tell.when(alarm.raised_ms)}
    facts |= {"resolved": tell.when(alarm.resolved_ms)} if alarm.resolved_ms else {}
    said = figure_said_of if alarm.metric is None else figure_of
    if value := said(alarm, alarm.value, words):
        facts["value"] = value
    if limit := limit_of(alarm, words):
        facts["limit"] = limit
    facts |= {"limit_from": alarm.limit_source} if alarm.limit_source and not went_offline(alarm) else {}
    facts["version"] = _versions(alarm, rule, tell)
    facts |= {"acked": tell("acked_by", who=alarm.acked_by, why=alarm.acked_why or "")} if alarm.acked_by else {}
    if alarm.silenced_by and alarm.silenced_until_ms:
        until = words.clock(alarm.silenced_until_ms)
        facts["silenced"] = tell("silenced_by", who=alarm.silenced_by, until=until, why=alarm.silenced_why or "")
    return facts


def _versions(alarm: Alarm, rule: RuleNow | None, tell: Say) -> str:
    if rule is None:
        return tell("version_gone", then=alarm.rule_version)
    if rule.version == alarm.rule_version:
        return tell("version_same", version=rule.version)
    return tell("version_other", then=alarm.rule_version, now=rule.version)


def raised(limit: Side, unit: str, words: Words) -> str:
    """From where on it alarms, as people say it: `≥ 55 °C`; of a switch, that it does as soon as it is seen."""
    if limit.key == "equals":
        return words.say(f"alarms.switch.{_number(limit)}")
    return _side("≥" if limit.key == "above" else "≤", limit, words.unit(unit))


def cleared(limit: Side, unit: str, words: Words) -> str:
    """Until when it alarms: a limit clears when it is passed, `until < 50 °C`; a switch when it is as it was."""
    if limit.key == "equals":
        return words.say(f"alarms.switch_until.{_number(limit)}")
    return words.say("rules.until", clear=_side(">" if limit.key == "above" else "<", limit, words.unit(unit)))


def happened(event: Side, unit: str, words: Words) -> str:
    """What is counted: `≥ 3 A`; of a switch, that it was seen."""
    if event.key == "equals":
        return words.say(f"alarms.switch_event.{_number(event)}")
    return raised(event, unit, words)


def _side(sign: str, limit: Side, unit: str) -> str:
    return f"{sign} {_number(limit)}{_gap(unit)}{unit}"


def _number(limit: Side) -> str:
    return limit.text.partition(" ")[2]


def with_unit(number: float, unit: str) -> str:
    """A figure in the unit of its limits."""
    return f"{number:.4g}{_gap(unit)}{unit}"


def _gap(unit: str) -> str:
    return "" if unit.partition("/")[0] in _NO_SPACE else " "
