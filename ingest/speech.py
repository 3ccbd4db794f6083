"""Which version of MQTT to speak to a broker."""

from typing import Literal

from ingest.broker import Version
from ingest.outcome import Outcome


class Speech:
    """Which version to speak next. A broker that refuses MQTT 5 is never asked again; one that keeps silent, later.

    Only `auto` may try another version than the settings name.
    """

    def __init__(self, protocol: Literal["auto", "5", "3.1.1"]) -> None:
        self.chosen = protocol != "auto"
        """Whether the settings leave no choice."""
        self._refused = protocol == "3.1.1"
        self._silent = False
        self._told = False

    def next(self) -> Version:
        """The version for the next connection."""
        return Version.V311 if self._refused or self._silent else Version.V5

    def learn(self, version: Version, outcome: Outcome) -> bool:
        """Take note of how that went; whether to try the other version at once."""
        v5 = not self.chosen and version is Version.V5
        self._silent = v5 and outcome is Outcome.UNANSWERED
        self._refused = self._refused or (v5 and outcome is Outcome.VERSION_REFUSED)
        return v5 and outcome in (Outcome.UNANSWERED, Outcome.VERSION_REFUSED)

    def narrow(self, version: Version) -> bool:
        """Whether it is the first connection by a version that knows no window of ours."""
        first = version is Version.V311 and not self._told
        self._told = self._told or first
        return first
