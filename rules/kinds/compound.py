"""`kind: compound`: other rules' alarms and this subject's own values, taken together."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from config.load import Site
from config.mistakes import near, together
from config.schema import Duration, Metric
from domain.errors import ConfigError
from rules.conclusions import CompoundWatch, Premises
from rules.conditions import AGE, Condition, condition_of, rules_read
from rules.expression import ExpressionError, words_of
from rules.limited import DEFAULT_GAP_INTERVALS, EachPart
from rules.rule import CAMERA, Kind, Rule
from rules.schedule import AnySchedule

Pattern = Annotated[str, Field(pattern=r"^[a-z0-9*]+(-[a-z0-9*]+)*$")]
"""A rule's id, or several: `charger-h*`."""
_GROUPS: Final = ("all", "any", "none")
_Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]


class Compound(Kind):
    """Raised when what it says of other rules and of its own values has held for `for`; ended when it does not.

    What is not known is neither true nor false: it raises nothing, ends nothing, and breaks a hold.
    """

    kind: Literal["compound"]
    for_each: EachPart
    all_: tuple[Pattern, ...] = Field(default=(), alias="all", description="rules that all must stand")
    any_: tuple[Pattern, ...] = Field(default=(), alias="any", description="rules of which one must stand")
    none_: tuple[Pattern, ...] = Field(default=(), alias="none", description="rules of which none may stand")
    when: str | None = Field(default=None, description="a condition in CEL: power_w > 10 && !relay_on")
    let: dict[_Name, float | bool] = Field(default={}, description="numbers that the condition names")
    of: Literal["subject", "device"] = Field(
        default="subject",
        description="subject: the rules as they stand on the same port, else on its device; device: on any part of it",
    )
    stale: Literal["unknown", "stands"] = Field(
        default="unknown", description="an alarm of whose device nothing more was heard: not known, or as it last was"
    )
    hold: Duration = Field(default=0.0, alias="for", description="how long it must hold, in the devices' own time")
    max_age: Duration | None = Field(default=None, description="an older value is not known; empty: 3 intervals")
    latch: bool = Field(default=False, description="ends only by a person's word")
    schedule: AnySchedule | None = Field(default=None, description="outside it nothing is raised")

    @model_validator(mode="after")
    def _says_something(self) -> "Compound":
        if not (self.all_ or self.any_ or self.none_ or self.when):
            raise ValueError("say what must hold: all, any or none of other rules, or when")
        if self.let and self.when is None:
            raise ValueError("let is given, but there is no when that could name it")
        return self

    def groups(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """`all`, `any` and `none`, and the patterns of each."""
        return zip(_GROUPS, (self.all_, self.any_, self.none_), strict=True)

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind; and what it says by itself: its constants and the age of its values."""
        super().check(rule, site)
        metrics = self.metrics(site)
        for name in self.let:
            if name in metrics or name == AGE:
                raise rule.wrong(f"let names {name!r}, which is a metric; call it otherwise", "let", name)
        if self.when is not None and self.for_each.kind == CAMERA:
            raise rule.wrong("when is given; cameras have no metrics, name rules instead", "when")
        if self.max_age is None:
            return
        if self.when is None:
            raise rule.wrong("max_age is given, but there is no when that reads a value", "max_age")
        interval_s = max(profile.interval for profile in site.profiles.values() if profile.kind == self.for_each.kind)
        if self.max_age < interval_s:
            problem = f"max_age is {self.max_age:g} s, less than the {interval_s:g} s between two values"
            raise rule.wrong(f"{problem}: most of the time nothing would be known", "max_age")

    def check_among(self, rule: Rule, others: Mapping[str, Kind], site: Site) -> None:
        """Also that there are such rules, that they speak of the same things, and that none concludes from itself."""
        problems = [*self._wrong_groups(rule, others), *self._wrong_condition(rule, others, site)]
        if not problems and (circle := _circle(self.id, others)):
            problems.append(rule.wrong(f"it concludes from itself: {' → '.join(circle)}"))
        if problems:
            raise together(problems)

    def _wrong_groups(self, rule: Rule, others: Mapping[str, Kind]) -> Iterator[ConfigError]:
        for group, patterns in self.groups():
            for place, pattern in enumerate(patterns):
                meant = self.meant(pattern, others)
                if not meant and (other := others.get(pattern)):
                    problem = f"{group} names {pattern!r}, which is about each {other.for_each.kind}"
                    yield rule.wrong(f"{problem}; this rule is about each {self.for_each.kind}", group, place)
                elif not meant:
                    problem = f"{group} names {pattern!r}; there is no such rule{near(pattern, others)}"
                    yield rule.wrong(problem, group, place)
                elif self._misses(others[meant[0]]) and "*" not in pattern:
                    problem = f"{group} names {pattern!r}, which is about ports, and this rule about whole devices"
                    yield rule.wrong(f"{problem}; add `of: device`", group, place)

    def _misses(self, other: Kind) -> bool:
        """Whether the other rule never stands where this one looks."""
        about = other.for_each
        return self.of == "subject" and self._part == "device" and isinstance(about, EachPart) and about.part == "port"

    @property
    def _part(self) -> str:
        return self.for_each.part

    def _wrong_condition(self, rule: Rule, others: Mapping[str, Kind], site: Site) -> Iterator[ConfigError]:
        if self.when is None:
            return
        try:
            condition = self.condition(site, [name for name, other in others.items() if self._speaks_alike(other)])
        except ExpressionError as wrong:
            yield _at_row(rule, wrong, of_many="\n" in self.when.rstrip())
            return
        for name in self.let:
            if name not in condition.constants:
                yield rule.wrong(f"let has {name!r}, which when does not name", "let", name)

    def _speaks_alike(self, other: Kind) -> bool:
        return other.for_each.kind == self.for_each.kind

    def meant(self, pattern: str, others: Mapping[str, Kind]) -> tuple[str, ...]:
        """The rules that a pattern means and that are about the same kind of thing."""
        return self.named(pattern, [name for name, other in others.items() if self._speaks_alike(other)])

    def named(self, pattern: str, rule_ids: Collection[str]) -> tuple[str, ...]:
        """The rules that a pattern means; by a star never this one itself."""
        if "*" not in pattern:
            return (pattern,) if pattern in rule_ids else ()
        return tuple(name for name in rule_ids if name != self.id and fnmatchcase(name, pattern))

    def parents(self, others: Mapping[str, Kind]) -> frozenset[str]:
        """Every rule that it concludes from."""
        named = {name for _group, patterns in self.groups() for each in patterns for name in self.meant(each, others)}
        return frozenset(named | rules_read(self.when or "", others))

    def metrics(self, site: Site) -> dict[str, Metric]:
        """What the condition can read: all that things of this kind send."""
        kind = self.for_each.kind
        sent = {name for profile in site.profiles.values() if profile.kind == kind for name in profile.metrics}
        return {name: site.metrics[name] for name in sorted(sent)}

    def condition(self, site: Site, rule_ids: Collection[str]) -> Condition:
        """The `when`, checked. Raises ExpressionError."""
        return condition_of(self.when or "true", metrics=self.metrics(site), constants=self.let, rule_ids=rule_ids)

    def watches(self, rule: Rule, site: Site) -> Sequence[CompoundWatch]:
        """One for each device and each port, or each camera."""
        premises = self._premises(site)
        said = "when" if self.when is not None else next(group for group, patterns in self.groups() if patterns)
        origin = rule.origin(said)
        return [
            CompoundWatch(
                rule,
                premises,
                name,
                port=port,
                parts=parts,
                max_age_ms=round((self.max_age or DEFAULT_GAP_INTERVALS * interval_s) * 1000),
                origin=origin,
            )
            for name, parts, interval_s, ports in self._subjects(site)
            for port in ports
        ]

    def subjects(self, site: Site) -> int:
        """Devices, their ports, or cameras."""
        return sum(len(ports) for _name, _parts, _interval_s, ports in self._subjects(site))

    def _premises(self, site: Site) -> Premises:
        metrics = self.metrics(site)

        @cache
        def condition(rule_ids: frozenset[str]) -> Condition:
            return self.condition(site, rule_ids)

        def among(rule_ids: Collection[str]) -> Condition | None:
            return None if self.when is None else condition(rules_read(self.when, rule_ids))

        return Premises(
            patterns={group: patterns for group, patterns in self.groups() if patterns},
            meant=self.named,
            condition=among,
            metrics=tuple(sorted(metrics.keys() & words_of(self.when or ""))),
            anywhere=self.of == "device",
            stale_stands=self.stale == "stands",
            hold_ms=round(self.hold * 1000),
            latch=self.latch,
        )

    def _subjects(self, site: Site) -> Iterator[tuple[str, tuple[str, ...], float, tuple[int | None, ...]]]:
        """Each device or camera: its name, the names of it and its parts, its interval, the ports that are meant."""
        if self.for_each.kind == CAMERA:
            for camera in site.cameras.values():
                zones = (f"{camera.camera_id}/{zone.zone}" for zone in camera.zones)
                yield camera.camera_id, (camera.camera_id, *zones), camera.interval_s, (None,)
            return
        for device in site.devices.values():
            if device.kind == self.for_each.kind:
                numbers = tuple(range(1, device.ports + 1))
                names = (device.device_id, *(f"{device.device_id}/{port}" for port in numbers))
                whole: tuple[int | None, ...] = () if self.for_each.part == "port" else (None,)
                ports = () if self.for_each.part == "device" else numbers
                yield device.device_id, names, site.profiles[device.profile].interval, (*whole, *ports)


def _at_row(rule: Rule, wrong: ExpressionError, *, of_many: bool) -> ConfigError:
    """A condition of several rows begins on the line after its key; else it stands, or was folded, on that line."""
    line = rule.line("when") + (wrong.row if of_many else 0)
    where = f"column {wrong.column}" + (f" of its row {wrong.row}" if of_many else "")
    return ConfigError(f"rule {rule.id!r}: when, {where}: {wrong}", path=rule.path, line=line)


def _circle(rule_id: str, others: Mapping[str, Kind]) -> tuple[str, ...]:
    """The rules by which this one comes back to itself, it first and last; empty if it never does."""
    ways: list[tuple[str, ...]] = [(rule_id,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        spec = others.get(way[-1])
        for name in spec.parents(others) if isinstance(spec, Compound) else ():
            if name == rule_id:
                return (*way, name)
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
