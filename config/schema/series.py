"""Where readings go, and for how long."""

import re
from typing import Literal

from pydantic import Field, model_validator

from config.strict import Duration, Strict


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
