"""Time limits as files give them: of a matter, and of the steps of a case."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from config.strict import Duration, Strict
from config.texts import Texts
from domain.time_limit import Tier, TimeLimit, TimeUnit

_LIMIT = re.compile(r"(\d{1,4}(?:\.\d{1,3})?) *(?:个 *)?(\D+)")
_UNITS: Final = {
    "分钟": TimeUnit.MINUTES,
    "紧急工作时": TimeUnit.EMERGENCY_HOURS,
    "紧急工作小时": TimeUnit.EMERGENCY_HOURS,
    "工作时": TimeUnit.WORKING_HOURS,
    "工作小时": TimeUnit.WORKING_HOURS,
    "工作日": TimeUnit.WORKING_DAYS,
    "自然日": TimeUnit.NATURAL_DAYS,
    "minute": TimeUnit.MINUTES,
    "emergency hour": TimeUnit.EMERGENCY_HOURS,
    "working hour": TimeUnit.WORKING_HOURS,
    "working day": TimeUnit.WORKING_DAYS,
    "natural day": TimeUnit.NATURAL_DAYS,
}
_DURATIONS: Final = {"m": "minute", "h": "emergency hour", "d": "natural day"}
ALLOWED: Final = (
    "write 2 紧急工作时, 4 工作时, 1 工作日, 5 自然日 or 30 分钟, in English 2 emergency hours, 4 working hours, "
    "1 working day, 5 natural days or 30 minutes; 30m, 8h and 2d run through nights and holidays too"
)


def time_limit(value: object) -> TimeLimit:
    """`"2 紧急工作时"` or `"2 emergency hours"` → 2 emergency hours. ValueError, with what is allowed, for all else.

    A plain duration runs continuously: `30m` are minutes, `8h` emergency hours, `2d` natural days.
    """
    if isinstance(value, TimeLimit):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if (match := _LIMIT.fullmatch(text)) is None:
        raise ValueError(ALLOWED)
    n, word = float(match[1]), " ".join(match[2].lower().split())
    word = _DURATIONS.get(word, word)
    unit = _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
    if unit is None:
        raise ValueError(ALLOWED)
    if n == 0:
        raise ValueError(f"no time at all is no limit; {ALLOWED}")
    return TimeLimit(n, unit)


def told(limit: TimeLimit, texts: Texts, language: str) -> str:
    """A limit as people say it: `2 紧急工作时`, `1 working day`."""
    many = "one" if limit.n == 1 else "many"
    return texts.say(language, f"deadlines.{limit.unit}.{many}", {"n": f"{limit.n:g}"})


def _for_each_tier(value: object) -> object:
    return value if isinstance(value, Mapping) else dict.fromkeys(Tier, value)


def _every_tier(limits: dict[Tier, TimeLimit]) -> dict[Tier, TimeLimit]:
    if missing := [tier.value for tier in Tier if tier not in limits]:
        raise ValueError(f"it has no limit for {', '.join(missing)}; give one for each of A, B, C, or one for all")
    return limits


_LIMIT_SCHEMA = {"type": "string", "examples": ["2 紧急工作时", "4 working hours", "1 工作日", "5 自然日", "30m"]}
_Limit = Annotated[TimeLimit, BeforeValidator(time_limit), WithJsonSchema(_LIMIT_SCHEMA)]
Limits = Annotated[dict[Tier, _Limit], BeforeValidator(_for_each_tier), AfterValidator(_every_tier)]
"""By tier of the place: `4 工作时` for all, or `{A: 2 紧急工作时, B: 4 工作时, C: 1 工作日}`."""

_SPAN = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")


def _spans(hours: tuple[str, ...]) -> tuple[str, ...]:
    ended = ""
    for span in hours:
        if not _SPAN.fullmatch(span):
            raise ValueError(f"{span!r} is no part of a day; write e.g. 08:00-12:00")
        begin, end = span.split("-")
        if begin >= end:
            raise ValueError(f"{span!r} ends before it begins; office hours lie within one day")
        if begin < ended:
            raise ValueError(f"{span!r} begins before the one before it ends, at {ended}; write them in order")
        ended = end
    return hours


class Deadlines(Strict):
    """How time limits are counted, and how long the steps within the bureau may take. A demo doesn't compress them."""

    office_hours: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_spans)] = Field(
        default=("08:00-12:00", "14:00-18:00"), description="of a workday; all of them together are one 工作日"
    )
    default_tier: Tier = Field(default=Tier.B, description="of places that tiers.csv does not name")
    accept: Duration = Field(default=900.0, description="from collected to filed; runs continuously, as all three")
    dispatch: Duration = Field(default=900.0, description="from filed to dispatched")
    verify: Duration = Field(default=1800.0, description="from reported as handled to verified")
    longest_leave: Duration = Field(
        default=90 * 86400.0, description="so long a case may be put off at most, at a time"
    )

    @property
    def spans(self) -> tuple[tuple[time, time], ...]:
        """The office hours of a workday, in order."""
        return tuple(
            (time.fromisoformat(begin), time.fromisoformat(end))
            for begin, end in (span.split("-") for span in self.office_hours)
        )
