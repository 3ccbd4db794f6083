"""Rules and replays as the API shows them."""

from datetime import datetime

from msgspec import Struct, field

from console.api.shapes import AlarmOut, Out
from domain.finding import CasePolicy, Severity


class LevelOut(Out, frozen=True, kw_only=True):
    """What it takes for one severity; without `raise` the kind has no limits."""

    severity: Severity
    raise_: str | None = field(name="raise")
    clear: str | None
    hold_s: float
    samples: int
    latch: bool


class RuleTestsOut(Struct, frozen=True, kw_only=True):
    """The tests of one rule: `written` as the files are now; of those that were last run `run` and `failed`, null if
    none ever was; `changed`: the rule or its tests are others than those that were run."""

    written: int
    run: int | None
    failed: int | None
    changed: bool


class RuleOut(Out, frozen=True, kw_only=True):
    """One rule in force and how often it fired. `days` counts by the day on which alarms were raised; of `judged` that
    people judged in the last 90 days `wrong` were none; `others`: subjects that have limits of their own."""

    id: str
    title_zh: str
    title_en: str
    kind: str
    of: str
    part: str
    metric: str | None
    unit: str
    severity: Severity
    levels: list[LevelOut]
    source: str | None
    confidence: str | None
    owner: str | None
    matter: str | None
    policy: CasePolicy
    file: str
    line: int
    version: str
    subjects: int
    others: int
    open: dict[str, int]
    flapping: int
    last_24h: int
    last_7d: int
    last_30d: int
    days: dict[str, int]
    judged: int
    wrong: int
    faults: int
    tests: RuleTestsOut


class RuleListOut(Out, frozen=True, kw_only=True):
    """All rules in force since `since`, not paged: they are those of the site's files. `problem`: why the files as they
    are now are not."""

    since: datetime
    problem: str
    items: list[RuleOut]


class OftenOut(Out, frozen=True, kw_only=True):
    """How often a rule fired over one subject in the last 30 days."""

    subject: str
    device_id: str
    n: int
    last_at: datetime


class RuleStoryOut(Out, frozen=True, kw_only=True):
    """One rule, as its file says it, and what it led to. `written` is null where it may not be read, or is no more."""

    rule: RuleOut
    written: str | None
    often: list[OftenOut]
    alarms: list[AlarmOut]


class ReplayOut(Out, frozen=True, kw_only=True):
    """A replay that was kept. Without `against`, nothing was compared: `raised` is all there is to count."""

    id: str
    made_at: datetime
    from_: datetime = field(name="from")
    to: datetime
    rules: list[str]
    only: list[str]
    files: list[str]
    against: list[str]
    raised: int
    new: int
    gone: int
    moved: int
    regraded: int
    same: int
    readings: int
    took_s: float
    who: str


class ReplayRunOut(Out, frozen=True, kw_only=True):
    """The replay that was started last. `share` is 0–1; `ended`: done, failed, stopped or too_long; empty: it runs."""

    rule_id: str
    days: int
    who: str
    started_at: datetime
    share: float
    ended: str
    problem: str


class ReplaysOut(Out, frozen=True, kw_only=True):
    """All replays that are kept, newest first, not paged: at most the last 50. And the one that runs or ran last."""

    items: list[ReplayOut]
    running: ReplayRunOut | None


class ReplayedAlarmOut(Out, frozen=True, kw_only=True):
    """One alarm of a replay; `was_…`: what the older version made of it."""

    rule_id: str
    subject: str
    severity: Severity
    raised_at: datetime
    resolved_at: datetime | None
    value: float | None
    limit: float | None
    was_raised_at: datetime | None
    was_severity: Severity | None


class ReplayDayOut(Out, frozen=True, kw_only=True):
    """Alarms of one rule on one day, by the older version and by the newer."""

    day: str
    rule_id: str
    old: int
    new: int


class ReplayStoryOut(Out, frozen=True, kw_only=True):
    """All that is kept of one replay; of each list the first 300."""

    replay: ReplayOut
    days: list[ReplayDayOut]
    alarms: list[ReplayedAlarmOut]
    new: list[ReplayedAlarmOut]
    gone: list[ReplayedAlarmOut]
    changed: list[ReplayedAlarmOut]
    notes: list[str]


class FailedTestOut(Struct, frozen=True, kw_only=True):
    """A test that failed, and the first thing that was not as it says: `line` of `file` expects `expected`, in the
    short form of timetables (`nothing`: no alarm), `when` on its own clock. `more`: so many others were not either."""

    name: str
    rules: list[str]
    file: str
    line: int
    when: str
    expected: str
    got: str
    more: int


class TestsRunOut(Struct, frozen=True, kw_only=True):
    """All tests of the site's rules, run once; of the failures the first 100."""

    made_at: datetime
    took_s: float
    tests: int
    failed: int
    who: str
    failures: list[FailedTestOut]


class TestsRunningOut(Out, frozen=True, kw_only=True):
    """The run of the tests that was started last. `ended`: done, failed, stopped or too_long; empty: they run."""

    who: str
    started_at: datetime
    ended: str
    problem: str


class AllTestsOut(Out, frozen=True, kw_only=True):
    """What is known of the tests of the rules. `last` is null where none were ever run; `problem`: why a file of tests
    cannot be read as it is now."""

    written: dict[str, int]
    last: TestsRunOut | None
    running: TestsRunningOut | None
    problem: str
