"""The little SOAP that ONVIF takes: one question, one answer, a password that is never sent itself."""

import hashlib
import secrets
from base64 import b64encode
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from domain.clock import utc
from domain.errors import SourceError, SourceFault

ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
DIGEST = f"{SECURITY}username-token-profile-1.0#PasswordDigest"
BASE64 = f"{SECURITY}soap-message-security-1.0#Base64Binary"
HEADERS = {"Content-Type": "application/soap+xml; charset=utf-8"}
REFUSED = ("NotAuthorized", "FailedAuthentication", "InvalidSecurityToken", "OperationProhibited")
ABSENT = ("NoProfile", "NoToken", "NoConfig", "NoSource")


def envelope(question: str, *, user: str = "", password: str = "", device_ms: int = 0) -> bytes:
    """The whole message around `question`. `device_ms` is the time by the device's own clock, which it compares."""
    security = _security(user, password, device_ms) if user else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{ENVELOPE}"><s:Header>{security}</s:Header>'
        f"<s:Body>{question}</s:Body></s:Envelope>"
    ).encode()


def _security(user: str, password: str, device_ms: int) -> str:
    nonce = secrets.token_bytes(16)
    created = utc(device_ms).strftime("%Y-%m-%dT%H:%M:%SZ")
    # SHA-1 is what the standard has
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{SECURITY}wssecurity-secext-1.0.xsd" '
        f'xmlns:u="{SECURITY}wssecurity-utility-1.0.xsd"><w:UsernameToken><w:Username>{escape(user)}</w:Username>'
        f'<w:Password Type="{DIGEST}">{b64encode(digest).decode()}</w:Password>'
        f'<w:Nonce EncodingType="{BASE64}">{b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created>'
        "</w:UsernameToken></w:Security>"
    )


def parsed(data: bytes, shown: str) -> ET.Element:
    """The answer's XML. Raises SourceError for what is none, and for XML that declares anything."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\x00" in data:  # entities can grow without end, or read files
        raise SourceError(SourceFault.UNREACHABLE, f"{shown}: its XML has declarations, which no camera needs")
    try:
        return ET.fromstring(data)  # noqa: S314 nothing is declared in it
    except (ET.ParseError, LookupError, ValueError):
        raise SourceError(SourceFault.UNREACHABLE, f"{shown}: not an answer in SOAP") from None


def named_fault(root: ET.Element, shown: str) -> SourceError | None:
    """The answer's fault by our names, if it is one."""
    fault = root.find(".//{*}Body/{*}Fault")
    if fault is None:
        return None
    codes = [(value.text or "").rpartition(":")[2].strip() for value in fault.iterfind(".//{*}Value")]
    reason = " ".join((fault.findtext(".//{*}Text") or fault.findtext("faultstring") or "").split())[:80]
    said = f"{shown}: {'/'.join(codes) or 'a fault'}{f', {reason}' if reason else ''}"
    if any(code in REFUSED for code in codes) or any(word in reason for word in REFUSED):
        return SourceError(SourceFault.AUTH_FAILED, said)
    if any(code in ABSENT for code in codes):
        return SourceError(SourceFault.NOT_FOUND, said)
    return SourceError(SourceFault.UNREACHABLE, said)


def text_at(root: ET.Element, path: str) -> str:
    """The text of the first element at `path`, in whatever namespaces; empty if there is none."""
    return (root.findtext(".//" + "/".join(f"{{*}}{name}" for name in path.split("/"))) or "").strip()
