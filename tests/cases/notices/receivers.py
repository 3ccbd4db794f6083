"""A mail server for tests, a real one, that answers as it is told and remembers what it got."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from tests.fakes.brokers import free_port


@dataclass
class Post:
    """What came, and how to answer: `recipient` and `data` are said instead of 250 until they are used up."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    recipient: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Whether somebody lives there."""
        if self.recipient:
            return self.recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """A mail."""
        if self.data:
            return self.data.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=default))
        self.to.append(list(envelope.rcpt_tos))
        return "250 OK"

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Only duty with the password s3cret gets in."""
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == b"s3cret", handled=False)


@contextmanager
def post_office(*, tls: ssl.SSLContext | None = None) -> Iterator[Post]:
    """A mail server on a free port; with `tls` it wants STARTTLS and a login."""
    post = Post()
    secure: dict[str, Any] = {"tls_context": tls, "require_starttls": True, "auth_required": True} if tls else {}
    # Port 0 won't do: the controller asks its own port whether it answers.
    post.port = free_port()
    controller = Controller(post, hostname="127.0.0.1", port=post.port, authenticator=post.login, **secure)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
