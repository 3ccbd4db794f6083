"""The map of the console: what it is drawn on."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from config.strict import Strict

_SPOTS = ("{x}", "{y}", "{z}")


def _tile_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
        raise ValueError(f"{text!r} is no address of tiles; write https://host/{{z}}/{{x}}/{{y}}.png")
    missing = [spot for spot in _SPOTS if spot not in text]
    if missing:
        raise ValueError(f"{text!r} has no {', '.join(missing)}; each tile is asked for by {{z}}, {{x}} and {{y}}")
    if any(spot in parts.netloc for spot in _SPOTS):
        raise ValueError(f"{text!r} has {{x}}, {{y}} or {{z}} in its host; only {{s}} may stand there")
    if any(sign in text for sign in "\"'; ,<>\\") or not text.isascii():
        raise ValueError(f"{text!r} holds what an address can't; write it percent-encoded")
    return text


TileAddress = Annotated[str, AfterValidator(_tile_address)]


class Tiles(Strict):
    """A provider's pictures, in squares. Browsers ask it themselves: it learns which part of the city they look at."""

    url: TileAddress = Field(
        description="https://{s}.host/{z}/{x}/{y}.png; {s} is one of `subdomains`. A key in it is seen by every reader"
    )
    labels_url: TileAddress | None = Field(default=None, description="names, where the provider draws them apart")
    attribution: str = Field(min_length=1, max_length=200, description="whose map it is, as its licence wants it said")
    max_zoom: int = Field(default=18, ge=1, le=22)
    subdomains: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+$")], ...] = ()
    datum: Literal["wgs84", "gcj02"] = Field(
        default="wgs84", description="wgs84: also CGCS2000, which 天地图 uses; gcj02: AMap, Tencent. Baidu's is neither"
    )
    referrer: bool = Field(default=False, description="whether the provider is told who asks, for keys tied to a host")

    @model_validator(mode="after")
    def _subdomains_where_they_are_used(self) -> "Tiles":
        used = any("{s}" in url for url in (self.url, self.labels_url or ""))
        if used and not self.subdomains:
            raise ValueError("the address has {s} and there are no subdomains; write subdomains: [t0, t1]")
        return self

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every origin that tiles come from, each once."""
        found: dict[str, None] = {}
        for url in (self.url, *([self.labels_url] if self.labels_url else [])):
            for sub in self.subdomains if "{s}" in url else ("",):
                parts = urlsplit(url.replace("{s}", sub))
                found[f"{parts.scheme}://{parts.netloc}"] = None
        return tuple(found)


class Map(Strict):
    """The map. Without tiles it is drawn by the console itself, and needs no other host."""

    ground: tuple[Path, ...] = Field(
        default=(), description="GeoJSON files beside site.yaml: boundaries, roads, water; docs/map.md. WGS-84"
    )
    tiles: Tiles | None = None
