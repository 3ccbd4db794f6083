"""One model per file. Unknown keys are refused; durations are written `90s`, `30m`, `8h`, `7d`."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration_s(value: object) -> float:
    """`"30m"` → 1800.0. A bare number is refused: its unit would be a guess."""
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a duration with its unit: 90s, 30m, 8h or 7d")
    return float(match[1]) * _SECONDS[match[2]]


def _bytes(value: object) -> int:
    match = re.match(r"^\s*(\d+)\s*(KiB|MiB|GiB)\s*$", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a size with its unit: 64MiB or 2GiB")
    return int(match[1]) << {"KiB": 10, "MiB": 20, "GiB": 30}[match[2]]


Duration = Annotated[float, BeforeValidator(duration_s)]
"""Seconds."""
Size = Annotated[int, BeforeValidator(_bytes)]
"""Bytes."""
Share = Annotated[float, Field(ge=0, le=1)]


def _clock_time(text: str) -> str:
    if not re.match(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$", text):
        raise ValueError("write hours as 21:00-08:00")
    return text


Hours = Annotated[str, AfterValidator(_clock_time)]
"""From–to in the site's time zone; may cross midnight."""


class Strict(BaseModel):
    """A part of a file: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """The same words in both languages."""

    zh: str
    en: str


class Mqtt(Strict):
    """The broker."""

    url: str = Field(
        pattern=r"^mqtts?://[^/@]+$", description="mqtt://host:port, or mqtts:// for TLS; no password here"
    )
    protocol: Literal["auto", "5", "3.1.1"] = Field(
        default="auto", description="auto: 5, and 3.1.1 with a broker that knows no better"
    )
    root: str = Field(default="longcheng/v1", pattern=r"^[^/+#]+(/[^/+#]+)*$")
    client_id: str = Field(
        default="", description="fixed, so that the broker keeps the session; empty: longcheng-<site>"
    )
    username: str = ""
    password: str = Field(default="", repr=False)
    ca_file: Path | None = None
    session_expiry: Duration = 7 * 86400.0
    receive_maximum: int = Field(default=1000, ge=1, le=65535)


class Journal(Strict):
    """The durable log between the broker and everyone else."""

    max_size: Size = 2 << 30
    group: int = Field(default=500, ge=1, description="messages made durable by one fsync, at most")
    group_wait: Duration = 0.02
    high_water: Share = 0.8


class Series(Strict):
    """Where readings go. With `influx_url` InfluxDB 2.x, without it the embedded store."""

    influx_url: str = ""
    influx_token: str = Field(default="", repr=False)
    influx_org: str = ""
    influx_bucket: str = ""
    batch: int = Field(default=5000, ge=1, le=5000)
    batch_wait: Duration = 1.0

    @model_validator(mode="after")
    def _all_or_none(self) -> "Series":
        given = {
            "influx_token": self.influx_token,
            "influx_org": self.influx_org,
            "influx_bucket": self.influx_bucket,
        }
        missing = [name for name, value in given.items() if not value]
        if self.influx_url and missing:
            raise ValueError(f"influx_url is set, but {', '.join(missing)} is not")
        return self


class Vision(Strict):
    """How cameras are looked at."""

    interval: Duration = 60.0
    confirm_interval: Duration = Field(default=20.0, description="while something unconfirmed stands in a zone")
    visit_timeout: Duration = 10.0
    visits_at_once: int = Field(default=32, ge=1)
    visits_per_host: int = Field(default=1, ge=1)
    max_picture: Size = 8 << 20
    model: Path | None = Field(default=None, description="an Ultralytics-layout ONNX; empty: the shipped detector")
    min_score: Share = 0.35
    inference_streams: int = Field(default=2, ge=1, description="2: less processor time a look than 1, on two cores")


class Ladder(Strict):
    """The way from a finding to a corrected shopfront, or to a case."""

    quiet_hours: Hours | None = "21:00-08:00"
    strikes: int = Field(default=3, ge=1, description="the n-th confirmed episode in `strike_window` is a case at once")
    strike_window: Duration = 7 * 86400.0
    recheck_patience: Duration = Field(
        default=600.0, description="how long to wait for a healthy look before asking again"
    )


class Notices(Strict):
    """Where notices go: to the webhook, or, without one, into `data_dir`/notices.jsonl."""

    webhook_url: str = ""
    webhook_secret: str = Field(default="", repr=False)
    duty_desk: str = "duty-desk"
    max_attempts: int = Field(
        default=1000, ge=1, description="a bound only: what is not critical is given up after a day, some 600 tries"
    )


class Console(Strict):
    """The page and the API."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535, description="0: any free port, printed at start")
    names: tuple[str, ...] = Field(default=(), description="host names it is reached by, beside loopback and `host`")


class Demo(Strict):
    """Only for a simulated city: ladders and minimum stays run `compress` times as fast; deadlines don't."""

    compress: float = Field(default=1.0, ge=1)


class Settings(Strict):
    """`site.yaml`."""

    site: str = Field(pattern=r"^[a-z0-9-]+$")
    name: Words
    division: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the city, part of every case number")
    language: Literal["zh-CN", "en"] = "zh-CN"
    timezone: str = "Asia/Shanghai"
    data_dir: Path
    mqtt: Mqtt
    journal: Journal = Journal()
    series: Series = Series()
    vision: Vision = Vision()
    ladder: Ladder = Ladder()
    notices: Notices = Notices()
    console: Console = Console()
    rules: tuple[Path, ...] = Field(default=(), description="rule files, relative to site.yaml")
    demo: Demo | None = None

    @property
    def compress(self) -> float:
        """How many times faster than life the ladders run: 1 everywhere but in a demo."""
        return self.demo.compress if self.demo else 1.0


class Metric(Strict):
    """A row of the metric registry. `min`/`max` are what is physically plausible, not limits."""

    type: Literal["float", "int", "bool"]
    unit: str
    min: float | None = None
    max: float | None = None
    zh: str
    en: str


class Metrics(Strict):
    """`metrics.yaml`."""

    metrics: dict[str, Metric]


class Profile(Strict):
    """What a model of device sends, and how often."""

    kind: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    decoder: str
    interval: Duration
    metrics: tuple[str, ...] = ()
    max_ahead: Duration = Field(default=300.0, description="a device time further ahead is not believed")
    max_behind: Duration = Field(default=30 * 86400.0, description="nor one further back")
    zh: str
    en: str


class Profiles(Strict):
    """`profiles.yaml`."""

    profiles: dict[str, Profile]


class Matter(Strict):
    """A kind of case in the national catalogue, and how it is handled here."""

    zh: str
    en: str
    legacy: dict[str, str] = {}
    handle_within: Duration
    recheck_after: Duration = 1800.0
    unit: Literal["team", "duty_desk"] = Field(
        default="team", description="who handles it: the sub-district's team, or at once the duty desk (fire, lives)"
    )
    advice: Words
    source: str


class Matters(Strict):
    """`matters.yaml`."""

    catalogue: str
    matters: dict[Annotated[str, Field(pattern=r"^\d{5}$")], Matter]
