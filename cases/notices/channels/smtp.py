"""Notices as mails."""

import asyncio
import hashlib
import ssl
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import aiosmtplib

from cases.notices.wording import Wording
from config.notices import Smtp as Settings
from domain.clock import utc
from domain.errors import ChannelError
from domain.notice import Notice

_LONGEST_ID: Final = 200
_PICTURES: Final = ("picture", "onset_picture", "context_picture")
# With another address, or none, no later try helps: mailbox unknown, mail too big, syntax.
_FINAL: Final = frozenset({501, 510, 511, 512, 513, 523, 550, 551, 552, 553, 554, 555, 556})


class Smtp:
    """One connection for each mail, over TLS unless the settings say otherwise.

    Its Message-ID is made of the notice's key, so that a mail server or reader knows a repeat for what it is.
    """

    def __init__(
        self, settings: Settings, wording: Wording, pictures: Callable[[str], Path | None] | None = None
    ) -> None:
        """Connects to nothing. Raises OSError or ssl.SSLError for a `ca_file` that cannot be read.

        `pictures(name)` is where the copy of a picture lies that may be shown, if it does.
        """
        self._settings = settings
        self._pictures = pictures
        self._wording = wording
        secure = settings.security != "none"
        self._tls = ssl.create_default_context(cafile=settings.ca_file) if secure else None

    async def send(self, notice: Notice) -> str:
        """Send it; returns the Message-ID. Raises ChannelError: final for an address that no server will take."""
        mail, own = await asyncio.to_thread(self.mail, notice), self._settings
        try:
            await aiosmtplib.send(
                mail,
                hostname=own.host,
                port=own.port,
                username=own.username or None,
                password=own.password or None,
                use_tls=own.security == "tls",
                start_tls=own.security == "starttls",
                tls_context=self._tls,
                timeout=own.timeout,
            )
        except aiosmtplib.SMTPRecipientsRefused as wrong:
            refused = wrong.recipients[0]
            said = f"the mail server refused {notice.address}: {refused.code} {refused.message}"
            raise ChannelError(said, retry=refused.code not in _FINAL) from wrong
        except aiosmtplib.SMTPAuthenticationError as wrong:
            raise ChannelError(f"the mail server did not accept the login: {wrong.code}", retry=True) from wrong
        except aiosmtplib.SMTPTimeoutError:
            raise ChannelError(f"the mail server did not answer within {own.timeout:g} s", retry=True) from None
        except aiosmtplib.SMTPResponseException as wrong:
            final = isinstance(wrong, aiosmtplib.SMTPDataError) and wrong.code in _FINAL
            raise ChannelError(f"the mail server answered {wrong.code} {wrong.message}", retry=not final) from wrong
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as wrong:
            raise ChannelError(f"the mail server can't be used: {wrong}", retry=True) from wrong
        return str(mail["Message-ID"])

    def mail(self, notice: Notice) -> EmailMessage:
        """The mail as it is sent: both languages, the site's own first, with the pictures that may be shown."""
        own = self._wording.language
        mail = EmailMessage(SMTP)
        mail["From"] = self._settings.sender
        mail["To"] = Address(addr_spec=notice.address)
        mail["Subject"] = self._wording.subject(notice, own)
        mail["Date"] = format_datetime(utc(notice.created_ms))
        mail["Message-ID"] = self._message_id(notice.key)
        mail["Auto-Submitted"] = "auto-generated"
        mail["Idempotency-Key"] = _readable(notice.key)
        if notice.urgent:
            mail["Importance"] = "high"
        mail.set_content(self._wording.both(notice), cte="base64")
        for name in _PICTURES:
            self._attach(mail, notice.body.get(name))
        if mail.is_multipart():
            mail.set_boundary(f"=_{hashlib.sha256(notice.key.encode()).hexdigest()[:32]}")  # a repeat is the same mail
        return mail

    def _attach(self, mail: EmailMessage, name: object) -> None:
        path = self._pictures(name) if self._pictures and isinstance(name, str) else None
        if path is None or not path.is_file():
            return
        mail.add_attachment(path.read_bytes(), maintype="image", subtype="jpeg", filename=f"{Path(str(name)).name}.jpg")

    def _message_id(self, key: str) -> str:
        return f"<{_readable(key)}@{self._settings.sender.partition('@')[2]}>"


def _readable(key: str) -> str:
    """A key as a header can hold it: itself, or a hash of one that is too long."""
    plain = quote(key, safe="/")
    return plain if len(plain) <= _LONGEST_ID else hashlib.sha256(key.encode()).hexdigest()
