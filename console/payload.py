"""What a stranger's bytes and names look like, made safe to read. HTML escaping is the template's work."""

_EXCERPT = 160
_HEX_ROW = 16


def readable(text: str, *, limit: int = _EXCERPT) -> str:
    """The start of a text with every invisible or direction-changing character written as its code."""
    shown = "".join(char if char.isprintable() else f"⟨{ord(char):04X}⟩" for char in text[:limit])
    return f"{shown}…" if len(text) > limit else shown


def excerpt(payload: bytes, *, limit: int = _EXCERPT) -> tuple[str, bool]:
    """The start of a payload, and whether it is shown as hexadecimal because it is no UTF-8 text."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return _hex(payload, limit), True
    if any(not char.isprintable() and char not in "\r\n\t" for char in text[:limit]):
        return _hex(payload, limit), True
    return readable(" ".join(text.split()) if text.strip() else text, limit=limit), False


def _hex(payload: bytes, limit: int) -> str:
    start = payload[: limit // 2]
    rows = [start[at : at + _HEX_ROW].hex(" ") for at in range(0, len(start), _HEX_ROW)]
    return "\n".join(rows) + ("\n…" if len(payload) > len(start) else "")
