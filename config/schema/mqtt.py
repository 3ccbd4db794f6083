"""The broker that messages come from and go to."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from config.strict import Duration, Strict


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
