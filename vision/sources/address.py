"""A source's URL taken apart. User, password and query hold secrets: they go to the camera and nowhere else."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from msgspec import Struct

from config.source import without_login
from domain.errors import ConfigError
from domain.register import Camera

LOCAL = frozenset({"file", "folder"})
PINNED = frozenset({"insecure", "sha256"})
"""Any certificate will do; only this certificate will do."""
OPTIONS = {
    "https": PINNED,
    "onvifs": PINNED,
    "wvps": PINNED,
    "rtsps": frozenset({"insecure"}),
    "rtsp": frozenset({"udp"}),
}
"""What may stand after a `#`, by scheme."""


class Address(Struct, frozen=True, kw_only=True):
    """Where a camera is, and how to get in. `path` and `query` are as they stood there, still encoded."""

    camera_id: str
    scheme: str
    netloc: str
    """Host and port as they stood there."""
    path: str
    query: str = ""
    user: str = ""
    password: str = ""
    options: Mapping[str, str] = {}

    @classmethod
    def of(cls, camera: Camera) -> "Address":
        """The camera's own. Raises ConfigError, without login and query, for what cannot be an address."""
        try:
            parts = urlsplit(camera.source)
            port, host = parts.port, parts.hostname
        except ValueError:  # its text may hold a part of the password
            raise ConfigError(
                f"camera {camera.camera_id}: source is {without_login(camera.source)!r}, whose host and port are none; "
                "in a password write # as %23, / as %2F, @ as %40"
            ) from None
        if (parts.scheme not in LOCAL and not host) or port == 0:
            raise ConfigError(
                f"camera {camera.camera_id}: source is {without_login(camera.source)!r}; "
                f"write {parts.scheme}://user:password@host:port/…"
            )
        return cls(
            camera_id=camera.camera_id,
            scheme=parts.scheme,
            netloc=parts.netloc.rpartition("@")[2],
            path=parts.path,
            query=parts.query,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            options=_options(camera, parts.scheme, parts.fragment),
        )

    @property
    def host(self) -> str:
        """The host alone, without brackets."""
        return urlsplit(f"//{self.netloc}").hostname or ""

    @property
    def asked(self) -> Mapping[str, str]:
        """What stands after the `?`, decoded."""
        return dict(parse_qsl(self.query))

    @property
    def url(self) -> str:
        """The address without user and password; with its query, so not to be shown."""
        return urlunsplit((self.scheme, self.netloc, self.path, self.query, ""))

    @property
    def shown(self) -> str:
        """What may be said of it."""
        return f"{self.scheme}://{self.netloc}{self.path}"


def _options(camera: Camera, scheme: str, fragment: str) -> dict[str, str]:
    options = dict(parse_qsl(fragment, keep_blank_values=True))
    known = OPTIONS.get(scheme, frozenset())
    if unknown := options.keys() - known:
        raise ConfigError(
            f"camera {camera.camera_id}: source has {min(unknown)[:12]!r} after its #; with {scheme} there is "
            f"{', '.join(sorted(known)) or 'nothing'}. A # that belongs to a password is written %23"
        )
    return options
