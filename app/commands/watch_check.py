"""`longcheng watch --check`: whether the `watch` on a site's data folder looks. A container's engine asks it."""

from pathlib import Path
from typing import Final

from rich.console import Console

from app.watch_note import watch_beats
from config import source
from config.load import find_site
from domain.clock import Clock
from domain.errors import ConfigError

SILENT_S: Final = 60.0
"""A `watch` says every five seconds that it looks; a machine that is busy may keep it from that for a while."""


def check(site: str, clock: Clock, out: Console) -> bool:
    """Say of each `watch` of the site's data folder when it last looked; True: one runs, and none is stuck.

    Of the settings only `data_dir` is read: with a mistake elsewhere a running `watch` goes on by those of before.
    Raises ConfigError for a site that is not there, or that names no `data_dir`.
    """
    data = _data_dir(site)
    beats = watch_beats(data)
    if not beats:
        out.print(f"no `watch` runs on {data.absolute()}", soft_wrap=True, markup=False, highlight=False)
    well = bool(beats)
    for name, at_s in beats.items():
        silent_s = clock.now_ms() / 1000 - at_s
        stuck = silent_s > SILENT_S
        well = well and not stuck
        said = "is stuck" if stuck else "looks"
        out.print(f"{name} {said}: it said so {max(silent_s, 0.0):.0f} s ago", soft_wrap=True, markup=False)
    return well


def _data_dir(site: str) -> Path:
    path = find_site(site) / "site.yaml"
    said, _ = source.read(path)
    if not isinstance(named := said.get("data_dir"), str):
        raise ConfigError("it names no data_dir", path=path)
    return Path(named)
