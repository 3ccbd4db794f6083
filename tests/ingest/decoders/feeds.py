"""What the tests of all feeds share: payloads from files, and strategies for almost right ones."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from domain.message import Reject
from domain.reading import Reading, Status
from ingest.decode import Decoded

_PAYLOADS = Path(__file__).parent / "payloads"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
"""Any JSON, and NaN."""


def payload(name: str) -> dict[str, Any]:
    """A whole payload as such a sender writes it."""
    content: dict[str, Any] = json.loads((_PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return content


def readings(decoded: Decoded) -> list[Reading]:
    """Those among the observations."""
    return [one for one in decoded.observations if isinstance(one, Reading)]


def states(decoded: Decoded) -> list[tuple[str, str]]:
    """Who is said to be what."""
    return [(one.device_id, one.state.value) for one in decoded.observations if isinstance(one, Status)]


def broken(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A whole payload in which one or two values, however deep, are something else."""
    whole = payload(name)
    changes = st.lists(st.tuples(st.sampled_from(_places(whole)), JSON), min_size=1, max_size=2)
    return changes.map(lambda some: _changed(name, some))


def can_be_kept(rejects: tuple[Reject, ...]) -> bool:
    """Whether what is set aside can be shown and stored."""
    return all(reject.detail.isprintable() and reject.part.isprintable() and reject.detail for reject in rejects)


def _places(content: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    return [at] * bool(at) + [place for key, inner in items for place in _places(inner, (*at, key))]


def _changed(name: str, changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    content = payload(name)
    for (*above, last), value in changes:
        inner: Any = content
        for key in above:
            inner = inner[key] if isinstance(inner, dict | list) and _has(inner, key) else {}
        if isinstance(inner, dict) or (isinstance(inner, list) and _has(inner, last)):
            inner[last] = value
    return content


def _has(inner: Any, key: Any) -> bool:
    return key in inner if isinstance(inner, dict) else isinstance(key, int) and key < len(inner)
