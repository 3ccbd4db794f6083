"""All watches of an engine."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.watch import Key, Watch


class Watches(Mapping[Key, Watch[Any]]):
    """Watches by rule id and subject. A city has ten thousands: no key of its own is kept for each."""

    def __init__(self) -> None:
        self._by_rule: dict[str, dict[str, Watch[Any]]] = {}

    def add(self, watch: Watch[Any]) -> None:
        """Take a watch in."""
        self._by_rule.setdefault(watch.rule.id, {})[watch.subject] = watch

    def __getitem__(self, key: Key) -> Watch[Any]:
        rule_id, subject = key
        return self._by_rule[rule_id][subject]

    def __iter__(self) -> Iterator[Key]:
        return ((rule_id, subject) for rule_id, watches in self._by_rule.items() for subject in watches)

    def __len__(self) -> int:
        return sum(map(len, self._by_rule.values()))
