"""One rule as its file says it, and where in the file it stands."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from config.load import Site
from config.mistakes import Gathered, near
from config.place import Place
from config.schema import Duration, Strict, Words
from config.source import Loc
from domain.errors import ConfigError
from domain.finding import CasePolicy, Severity
from rules.flapping import Flapping
from rules.overflow import AtMost
from rules.schedule import Schedule

if TYPE_CHECKING:
    from rules.watch import Watch

CAMERA = "camera"
FEED = "feed"
"""Stands for a kind of device where a rule speaks about whole feeds."""
_ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def _id(text: str) -> str:
    if not re.match(_ID_PATTERN, text):
        raise ValueError("write small letters, digits and single hyphens: tree-tilt")
    return text


_ID = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": _ID_PATTERN})]


class ForEach(Strict):
    """Whom a rule speaks about: everything of one kind."""

    kind: str = Field(description="a kind of device as profiles.yaml has it; camera; or feed, for kind: silent")


class EachCamera(ForEach):
    """Every camera."""

    kind: Literal["camera"]


class CaseOf(Strict):
    """What becomes of the rule's alarms. `ladder` lets the shop correct it first."""

    matter: str | None = Field(
        default=None, description="the kind of case, by its code in the catalogue; with policy: none it may be left out"
    )
    policy: CasePolicy
    from_: Severity = Field(
        default=Severity.NOTICE, alias="from", description="milder levels of the rule are shown, nothing more"
    )

    @model_validator(mode="after")
    def _has_its_matter(self) -> "CaseOf":
        if self.matter is None and self.policy is not CasePolicy.NONE:
            raise ValueError(
                f"policy: {self.policy.value} needs a matter: the kind of case, by its code in the catalogue"
            )
        return self

    def policy_of(self, severity: Severity) -> CasePolicy:
        """What becomes of an alarm while it is as bad as this."""
        return self.policy if severity.rank >= self.from_.rank else CasePolicy.NONE


class Kind(Strict):
    """What every rule says, whatever its kind. A kind adds its own keys, checks them and makes the watches."""

    can_flap: ClassVar[bool] = True
    """Whether its alarms may be called flapping: those end by data that keep coming."""

    id: _ID = Field(description="its name, and half of an alarm's; never changed, or its alarms are others")
    title: Words
    kind: str
    for_each: ForEach
    severity: Severity
    case: CaseOf | None = None
    text: Words | None = Field(default=None, description="what is wrong, in a sentence; {value}, {limit}, … are filled")
    first: Words | None = Field(default=None, description="what to do first")
    inhibited_by: tuple[str, ...] = Field(default=(), description="while one of these stands on the same device")
    cooldown: Duration = Field(default=0.0, description="so long after its end it is not raised again")
    flapping: Flapping | Literal["never"] | None = Field(
        default=None, description="what counts as coming and going all the time; empty: 6 changes in an hour"
    )
    at_most: AtMost | None = Field(
        default=None, description="so many alarms are raised at once, others wait; empty: 50 in a minute"
    )
    owner: str | None = Field(default=None, description="who answers for the rule")
    source: str | None = Field(default=None, description="where the numbers come from")
    confidence: Literal["high", "medium", "low"] | None = None

    def check(self, rule: "Rule", site: Site) -> None:
        """Raise ConfigErrors, with file and line, for everything that this site makes impossible."""
        found = Gathered()
        with found:
            self._check_kind(rule, site)
        with found:
            self._check_gate(rule)
        with found:
            self._check_case(rule, site)
        found.tell()

    def _check_kind(self, rule: "Rule", site: Site) -> None:
        kinds, kind = self.kinds(site), self.for_each.kind
        if kind not in kinds:
            problem = f"for_each.kind is {kind!r}; there is {', '.join(sorted(kinds))}{near(kind, kinds)}"
            raise rule.wrong(problem, "for_each", "kind")

    def _check_case(self, rule: "Rule", site: Site) -> None:
        if self.case is None:
            return
        if self.case.matter is not None and self.case.matter not in site.matters:
            close = get_close_matches(self.case.matter, site.matters, n=3)
            meant = (
                f"did you mean {' or '.join(f'{code} {site.matters[code].zh}' for code in close)}? " if close else ""
            )
            problem = f"case.matter is {self.case.matter!r}, which is no code of the catalogue"
            raise rule.wrong(f"{problem}; {meant}`longcheng matters` lists them all", "case", "matter")
        if self.case.from_.rank > self.severity.rank:
            problem = f"case.from is {self.case.from_.value!r}; the rule is never worse than {self.severity.value!r}"
            raise rule.wrong(problem, "case", "from")
        if self.case.policy is CasePolicy.LADDER and self.kind != "presence":
            raise rule.wrong(
                "case.policy is 'ladder'; only what a camera sees (kind: presence) has one", "case", "policy"
            )

    def check_among(self, rule: "Rule", others: Mapping[str, "Kind"], site: Site) -> None:
        """Raise ConfigError, with file and line, for anything that the other rules, by their ids, make impossible."""
        del rule, others, site

    def _check_gate(self, rule: "Rule") -> None:
        """What must reach people at once can be kept from them by no key."""
        grave = self.is_grave
        for key in ("cooldown", "at_most"):
            if grave and getattr(self, key):
                raise rule.wrong(f"{key} is given, but what is critical or latched is told at once, always", key)
        if self.flapping is None or self.flapping == "never":
            return
        if not self.can_flap:
            raise rule.wrong(f"flapping is given, but the alarms of kind {self.kind!r} are never called so", "flapping")
        if getattr(self, "latch", False):
            raise rule.wrong("flapping is given, but a latched alarm does not end by itself", "flapping")

    @property
    def is_grave(self) -> bool:
        """Whether every alarm of it is critical, or ends only by a person's word."""
        severities = getattr(self, "severities", (self.severity,))
        return getattr(self, "latch", False) or all(severity is Severity.CRITICAL for severity in severities)

    def hours(self, site: Site) -> Schedule | None:
        """When its alarms may be raised; None: always, or the kind sees to its schedule by itself."""
        said = getattr(self, "schedule", None)
        return None if said is None else Schedule(said, site.timezone, site.workdays)

    def kinds(self, site: Site) -> set[str]:
        """What such a rule can speak about."""
        return {profile.kind for profile in site.profiles.values()} | {CAMERA}

    def watches(self, rule: "Rule", site: Site) -> Sequence["Watch[Any]"]:
        """One watch for each subject of the site."""
        raise NotImplementedError

    def subjects(self, site: Site) -> int:
        """How many watches it makes of the site, told without making them: of a city they are tens of thousands."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule. `lines` tells where its keys stand, `index` which item of the file it is."""

    spec: Kind
    path: Path
    index: int
    lines: Mapping[Loc, int]
    version: str

    @property
    def id(self) -> str:
        """The rule's name, stable over its life; half of an alarm's identity."""
        return self.spec.id

    @property
    def place(self) -> Place:
        """Where it stands, for what is told of its parts."""
        return Place(self.path, self.lines, ("rules", self.index), f"rule {self.id!r}")

    def line(self, *keys: int | str) -> int:
        """The line of a key of this rule, or of the nearest thing around it."""
        loc: Loc = ("rules", self.index, *keys)
        while loc not in self.lines:
            loc = loc[:-1]
        return self.lines[loc]

    def wrong(self, problem: str, *keys: int | str) -> ConfigError:
        """An error about a key of this rule."""
        return ConfigError(f"rule {self.id!r}: {problem}", path=self.path, line=self.line(*keys))

    def origin(self, *keys: int | str) -> str:
        """Where a number came from, in no language: `trees.yaml:12 tree-tilt`, `… cs-1` for an override."""
        override = f" {keys[1]}" if keys[0] == "overrides" else ""
        return f"{self.path.name}:{self.line(*keys)} {self.id}{override}"


def version_of(spec: Kind) -> str:
    """A short hash of what a rule says; how it is laid out or commented changes nothing."""
    said = json.dumps(spec.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:12]
