"""How long an InfluxDB 2 keeps what, and the task in it that makes hourly figures."""

from typing import TypeVar
from urllib.parse import quote

from msgspec import Struct

from config.schema import Series
from domain.errors import StoreRefused
from storage.series import flaws, flux, grid, influx_answers
from storage.series.http import Answer, Http, failure

T = TypeVar("T")

_DAY_MS = 24 * grid.HOUR_MS
_REACH_MS = 26 * grid.HOUR_MS
"""How far back the task looks, and so how late a point may come and still count in its hour's figures."""


class _Rule(Struct, frozen=True, rename="camel"):
    every_seconds: int = 0


class _Bucket(Struct, frozen=True, rename="camel"):
    id: str
    name: str
    orgID: str  # noqa: N815 - its name on the wire
    retention_rules: list[_Rule] = []

    @property
    def keep_s(self) -> int:
        """Seconds; 0 is for ever."""
        return self.retention_rules[0].every_seconds if self.retention_rules else 0


class _Buckets(Struct, frozen=True):
    buckets: list[_Bucket] = []


class _Task(Struct, frozen=True):
    id: str
    flux: str = ""


class _Tasks(Struct, frozen=True):
    tasks: list[_Task] = []


def hourly_bucket(settings: Series) -> str:
    """Where the hourly figures of the bucket of these settings are."""
    return f"{settings.influx_bucket}_hourly"


def maintain(http: Http, settings: Series, now_ms: int) -> str:
    """Make what is missing: the hourly bucket, the task that fills it, both retentions. What was done, in a line.

    Raises StoreUnavailable. Raw points are let go only where their hourly figures are made; a token that may not
    do all this changes nothing, and the line says what it would have to be allowed.
    """
    upkeep = _Upkeep(http, settings)
    try:
        done = upkeep.all(now_ms)
    except StoreRefused as error:
        return f"retention and hourly figures are as they were; the token must be allowed to set them: {error}"
    if not done:
        raw_days, hourly_days = settings.keep_raw / 86400, settings.keep_hourly / 86400
        return f"the server keeps points for {raw_days:g} days and hourly figures for {hourly_days:g} days"
    return "; ".join(done)


class _Upkeep:
    def __init__(self, http: Http, settings: Series) -> None:
        self._http = http
        self._settings = settings
        self._hourly = hourly_bucket(settings)
        self._name = f"longcheng hourly figures of {settings.influx_bucket}"

    def all(self, now_ms: int) -> list[str]:
        """Do what is missing, and say it. Figures come before anything is let go."""
        raw = self._bucket(self._settings.influx_bucket)
        if raw is None:
            raise StoreRefused(f"there is no bucket {self._settings.influx_bucket!r}, or none that the token may see")
        done = self._hourly_kept(raw)
        done += self._rolled_up(now_ms)
        done += self._kept(raw, round(self._settings.keep_raw))
        return done

    def _hourly_kept(self, raw: _Bucket) -> list[str]:
        keep_s = round(self._settings.keep_hourly)
        found = self._bucket(self._hourly)
        if found is not None:
            return self._kept(found, keep_s)
        rules = [{"type": "expire", "everySeconds": keep_s}]
        document = {"orgID": raw.orgID, "name": self._hourly, "retentionRules": rules}
        self._done(self._http.post_json("/api/v2/buckets", document))
        return [f"made the bucket {self._hourly!r}"]

    def _kept(self, bucket: _Bucket, keep_s: int) -> list[str]:
        if bucket.keep_s == keep_s:
            return []
        document = {"retentionRules": [{"type": "expire", "everySeconds": keep_s}]}
        self._done(self._http.patch_json(f"/api/v2/buckets/{bucket.id}", document))
        before = f"{bucket.keep_s} s" if bucket.keep_s else "for ever"
        return [f"{bucket.name!r} now keeps {keep_s} s, before: {before}"]

    def _rolled_up(self, now_ms: int) -> list[str]:
        """The task; before it is made for the first time, the figures of everything that it will not reach back to."""
        settings = self._settings
        script = self._script(f"start: -{_REACH_MS // grid.HOUR_MS}h")
        wanted = {"flux": flux.task(self._name, script), "status": "active"}
        found = self._asked(_Tasks, f"/api/v2/tasks?name={quote(self._name)}&org={quote(settings.influx_org)}").tasks
        if not found:
            days = self._catch_up(now_ms)
            self._done(self._http.post_json("/api/v2/tasks", {**wanted, "org": settings.influx_org}))
            return [f"made the task {self._name!r}, and the hourly figures of {days} days before it"]
        if found[0].flux.strip() != wanted["flux"].strip():
            self._done(self._http.patch_json(f"/api/v2/tasks/{found[0].id}", wanted))
            return [f"changed the task {self._name!r}"]
        return []

    def _catch_up(self, now_ms: int) -> int:
        oldest = self._oldest_day()
        if oldest is None:
            return 0
        days = range(oldest, now_ms, _DAY_MS)
        for day in days:
            script = self._script(flux.between(day, day + _DAY_MS))
            self._done(self._query(script))
        return len(days)

    def _oldest_day(self) -> int | None:
        everything = flux.source(self._settings.influx_bucket, flaws.FIRST_MS, flaws.END_MS)
        answer = self._done(self._query(f"{everything} |> {flux.OLDEST_DAY}"))
        return flux.oldest_of(answer.body.decode())

    def _script(self, reach: str) -> str:
        return flux.roll_up(self._settings.influx_bucket, self._hourly, self._settings.influx_org, reach)

    def _query(self, script: str) -> Answer:
        path = f"/api/v2/query?org={quote(self._settings.influx_org)}"
        return self._http.post_json(path, {"query": script, "dialect": {"annotations": []}})

    def _bucket(self, name: str) -> _Bucket | None:
        path = f"/api/v2/buckets?name={quote(name)}&org={quote(self._settings.influx_org)}"
        answer = self._http.get(path)
        if answer.status == 404:  # asked by name, some versions say so
            return None
        found = self._done(answer).as_json(_Buckets)
        return next((bucket for bucket in (found.buckets if found else []) if bucket.name == name), None)

    def _asked(self, kind: type[T], path: str) -> T:
        answer = self._done(self._http.get(path))
        found = answer.as_json(kind)
        if found is None:
            raise failure(self._http.url, answer, "not the JSON that InfluxDB 2 answers")
        return found

    def _done(self, answer: Answer) -> Answer:
        if not 200 <= answer.status < 300:
            raise failure(self._http.url, answer, influx_answers.said(answer))
        return answer
