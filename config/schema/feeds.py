"""Messages that are not in our own format, and where things stand in them."""

from typing import Literal

from pydantic import Field, model_validator

from config.strict import Strict

Scalar = str | int | float | bool
"""A value of a payload, as JSON has them."""


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
