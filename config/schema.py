"""One model per file. Unknown keys are refused; durations are written `90s`, `30m`, `8h`, `7d`."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from config.case_store import Cases
from config.console import Console
from config.deadlines import Deadlines, Limits
from config.exports import Exports
from config.figures import Figures
from config.ladder import Ladder
from config.limits import Override
from config.map import Map
from config.notices import Notices
from config.platform import Platform
from config.shop_page import ShopPage
from config.strict import Duration, Hours, Rates, Strict, Words, duration_s
from config.things import THINGS
from domain.finding import Severity

__all__ = ["Duration", "Hours", "Rates", "Strict", "Words", "duration_s"]  # beside all that stands here


def _bytes(value: object) -> int:
    match = re.match(r"^\s*(\d+)\s*(KiB|MiB|GiB)\s*$", value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a size with its unit: 64MiB or 2GiB")
    return int(match[1]) << {"KiB": 10, "MiB": 20, "GiB": 30}[match[2]]


Size = Annotated[int, BeforeValidator(_bytes)]
"""Bytes."""
Share = Annotated[float, Field(ge=0, le=1)]


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
    ca_file: Path | None = Field(default=None, description="whom to trust; empty: whom the system trusts")
    cert_file: Path | None = Field(default=None, description="our own certificate, where the broker asks for one")
    key_file: Path | None = Field(default=None, description="its key; empty: it stands in cert_file")
    session_expiry: Duration = 7 * 86400.0
    receive_maximum: int = Field(default=1000, ge=1, le=65535)


Scalar = str | int | float | bool


class States(Strict):
    """How a foreign payload says that a device is there, or gone."""

    path: str = Field(default="", description="where the word stands; empty: the payload itself is the word")
    online: tuple[Scalar, ...] = ("online",)
    offline: tuple[Scalar, ...] = ("offline",)


class Envelope(Strict):
    """Where things stand in a vendor's own JSON. A path is `a.b.0.c`; inside `each`, it starts at the element."""

    address: str = Field(default="", description="path of the device's address, where no topic has {address}")
    each: str = Field(default="", description="path of a list whose elements are readings; empty: the payload is one")
    values: str = Field(default="", description="path of the object that holds the values; empty: the element itself")
    time: str = Field(default="", description="path of the time; empty or missing: the time of receipt")
    time_unit: Literal["rfc3339", "s", "ms", "us", "local"] = Field(
        default="ms", description="local: 2026-11-22 12:00:00 in the site's time zone"
    )
    port: str = Field(default="", description="path of the port, counted from 1")
    state: States | None = Field(default=None, description="the topics say who is there, not what is measured")


class Feed(Strict):
    """Messages that are not in our own format: of a LoRaWAN server, of Sparkplug nodes, of a vendor's devices."""

    format: Literal["chirpstack", "tts", "sparkplug", "mapping"]
    topics: tuple[str, ...] = Field(
        default=(), description="MQTT filters; in a mapping's, {address} stands for the device. Empty: the format's own"
    )
    envelope: Envelope | None = Field(default=None, description="for `mapping` only")

    @model_validator(mode="after")
    def _complete(self) -> "Feed":
        if self.format == "mapping" and self.envelope is None:
            raise ValueError(
                "a mapping needs an envelope, which says where things stand: write envelope: {…}; may be {}"
            )
        if self.format != "mapping" and self.envelope is not None:
            raise ValueError(f"only a mapping has an envelope; leave it out of a feed of format {self.format}")
        if self.format == "mapping" and not self.topics:
            raise ValueError("a mapping has no topics of its own; name some")
        return self


NATIVE = "longcheng"
"""What the feed of our own topics is called, beside those of `ingest.feeds`."""


class Ingest(Strict):
    """How messages come in."""

    collectors: int = Field(default=1, ge=1, le=16, description="processes that share the broker's messages")
    share_group: str = Field(
        default="", pattern=r"^[^/+#]*$", description="their name at the broker, no other site's; empty: mqtt.client_id"
    )
    feeds: dict[str, Feed] = Field(default={})
    device_rate: Rates = Field(default="", description="for each device; a profile can say otherwise")
    total_rate: Rates = Field(default="", description="for all together; safety metrics pass in any case")


class Journal(Strict):
    """The durable log between the broker and everyone else."""

    max_size: Size = 2 << 30
    max_age: Duration = Field(default=86400.0, description="how long what every reader has passed is kept to look at")
    group: int = Field(default=500, ge=1, description="messages made durable by one fsync, at most")
    group_wait: Duration = 0.02
    high_water: Share = 0.8


class Series(Strict):
    """Where readings go: InfluxDB with `influx_url`, VictoriaMetrics with `victoria_url`, else the embedded store."""

    store: Literal["auto", "embedded", "influx2", "influx3", "victoria"] = Field(
        default="auto", description="auto: by the url that is set; an InfluxDB is asked for its version"
    )
    influx_url: str = ""
    influx_token: str = Field(default="", repr=False)
    influx_org: str = ""
    influx_bucket: str = Field(default="", description="of InfluxDB 3: its database")
    victoria_url: str = Field(
        default="",
        repr=False,
        description="http://host:8428, with name:password@ before the host if need be; of a cluster, vminsert's :8480",
    )
    victoria_read_url: str = Field(default="", repr=False, description="of a cluster, vmselect's http://host:8481")
    victoria_tenant: str = Field(
        default="", pattern=r"^(\d+(:\d+)?)?$", description="accountID or accountID:projectID of a cluster"
    )
    keep_raw: Duration = Field(default=90 * 86400.0, description="how long every point is kept")
    keep_hourly: Duration = Field(default=3650 * 86400.0, description="how long hourly figures are kept")
    batch: int = Field(default=5000, ge=1, le=5000)
    batch_wait: Duration = 1.0

    @model_validator(mode="after")
    def _all_or_none(self) -> "Series":
        wanted = {"influx_token": self.influx_token, "influx_org": self.influx_org, "influx_bucket": self.influx_bucket}
        if self.store == "influx3":  # it has no organisations, and may run without tokens
            wanted = {"influx_bucket": self.influx_bucket}
        missing = [name for name, value in wanted.items() if not value]
        if self.influx_url and missing and self.store in {"auto", "influx2", "influx3"}:
            raise ValueError(f"influx_url is set, but {', '.join(missing)} is not")
        return self

    @model_validator(mode="after")
    def _one_store(self) -> "Series":
        urls = {"influx2": "influx_url", "influx3": "influx_url", "victoria": "victoria_url"}
        if self.store in urls and not getattr(self, urls[self.store]):
            raise ValueError(f"store is {self.store}, but {urls[self.store]} is not set")
        if self.store == "auto" and self.influx_url and self.victoria_url:
            raise ValueError("influx_url and victoria_url are both set; say with store which of them it is")
        if bool(self.victoria_tenant) != bool(self.victoria_read_url):
            raise ValueError("victoria_tenant and victoria_read_url belong together: a cluster needs both")
        for name in ("influx_url", "victoria_url", "victoria_read_url"):
            if not re.match(r"^(https?://[^/\s]|$)", getattr(self, name)):
                raise ValueError(f"{name} must begin with http:// or https:// and name a host")
        if self.keep_hourly < self.keep_raw:
            raise ValueError("keep_hourly is shorter than keep_raw; hourly figures outlive the points they are made of")
        return self


_SEEN = (*(word for word in THINGS if word != "left_object"), "person")


def _seen(word: str) -> str:
    if word not in _SEEN:
        raise ValueError(f"{word!r} is no word of ours for what a model sees; there is {', '.join(_SEEN)}")
    return word


_Seen = Annotated[str, AfterValidator(_seen)]
"""What a class of a model can stand for: people too, who are never spoken of, but hidden."""


def _people_stay_people(classes: dict[str, str]) -> dict[str, str]:
    if classes.get("person", "person") != "person":
        raise ValueError(f"person is {classes['person']!r}; it must stay person: people are hidden, never spoken of")
    return classes


class Vision(Strict):
    """How cameras are looked at."""

    interval: Duration = 60.0
    duty: Hours | None = Field(default=None, description="outside them a camera is visited only for a re-check")
    road_duty: dict[str, Hours | Literal["always"]] = Field(
        default={}, description="by road, instead of `duty`; a camera's own in cameras.csv goes before both"
    )
    confirm_interval: Duration = Field(default=20.0, description="while something unconfirmed stands in a zone")
    visit_timeout: Duration = 10.0
    visits_at_once: int = Field(default=32, ge=1)
    visits_per_host: int = Field(default=1, ge=1)
    max_picture: Size = 8 << 20
    placeholders: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")], ...] = Field(
        default=(), description="SHA-256 of pictures that recorders give where they have none"
    )
    model: Path | None = Field(
        default=None,
        description="a shipped model's name, or the path of one's own: ONNX, OpenVINO, or Ultralytics' .pt",
    )
    engine: Literal["auto", "openvino", "ultralytics"] = Field(
        default="auto", description="auto: by the model's suffix; .pt and .engine are for ultralytics"
    )
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda:\d+)$", description="of ultralytics: cpu, or cuda:0")
    classes: Annotated[dict[str, _Seen], AfterValidator(_people_stay_people)] = Field(
        default={}, description="names of the model's own and our words for them, e.g. 出店经营: goods"
    )
    min_score: Share = 0.35
    inference_streams: int = Field(default=2, ge=1, description="2: less processor time a look than 1, on two cores")


class Keep(Strict):
    """How long pictures are kept once nothing open refers to them any more, by what became of them."""

    no_finding: Duration = Field(default=7 * 86400.0, description="nothing was ever raised; from when it was taken")
    self_corrected: Duration = Field(default=30 * 86400.0, description="over without a case; from its end")
    case_closed: Duration = Field(default=180 * 86400.0, description="from the closing of the case")


class KeepClass(Strict):
    """The same for pictures that show a class of things; what is not said is as for all."""

    no_finding: Duration | None = None
    self_corrected: Duration | None = None
    case_closed: Duration | None = None


class Backup(Strict):
    """Backups that `longcheng backup` takes."""

    expected_every: Duration | None = Field(
        default=None, description="an older newest one, or none, is told on the page Health; empty: nothing is expected"
    )


class Evidence(Strict):
    """Pictures of findings. What an open alarm, ladder or case refers to, and what is held, is always kept."""

    faces: bool = Field(default=True, description="search faces too, and not people only, to hide them in the copies")

    view_every: Duration = Field(
        default=1800.0,
        ge=10,
        description="how old the last picture of a camera becomes that people see in the console",
    )
    keep: Keep = Keep()
    keep_class: dict[str, KeepClass] = Field(default={}, description="by class; of several in a picture the longest")
    max_size: Size = Field(default=50 << 30, description="beyond it, pictures without a finding go, the oldest first")


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
    ingest: Ingest = Ingest()
    journal: Journal = Journal()
    series: Series = Series()
    cases: Cases = Cases()
    vision: Vision = Vision()
    evidence: Evidence = Evidence()
    backup: Backup = Backup()
    ladder: Ladder = Ladder()
    deadlines: Deadlines = Deadlines()
    notices: Notices = Notices()
    figures: Figures = Figures()
    exports: Exports = Exports()
    platform: Platform = Platform()
    shop_page: ShopPage = ShopPage()
    console: Console = Console()
    map: Map = Map()
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
    safety: bool = Field(default=False, description="lives depend on it: no rate limit ever holds it back")
    zh: str
    en: str

    @model_validator(mode="after")
    def _from_least_to_most(self) -> "Metric":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min is {self.min:g}, which is more than max, {self.max:g}")
        return self


class Metrics(Strict):
    """`metrics.yaml`."""

    metrics: dict[str, Metric]


class SourceField(Strict):
    """What a value in a device's payload means: metric = value × scale + offset, or what `values` says."""

    metric: str
    scale: float = 1.0
    offset: float = 0.0
    values: dict[str, Scalar] = Field(default={}, description="words of the payload and what they mean")
    port: int | None = Field(
        default=None, ge=1, description="the port it belongs to, for devices that send all at once"
    )

    @model_validator(mode="after")
    def _one_way(self) -> "SourceField":
        if self.values and (self.scale, self.offset) != (1.0, 0.0):
            raise ValueError("a field has values, or a scale and an offset, not both")
        return self


def _source_kind(value: object) -> str | None:
    if isinstance(value, str):
        return "name"
    return "field" if isinstance(value, dict | SourceField) else None


_AnySource = Annotated[
    Annotated[str, Tag("name")] | Annotated[SourceField, Tag("field")],
    Discriminator(
        _source_kind,
        custom_error_type="source",
        custom_error_message="write the name of a metric, or {metric: …, scale: …}",
    ),
]
"""A metric by its name, or a whole SourceField. What is wrong with one is not told of the other."""


class Check(Strict):
    """What makes a plausible value of a metric suspect. A suspect value is marked, never dropped."""

    max_step: float | None = Field(default=None, gt=0, description="a larger step between two readings is a spike")
    stuck_after: Duration | None = Field(default=None, description="exactly the same value for so long is stuck")


class Profile(Strict):
    """What a model of device sends, and how often."""

    kind: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    interval: Duration
    metrics: tuple[str, ...] = ()
    fields: dict[str, _AnySource] = Field(
        default={}, description="names in the payload and the metrics they are; a name not listed is its metric's own"
    )
    ignore: tuple[str, ...] = Field(
        default=(),
        description="names in the payload that are left out on purpose; debug.* is all that begin with debug., "
        "* all that are neither in `fields` nor metrics",
    )
    checks: dict[str, Check] = Field(default={}, description="by metric")
    limits: dict[str, Override] = Field(
        default={}, description="by rule: limits of this model, which go before the rule's and after a plan's"
    )
    rate: Rates | None = Field(default=None, description="for each device of this profile; empty: no limit")
    wrong_time: Literal["received", "local", "reject"] = Field(
        default="received",
        description="a time that is not believed: take the time of receipt; first try it as local time sent as UTC; "
        "or set the reading aside",
    )
    retained: Literal["store", "reject"] = Field(
        default="store", description="telemetry the broker kept and tells again; never judged as news"
    )
    max_ahead: Duration = Field(default=300.0, description="a device time further ahead is not believed")
    max_behind: Duration = Field(default=30 * 86400.0, description="nor one further back")
    zh: str
    en: str

    @model_validator(mode="after")
    def _ignores_what_it_does_not_name(self) -> "Profile":
        for name in self.ignore:
            if not name or "*" in name[:-1]:
                raise ValueError(f"ignore has {name!r}; write a name, or the beginning of names with * behind it")
            if name in self.fields:
                raise ValueError(f"{name!r} stands in fields and in ignore")
        return self


class Profiles(Strict):
    """`profiles.yaml`."""

    profiles: dict[str, Profile]


def _legacy_code(text: str) -> str:
    if not re.match(r"^(BJ)?\d{2}-\d{2}$", text):
        raise ValueError("write a code of an older catalogue as 04-05, or BJ04-01 for a thing (部件)")
    return text


_Catalogue = Annotated[str, Field(pattern=r"^[a-z]+[0-9.]+-\d{4}$")]
"""`gb30428.2-2013`: standard, number, year."""
_LegacyCode = Annotated[str, AfterValidator(_legacy_code)]


class Emergency(Strict):
    """What is the duty desk's at once, by day and night, and waits for nobody's office hours."""

    from_: Severity = Field(
        default=Severity.CRITICAL,
        alias="from",
        description="alarms of this severity, and worse ones; one that only a person may end always",
    )
    handle_within: Limits = Field(description="in 分钟, 紧急工作时 or 自然日; for all places or by tier")

    @model_validator(mode="after")
    def _knows_no_office_hours(self) -> "Emergency":
        if any(not limit.unit.is_continuous for limit in self.handle_within.values()):
            raise ValueError(
                "an emergency runs by night and on holidays too: handle_within must be in 紧急工作时 "
                "(emergency hours), 分钟 (minutes) or 自然日 (natural days), not in working time"
            )
        return self


class Matter(Strict):
    """A kind of case in the national catalogue, and how it is handled here."""

    zh: str
    en: str
    legacy: dict[_Catalogue, _LegacyCode] = Field(
        default={}, description="its codes in older catalogues: 04-05; of a thing (部件), not a matter, BJ04-01"
    )
    handle_within: Limits = Field(
        description="4 工作时, or 4 working hours; or by tier of the place: {A: 2 紧急工作时, B: 4 工作时, C: 1 工作日}"
    )
    recheck_after: Duration = 1800.0
    unit: Literal["team", "duty_desk"] = Field(
        default="team", description="who handles it: the sub-district's team, or at once the duty desk (fire, lives)"
    )
    emergency: Emergency | None = Field(
        default=None, description="what of it is so grave that it goes past the team, at once to the duty desk"
    )
    advice: Words
    source: str

    @model_validator(mode="after")
    def _the_desk_has_no_office_hours(self) -> "Matter":
        waits = [limit for limit in self.handle_within.values() if not limit.unit.is_continuous]
        if self.unit == "duty_desk" and waits:
            raise ValueError(
                "unit is duty_desk, which works by night and on holidays too: handle_within must be in 紧急工作时 "
                "(emergency hours), 分钟 (minutes) or 自然日 (natural days), not in working time"
            )
        return self

    @model_validator(mode="after")
    def _an_emergency_is_no_slower(self) -> "Matter":
        quick = self.emergency.handle_within if self.emergency else {}
        for tier, limit in quick.items():
            if limit.nominal_h > self.handle_within[tier].nominal_h:
                raise ValueError(f"emergency.handle_within gives more time than handle_within, in tier {tier}")
        return self


class Matters(Strict):
    """`matters.yaml`."""

    catalogue: str
    matters: dict[Annotated[str, Field(pattern=r"^\d{5}$")], Matter]

    @model_validator(mode="after")
    def _each_legacy_code_once(self) -> "Matters":
        taken: dict[tuple[str, str], str] = {}
        for code, matter in self.matters.items():
            for legacy in matter.legacy.items():
                if (other := taken.setdefault(legacy, code)) != code:
                    raise ValueError(f"{other} and {code} both have {legacy[1]} in {legacy[0]}; one of them is another")
        return self
