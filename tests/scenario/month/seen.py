"""What looks and readings amount to, worked out anew from the rule files: nothing of the product is used."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from msgspec import Struct, field

from app.simulation.account import Account, Look, Said

UNITS = {"m": 60, "h": 3600, "d": 86_400, "s": 1}


def seconds(text: str | float) -> float:
    """`10m` → 600."""
    return float(text) if isinstance(text, (int, float)) else float(text[:-1]) * UNITS[text[-1]]


Began = tuple[str, str, int]
"""Rule, subject, and when it was judged to be so."""


class Episode(Struct, kw_only=True):
    """One alarm, from the look or reading that made it sure to the one that ended it."""

    rule_id: str
    subject: str
    matter: str
    ladder: bool
    at_ms: int
    """When it was judged to be so."""
    order: tuple[int, ...]
    shown: list[Look] = field(default_factory=list)
    """Later looks that show it, in the rule's hours."""
    cleared: Look | Said | None = None
    released_ms: int | None = None


class PresenceRule:
    """One rule of `storefronts.yaml`."""

    def __init__(self, said: dict[str, Any], zone: ZoneInfo) -> None:
        self.id, self.roles, self.zone = said["id"], said["zone_roles"], zone
        self.matter, self.ladder = said["case"]["matter"], said["case"]["policy"] == "ladder"
        stay = said.get("min_stay", 0)
        stays = stay if isinstance(stay, dict) else dict.fromkeys(said["classes"], stay)
        self.stays = {label: seconds(stays.get(label) or stays.get("default") or 0) for label in said["classes"]}
        self.k, self.n = said["confirm"]["k"], said["confirm"]["n"]
        self.clear_k, self.clear_n = said["clear"]["k"], said["clear"]["n"]
        self.gap_ms = seconds(said["max_gap"]) * 1000
        self.hours = said.get("schedule")

    def speaks_at(self, at_ms: int) -> bool:
        """Whether it is within its hours."""
        if self.hours is None:
            return True
        begin, end = (time.fromisoformat(part) for part in self.hours.split("-"))
        return begin <= datetime.fromtimestamp(at_ms / 1000, self.zone).time() < end

    def episodes(
        self, camera_id: str, zone: str, looks: Sequence[tuple[int, Look]], ended: Mapping[Began, int]
    ) -> Iterator[Episode]:
        """All of one zone. `ended`: when a person's word ended which of them."""
        recent, shown_ms, now = list[bool](), 0, None
        for index, look in looks:
            if now is not None and ended.get((now.rule_id, now.subject, now.at_ms), look.judged_ms) < look.judged_ms:
                now.released_ms = ended[now.rule_id, now.subject, now.at_ms]
                yield now
                recent, now = [], None
            shows = self.shows(look, zone)
            open_now = self.speaks_at(look.taken_ms)
            if shows is None or (now is None and shows and not open_now):
                continue
            if now is not None:
                recent = [*recent, shows][-self.clear_n :]
                if shows and open_now:
                    now.shown.append(look)
                if recent.count(False) >= self.clear_k:
                    now.cleared = look
                    yield now
                    recent, now = [], None
                continue
            recent = [*(recent if look.taken_ms - shown_ms <= self.gap_ms else []), shows][-self.n :]
            shown_ms = look.taken_ms if shows else shown_ms
            if sum(recent) >= self.k:
                recent, now = [], self._begun(f"{camera_id}/{zone}", look, index)
            elif not any(recent):
                recent = []
        if now is not None:
            now.released_ms = ended.get((now.rule_id, now.subject, now.at_ms))
            yield now

    def shows(self, look: Look, zone: str) -> bool | None:
        """Whether a look shows something that has stood too long; None if it counts neither way."""
        if not look.healthy:
            return None
        over = [stay_s - self.stays[label] for label, stay_s in look.zones.get(zone, ()) if label in self.stays]
        return bool(over) if not over or max(over) >= 0 else None

    def _begun(self, subject: str, look: Look, index: int) -> Episode:
        return Episode(
            rule_id=self.id,
            subject=subject,
            matter=self.matter,
            ladder=self.ladder,
            at_ms=look.judged_ms,
            order=(look.judged_ms, look.taken_ms, index),
        )


def presence_rules(rules: Path, zone: ZoneInfo) -> list[PresenceRule]:
    """Those that lead to anything."""
    said = yaml.safe_load(rules.read_text("utf-8"))["rules"]
    return [PresenceRule(one, zone) for one in said if one["case"]["policy"] != "none"]


def seen_by_cameras(
    account: Account, zones: Sequence[dict[str, str]], rules: list[PresenceRule], ended: Mapping[Began, int]
) -> list[Episode]:
    """All episodes of all zones."""
    looks: dict[str, list[tuple[int, Look]]] = {}
    for index, look in enumerate(account.looks):
        of_camera = looks.setdefault(look.camera_id, [])
        if look.judged_ms and (not of_camera or look.taken_ms > of_camera[-1][1].taken_ms):
            of_camera.append((index, look))
    return [
        episode
        for zone in zones
        for rule in rules
        if zone["role"] in rule.roles
        for episode in rule.episodes(zone["camera_id"], zone["zone"], looks.get(zone["camera_id"], ()), ended)
    ]


def read_by_sensors(account: Account, baselines: dict[str, float], step_of: Callable[[int], int]) -> list[Episode]:
    """Leaks over 30 mA until below 10, smoke until released, leans of more than 1.5° in two readings until released."""
    found: list[Episode] = []
    standing: dict[tuple[str, str], Episode] = {}
    leans: dict[str, int] = {}
    news: list[tuple[int, int, Any]] = [(said.at_ms, 1, said) for said in account.said if said.judged_ms]
    news += [(deed.at_ms, 0, deed) for deed in account.deeds if deed.what == "release"]
    for index, (_at_ms, is_reading, one) in enumerate(sorted(news, key=lambda each: each[:2])):
        if not is_reading:
            if (old := standing.pop((one.rule_id, one.subject), None)) is not None:
                old.released_ms = step_of(one.at_ms)
            continue
        subject = one.device_id if one.port is None else f"{one.device_id}/{one.port}"
        if "tilt_deg" in one.metrics:
            leaning = one.metrics["tilt_deg"] - baselines[one.device_id] > 1.5
            leans[subject] = leans.get(subject, 0) + 1 if leaning else 0
            raised = {"tree-tilt": leans[subject] >= 2}
        else:
            raised = {"charger-residual": one.metrics["residual_ma"] > 30, "charger-smoke": one.metrics["smoke"]}
        for rule_id, wrong in raised.items():
            key = rule_id, subject
            if wrong and key not in standing:
                matter = "04001" if rule_id == "tree-tilt" else "01054"
                standing[key] = Episode(
                    rule_id=rule_id,
                    subject=subject,
                    matter=matter,
                    ladder=False,
                    at_ms=one.judged_ms,
                    order=(one.judged_ms, one.at_ms, index),
                )
                found.append(standing[key])
            elif rule_id == "charger-residual" and key in standing and one.metrics["residual_ma"] < 10:
                standing.pop(key).cleared = one
    return found
