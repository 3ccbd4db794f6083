"""The city's platform (城市运行管理服务平台), which is told of every step of every case."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from config.strict import Duration, Rates, Strict

_SHORTEST = 16


def _http_url(text: str) -> str:
    """An address, or nothing. What is wrong is told without it: it may hold a key."""
    if not text:
        return text
    try:
        parts = urlsplit(text)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    if not fine or parts.fragment or any(sign.isspace() for sign in text):
        raise ValueError("write an address as https://platform.city.example/longcheng")
    return text


Secret = Annotated[str, StringConstraints(min_length=_SHORTEST)]


class Platform(Strict):
    """Where events go. Without `url` nothing is written for the platform, and nothing is sent."""

    url: Annotated[str, AfterValidator(_http_url)] = Field(
        default="", repr=False, description="every event is POSTed there; empty: there is no platform"
    )
    secrets: tuple[Secret, ...] = Field(
        default=(),
        max_length=2,
        repr=False,
        description='sign each event, from the environment: ["${PLATFORM_SECRET}"]; two while one takes over',
    )
    format: Literal["longcheng", "gbt47678"] = Field(
        default="longcheng", description="longcheng: all, in the words of Open311; gbt47678: flat, with its fields"
    )
    timeout: Duration = Field(default=10.0, gt=0, description="for each event")
    rate: Rates = Field(default="20:1", description="messages:seconds; empty: as fast as it goes")
    parallel: int = Field(default=4, ge=1, le=32, description="so many cases at once; those of one case never")
    tries: int = Field(default=10, ge=1, description="so often is tried what the platform refuses (4xx)")
    longest_wait: Duration = Field(default=300.0, ge=1, description="between two tries")
    late_after: Duration = Field(default=900.0, gt=0, description="an event that waits so long is a system alarm")
    keep: Duration = Field(default=90 * 86400.0, description="how long what came through is kept to look at")
    ca_file: Path | None = Field(default=None, description="whom to trust; empty: whom the system trusts")

    @model_validator(mode="after")
    def _signed(self) -> "Platform":
        if self.url and not self.secrets:
            raise ValueError("url is set, but secrets is not: an event that nobody signed could be anybody's")
        return self
