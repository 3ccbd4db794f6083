"""The page and the API: where they answer, and whom they let in."""

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from config.strict import Strict
from domain.permission import Role

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is no network; write 127.0.0.1/32 or 10.1.0.0/16") from None
    return text


Network = Annotated[str, AfterValidator(_network)]


@cache
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text) for text in texts)


class Proxy(Strict):
    """A reverse proxy before the console, and whether it says who is there."""

    trusted: tuple[Network, ...] = Field(
        default=("127.0.0.1/32", "::1/128"), description="whose headers are believed, X-Forwarded-For among them"
    )
    header: str = Field(
        default="", description="in which it names the account, X-Remote-User; empty: it signs nobody in"
    )
    role_header: str = Field(
        default="",
        description="in which it names a role; then accounts are made as people come. Empty: they must exist",
    )

    def trusts(self, address: str) -> bool:
        """Whether headers from this address are believed."""
        if not self.trusted:
            return False
        try:
            at = ip_address(address)
        except ValueError:
            return False
        return any(at in network for network in self.networks)

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """`trusted`, to look an address up in."""
        return _networks(self.trusted)

    @model_validator(mode="after")
    def _a_role_is_somebody_s(self) -> "Proxy":
        if self.role_header and not self.header:
            raise ValueError("role_header says a role and no header says whose; set header")
        return self


class Oidc(Strict):
    """The bureau's own sign-in, by OpenID Connect: authorization code with PKCE."""

    issuer: str = Field(pattern=r"^https?://[^?#]+$", description="below it is .well-known/openid-configuration")
    client_id: str = Field(min_length=1)
    client_secret: str = Field(default="", repr=False, description="empty: a public client, by PKCE alone")
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = Field(default="preferred_username", description="becomes the account's name")
    display_claim: str = "name"
    role_claim: str = Field(default="roles", description="a text or a list of texts; `realm_access.roles` goes deeper")
    roles: dict[str, Role] = Field(
        default={}, description="what that claim may hold, and which role it is; the first that fits. None: no entry"
    )
    sub_districts_claim: str = Field(default="", description="a list of a keeper's sub-districts; empty: set by hand")


class Console(Strict):
    """The page and the API."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535, description="0: any free port, printed at start")
    names: tuple[str, ...] = Field(default=(), description="host names it is reached by, beside loopback and `host`")
    url: str = Field(
        default="",
        pattern=r"^(https?://[^/?#]+)?$",
        description="what people write to reach it, as https://desk.example; https: cookies only go over TLS",
    )
    open: Literal["none", "read"] | None = Field(
        default=None,
        description="what people may who are not signed in. Unsaid: read in a demo, and on loopback alone until there "
        "is an account; else none",
    )
    proxy: Proxy = Proxy()
    oidc: Oidc | None = None
    api_token: str = Field(
        default="", repr=False, description="a token that opens all of the API but accounts; empty: there is none"
    )

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it, as far as the settings tell."""
        elsewhere = {self.host, *self.names} - _LOOPBACK
        return not (elsewhere or self.url or self.proxy.header or self.oidc)

    @property
    def is_secure(self) -> bool:
        """Whether people reach it over TLS."""
        return self.url.startswith("https://")
