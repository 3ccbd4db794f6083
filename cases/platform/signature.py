"""How an event is signed: who has a secret can tell that it is ours, whole, and new."""

import hashlib
import hmac
from collections.abc import Sequence

SIGNATURE = "X-Longcheng-Signature"


def signed(secrets: Sequence[str], body: bytes, at_ms: int) -> str:
    """`t=<seconds since 1970>,v1=<hex>`, with a `v1` for each secret: the HMAC-SHA256 of `<t>.<body>`."""
    at_s = at_ms // 1000
    said = f"{at_s}.".encode() + body
    proofs = (hmac.new(secret.encode(), said, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={at_s}", *(f"v1={proof}" for proof in proofs)))
