"""Plans (一树一策): limits that somebody has set for named devices, and answers for. One file each, in `plans/`."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from config import source
from config.limits import Confidence, Override
from config.mistakes import near, together
from config.place import Place
from config.strict import Strict, Words
from domain.clock import epoch_ms
from domain.errors import ConfigError
from domain.register import Device

_ID = Annotated[str, Field(pattern=r"^\w([\w.-]*\w)?$")]


class Valid(Strict):
    """Days in the site's time zone, both of them included. What is not said has no end."""

    from_: date | None = Field(default=None, alias="from", description="the first day")
    until: date | None = Field(default=None, description="the last day")

    @model_validator(mode="after")
    def _in_order(self) -> "Valid":
        if self.from_ is not None and self.until is not None and self.from_ > self.until:
            raise ValueError(f"it begins on {self.from_}, after its end on {self.until}")
        return self


class PlanFile(Strict):
    """One file in `plans/`."""

    version: Literal[1]
    plan: _ID
    title: Words
    subjects: tuple[str, ...] = Field(min_length=1, description="device_id, or device_id/port")
    own: bool | None = Field(
        default=None,
        description="this one subject's own, which goes before other plans; empty: if the file is called after it",
    )
    valid: Valid = Valid()
    approved_by: str = Field(min_length=1, description="who answers for it")
    source: str = Field(min_length=1, description="where the numbers come from")
    confidence: Confidence
    limits: dict[str, Override] = Field(min_length=1, description="by rule")
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that was read, and where it stands. It counts from `from_ms` up to `until_ms`."""

    says: PlanFile
    place: Place
    own: bool
    from_ms: float
    until_ms: float

    @property
    def id(self) -> str:
        """Its name."""
        return self.says.plan


@dataclass(frozen=True, slots=True)
class Plans:
    """All plans of a site, in the order of their files."""

    all: tuple[Plan, ...] = ()
    _by_subject: Mapping[str, tuple[Plan, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, plans: Sequence[Plan]) -> "Plans":
        """These plans, by whom they speak about."""
        found: dict[str, tuple[Plan, ...]] = {}
        for plan in plans:
            for subject in plan.says.subjects:
                found[subject] = (*found.get(subject, ()), plan)
        return cls(tuple(plans), found)

    def about(self, subject: str, rule_id: str) -> Iterator[Plan]:
        """Those that give limits of a rule to exactly this device or port."""
        return (plan for plan in self._by_subject.get(subject, ()) if rule_id in plan.says.limits)


def read_plans(
    folder: Path,
    devices: Mapping[str, Device],
    timezone: ZoneInfo,
    environment: Mapping[str, str],
    *,
    wrong: list[ConfigError] | None = None,
) -> Plans:
    """The plans of a folder; no folder, no plans.

    Raises ConfigError, or ConfigErrors, with file and line, for everything that cannot be. Whether their rules are
    there, and their limits fit them, is judged when the rules are read. With `wrong` nothing is raised but all of it
    put there, and what is left of the plans is given, so that the rules can judge that too.
    """
    plans: list[Plan] = []
    names: dict[str, Plan] = {}
    problems: list[ConfigError] = []
    for path in sorted(folder.glob("*.y*ml")):
        try:
            plan = _read(path, timezone, environment)
        except ConfigError as mistake:
            problems += mistake.problems
            if (rest := _rest(path, environment)) is None:
                continue
            plan = rest
        else:
            if (other := names.setdefault(plan.id, plan)) is not plan:
                problem = f"there is a plan of this name already: {other.place.told('plan')}"
                problems.append(plan.place.wrong(problem, "plan"))
        problems += _of_subjects(plan, devices)
        plans.append(plan)
    problems += _of_claims(plans)
    if wrong is None and problems:
        raise together(problems)
    if wrong is not None:
        wrong += problems
    return Plans.of([_of_known(plan, devices) for plan in plans])


def _read(path: Path, timezone: ZoneInfo, environment: Mapping[str, str]) -> Plan:
    if path.suffix != ".yaml":
        raise ConfigError("a plan's file must end in .yaml", path=path)
    says, lines = source.load_lined(path, PlanFile, environment)
    place = Place(path, lines, (), f"plan {says.plan!r}")
    if says.own and len(says.subjects) > 1:
        raise place.wrong(f"own is true; it must be about one subject, not {len(says.subjects)}", "own")
    return Plan(
        says=says,
        place=place,
        own=_named_after(path, says.subjects) if says.own is None else says.own,
        from_ms=-math.inf if says.valid.from_ is None else _midnight_ms(says.valid.from_, timezone),
        until_ms=math.inf if says.valid.until is None else _midnight_ms(says.valid.until + timedelta(1), timezone),
    )


def _named_after(path: Path, subjects: Sequence[str]) -> bool:
    return len(subjects) == 1 and path.stem == subjects[0].replace("/", "-")


def _rest(path: Path, environment: Mapping[str, str]) -> Plan | None:
    """What can be judged of a plan that cannot be: its subjects and the limits that are right by themselves."""
    try:
        data, lines = source.read(path, environment)
    except ConfigError:
        return None
    name, subjects, given = data.get("plan"), data.get("subjects"), data.get("limits")
    limits: dict[str, Override] = {}
    for rule_id, said in given.items() if isinstance(given, dict) else ():
        with suppress(ValidationError):
            limits[str(rule_id)] = Override.model_validate(said)
    named = tuple(each for each in subjects if isinstance(each, str)) if isinstance(subjects, list) else ()
    if not isinstance(name, str) or len(named) != len(subjects if isinstance(subjects, list) else ()):
        return None  # with some of them left out, lines would be told wrong
    title = Words(zh=name, en=name)
    says = PlanFile.model_construct(
        version=1, plan=name, title=title, subjects=named, limits=limits, approved_by="", source="", confidence="low"
    )
    place = Place(path, lines, (), f"plan {name!r}")
    # Until when it would count may be what is wrong; that it stands in another's way is then not said.
    return Plan(says=says, place=place, own=_named_after(path, named), from_ms=math.inf, until_ms=-math.inf)


def _of_known(plan: Plan, devices: Mapping[str, Device]) -> Plan:
    """The plan, for those of its subjects alone that there are."""
    wrong = {index for index, _problem in _strangers(plan, devices)}
    if not wrong:
        return plan
    known = tuple(each for index, each in enumerate(plan.says.subjects) if index not in wrong)
    return replace(plan, says=plan.says.model_copy(update={"subjects": known}))


def _midnight_ms(day: date, timezone: ZoneInfo) -> int:
    return epoch_ms(datetime.combine(day, time(), timezone))


def _of_subjects(plan: Plan, devices: Mapping[str, Device]) -> Iterator[ConfigError]:
    for index, problem in _strangers(plan, devices):
        yield plan.place.wrong(f"subjects has {plan.says.subjects[index]!r}{problem}", "subjects", index)


def _strangers(plan: Plan, devices: Mapping[str, Device]) -> Iterator[tuple[int, str]]:
    """Which of its subjects cannot be, by their place among them, and why."""
    for index, subject in enumerate(plan.says.subjects):
        device_id, slash, port = subject.partition("/")
        device = devices.get(device_id)
        if device is None:
            yield index, f"; devices.csv has no such device{near(device_id, devices)}"
        elif slash and port not in {str(number) for number in range(1, device.ports + 1)}:
            yield index, f"; {device_id} has the ports 1 to {device.ports}"
        elif subject in plan.says.subjects[:index]:
            yield index, " twice"


def _of_claims(plans: Sequence[Plan]) -> Iterator[ConfigError]:
    """No two plans of one rank may say what holds for a subject at one time: nobody could tell which is meant."""
    claims: dict[tuple[bool, str, str], list[Plan]] = {}
    for plan in plans:
        for subject, rule_id in product(plan.says.subjects, plan.says.limits):
            claimed = claims.setdefault((plan.own, subject, rule_id), [])
            for other in claimed:
                if other is not plan and plan.from_ms < other.until_ms and other.from_ms < plan.until_ms:
                    where = f"{other.place.told('limits', rule_id)}, plan {other.id!r}"
                    problem = f"it gives {subject!r} limits of the rule {rule_id!r}, as another does: {where}"
                    yield plan.place.wrong(problem, "limits", rule_id)
            claimed.append(plan)
