"""New rules and limits for a running `serve`, without a restart, and without an alarm lost or raised twice."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.readers.judge import engine_of
from app.reloading import POLL_S, Follower, SiteFiles
from app.rules_in_force import TakesOver
from config.live_cameras import redrawn
from config.load import SHARED, Site
from config.schema import Profile
from domain.errors import ConfigError
from domain.register import Device
from rules.files import load_rules
from rules.rule import Rule

log = logging.getLogger(__name__)

_AT_START: Final = ("settings", "timezone", "metrics", "shops")
"""What else of a site the rules and the book depend on."""


class RulesReloader(Follower):
    """The rules, the plans, the zones, and the limits of models and devices. All else is as it was at the start."""

    def __init__(
        self,
        site: Site,
        judge: TakesOver,
        *,
        read: Callable[[], Site],
        tell: Callable[[str | None], None] = lambda _problem: None,
        taken: Callable[[Site], None] = lambda _site: None,
        poll_s: float = POLL_S,
    ) -> None:
        """`read` reads the site again, in a thread; `tell` is told what is wrong, and None when nothing is.

        `taken` is told what is in force from now on.
        """
        super().__init__(SiteFiles(*_folders(site)), tell=tell, poll_s=poll_s)
        self._started = site
        self._judge = judge
        self._read, self._taken = read, taken
        self._held_back: tuple[str, ...] = ()

    async def _take(self) -> None:
        now = await asyncio.to_thread(self._read)
        self._files.look_in(*_folders(now))
        rules, site = await asyncio.to_thread(self._checked, now)
        self._judge.take_over(rules, site)
        self._taken(site)
        log.info("read again: %d rules and %d plans are taken over", len(rules), len(site.plans.all))
        held_back = _held_back(self._started, now)
        if held_back and held_back != self._held_back:
            log.warning("as before until a restart: %s", ", ".join(held_back))
        self._held_back = held_back

    def _checked(self, now: Site) -> tuple[Sequence[Rule], Site]:
        """By the files as they are, and by what of them is in force. Raises ConfigError."""
        load_rules(now.rule_files, now)
        site = in_force(self._started, now)
        try:
            rules = load_rules(now.rule_files, site)
        except ConfigError as wrong:
            held_back = ", ".join(_held_back(self._started, now))
            raise ConfigError(
                f"{wrong.problem}; after a restart it fits: {held_back} changed", path=wrong.path, line=wrong.line
            ) from None
        engine_of(rules, site, saved={}, listening_since_ms=0)
        return rules, site


def in_force(started: Site, now: Site) -> Site:
    """The site as it was at the start, with the limits of now: rules, plans, models, and what devices measured when
    they were installed; and with its zones. Matters, tiers of places, words and workdays are those of now too."""
    return replace(
        started,
        rule_files=now.rule_files,
        plans=now.plans,
        profiles={name: _profile(profile, now.profiles.get(name)) for name, profile in started.profiles.items()},
        profile_places=now.profile_places,
        devices={name: _device(device, now.devices) for name, device in started.devices.items()},
        cameras=redrawn(started.cameras, now.cameras, started.shops),
        matters=now.matters,
        catalogue=now.catalogue,
        texts=now.texts,
        workdays=now.workdays,
        tiers=now.tiers,
        lines=now.lines,
    )


def _profile(started: Profile, now: Profile | None) -> Profile:
    return started if now is None else started.model_copy(update={"limits": now.limits})


def _device(started: Device, devices: Mapping[str, Device]) -> Device:
    now = devices.get(started.device_id)
    return now if now is not None and _identity(now) == _identity(started) else started


def _identity(device: Device) -> tuple[object, ...]:
    return (device.kind, device.profile, device.ports, device.address, device.gateway)


def _held_back(started: Site, now: Site) -> tuple[str, ...]:
    """Names of what has changed and is taken over only by a restart."""
    names = [name for name in _AT_START if getattr(started, name) != getattr(now, name)]
    if redrawn(started.cameras, now.cameras, started.shops) != dict(now.cameras):
        names.append("cameras")
    if {name: _identity(device) for name, device in started.devices.items()} != {
        name: _identity(device) for name, device in now.devices.items()
    }:
        names.append("devices")
    without: dict[str, object] = {"limits": {}}
    if {name: profile.model_copy(update=without) for name, profile in started.profiles.items()} != {
        name: profile.model_copy(update=without) for name, profile in now.profiles.items()
    }:
        names.append("profiles")
    return tuple(names)


def _folders(site: Site) -> tuple[Path, ...]:
    return tuple(
        dict.fromkeys((site.folder, site.folder / "plans", SHARED, *(file.parent for file in site.rule_files)))
    )
