"""The page that a shop reaches by the link in its notice: on which address, for how long, and how often."""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field, field_validator

from config.strict import Duration, Rates, Strict

SHORTEST_SECRET: Final = 16


def _several(value: object) -> object:
    return ((value,) if value else ()) if isinstance(value, str) else value


_Secrets = Annotated[tuple[str, ...], BeforeValidator(_several)]


class ShopPage(Strict):
    """Without `url` notices have no link, and there is no page."""

    url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#/]+(/[^\s?#]*[^\s?#/])?)?$",
        description="by which phones reach it, without a slash at the end: https://shops.example.gov.cn",
    )
    secret: _Secrets = Field(
        default=(),
        repr=False,
        description="signs links: ${NAME}, or a list of which the first signs and all are believed. Empty: a random "
        "one, made once in data_dir; where several machines share a case store, one of your own is needed",
    )
    expires_after: Duration = Field(default=7 * 86400.0, description="from when its notice may go out")
    client_header: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9-]*$",
        description="in which the reverse proxy says whose request it is, such as X-Real-IP; it must overwrite what "
        "came from outside, or add to its end. Empty: whoever connects",
    )
    link_reads: Rates = Field(default="60:60,600:3600", description="of one link, the page and its pictures")
    link_posts: Rates = Field(default="4:60,12:3600", description="of one link, what is sent from it")
    address_reads: Rates = Field(
        default="300:60", description="of one address; a mobile network may have a district behind one"
    )
    address_posts: Rates = Field(default="30:60,200:3600", description="of one address")
    address_wrong: Rates = Field(default="20:60,60:3600", description="of one address, links that are none")

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secrets: tuple[str, ...]) -> tuple[str, ...]:
        for number, secret in enumerate(secrets, start=1):
            if len(secret) < SHORTEST_SECRET:
                raise ValueError(
                    f"the {number}. secret has {len(secret)} characters; it needs {SHORTEST_SECRET} or more, such as "
                    "`openssl rand -base64 24` gives"
                )
        return secrets
