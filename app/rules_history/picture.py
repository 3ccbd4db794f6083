"""What the picture of a replay shows: alarms, and the values of the one that deserves it most."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from app.rules_history.chart import WIDTH, Chart, Say, svg
from app.rules_history.curve import MOST_POINTS, Curve, LimitLine, Mark
from app.rules_history.stretch import Stretch
from config.load import Site
from config.texts import LANGUAGES
from domain.clock import utc
from domain.errors import ConfigError
from domain.register import Device
from rules.kinds.threshold import Threshold
from rules.replay import AlarmSpan
from rules.replay_diff import diff
from rules.rule import Rule
from storage.series.store import SeriesStore

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><body style='margin:0'>{picture}"


class Drawn(Struct, frozen=True, kw_only=True):
    """A replay to be drawn: the newest version of the rules, and its alarms, come first."""

    site: Site
    stretch: Stretch
    versions: Sequence[Sequence[Rule]]
    alarms: Sequence[Sequence[AlarmSpan]]

    @property
    def old(self) -> Sequence[AlarmSpan] | None:
        """The alarms of the other version, if there is one."""
        return self.alarms[1] if len(self.alarms) > 1 else None


def draw(store: SeriesStore, drawn: Drawn, curve: str = "") -> str:
    """The picture as SVG, in the site's language. `curve`: the `rule/subject` whose values are shown.

    Raises ConfigError if that is no alarm of this replay, or has no values.
    """
    site, stretch = drawn.site, drawn.stretch
    language = site.settings.language
    begins, ends = (utc(at_ms).astimezone(site.timezone) for at_ms in (stretch.from_ms, stretch.to_ms))

    def say(key: str, facts: dict[str, object] | None = None) -> str:
        return site.texts.say(language, key, facts)

    chart = Chart(
        from_ms=stretch.from_ms,
        to_ms=stretch.to_ms,
        zone=site.timezone,
        title=say(
            "replay.title" if drawn.old is None else "replay.title_diff",
            {"start": f"{begins:%Y-%m-%d %H:%M}", "end": f"{ends:%Y-%m-%d %H:%M}"},
        ),
        subtitle="" if drawn.old is None else _counted(drawn.old, drawn.alarms[0], say),
        new=drawn.alarms[0],
        old=drawn.old,
        curve=_curve(store, drawn, _chosen(drawn.alarms, curve), say),
        chinese=language == LANGUAGES[0],
    )
    return svg(chart, say)


def save(picture: str, file: Path) -> None:
    """As .svg, as a page (.html), or as .png by a Chromium. Raises ConfigError if that is not installed."""
    if file.suffix == ".svg":
        file.write_text(picture, encoding="utf-8")
        return
    title = picture.partition("<title>")[2].partition("</title>")[0]
    page = _PAGE.format(title=title, picture=picture)
    if file.suffix == ".html":
        file.write_text(page, encoding="utf-8")
        return
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise ConfigError(f"--chart {file}: a .png is drawn by Chromium, which is not installed; ask for an .svg")
    height = int(picture.partition('height="')[2].partition('"')[0])
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        words = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        words += [f"--window-size={WIDTH},{height}", f"--screenshot={file.resolve()}", source.as_uri()]
        subprocess.run([browser, *words], check=True, capture_output=True, timeout=60)  # noqa: S603


def _counted(old: Sequence[AlarmSpan], new: Sequence[AlarmSpan], say: Say) -> str:
    found = diff(old, new)
    counts = {"new": len(found.new), "gone": len(found.gone), "moved": len(found.moved), "same": found.same}
    return say("replay.counts", counts)


def _chosen(alarms: Sequence[Sequence[AlarmSpan]], curve: str) -> AlarmSpan | None:
    """The alarm whose values are shown: the one that was named, else the worst of what changed, else the worst."""
    measured = [span for spans in alarms for span in spans if span.metric is not None]
    if curve:
        named = [span for span in measured if f"{span.rule_id}/{span.subject}" == curve]
        if not named:
            raise ConfigError(f"--curve is {curve!r}; no such alarm about a metric was raised")
        return named[0]
    if len(alarms) > 1:
        found = diff(alarms[1], alarms[0])
        changed = [*found.new, *found.gone, *(pair.new for pair in found.moved)]
        measured = [span for span in changed if span.metric is not None] or measured
    return max(measured, key=lambda span: (span.severity.rank, -span.raised_ms), default=None)


def _curve(store: SeriesStore, drawn: Drawn, chosen: AlarmSpan | None, say: Say) -> Curve | None:
    if chosen is None or chosen.metric is None:
        return None
    device_id, _, port = chosen.subject.partition("/")
    device, stretch = drawn.site.devices.get(device_id), drawn.stretch
    if device is None:
        return None
    tags = {"device_id": device_id} | ({"port": port} if port else {})
    values = store.range(device.kind, chosen.metric, tags, stretch.from_ms, stretch.to_ms)
    gap_ms = 4 * round(drawn.site.profiles[device.profile].interval * 1000)
    limits = [
        limit
        for place, rules in enumerate(drawn.versions)
        for limit in _limits(rules, drawn.site, chosen, device, old=place > 0)
    ]
    facts = {"rule": chosen.rule_id, "subject": chosen.subject, "metric": chosen.metric}
    return Curve(
        title=say("replay.curve", facts),
        points=[(at_ms, float(value)) for at_ms, value in values],
        gap_ms=max(gap_ms, 2 * (stretch.to_ms - stretch.from_ms) // MOST_POINTS),
        limits=_once(limits),
        marks=[
            mark for place, spans in enumerate(drawn.alarms) for mark in _marks(spans, chosen, stretch, old=place > 0)
        ],
    )


def _once(limits: Sequence[LimitLine]) -> list[LimitLine]:
    """What both versions have is drawn as the newer's."""
    found: dict[tuple[float, str, object], LimitLine] = {}
    for limit in limits:
        found.setdefault((limit.at, limit.what, limit.severity), limit)
    return list(found.values())


def _limits(rules: Sequence[Rule], site: Site, chosen: AlarmSpan, device: Device, *, old: bool) -> list[LimitLine]:
    """Of a rule that compares the metric itself; a computed figure has another scale."""
    rule = next((rule for rule in rules if rule.id == chosen.rule_id), None)
    if rule is None or not isinstance(rule.spec, Threshold):
        return []
    number = chosen.subject.partition("/")[2]
    found: list[LimitLine] = []
    for level in rule.spec.levels_for(rule, site, device, int(number) if number else None, at_ms=chosen.raised_ms):
        limits = level.limits
        found += [
            LimitLine(at=at, what="raise", severity=level.severity, old=old) for at in _ends(limits.low, limits.high)
        ]
        if not level.latch and (limits.clear_low, limits.clear_high) != (limits.low, limits.high):
            ends = _ends(limits.clear_low, limits.clear_high)
            found += [LimitLine(at=at, what="clear", severity=level.severity, old=old) for at in ends]
        if limits.baseline is not None and not old:
            found.append(LimitLine(at=limits.baseline, what="baseline"))
    return found


def _ends(low: float, high: float) -> list[float]:
    return [end for end in (low, high) if abs(end) != float("inf")]


def _marks(spans: Sequence[AlarmSpan], chosen: AlarmSpan, stretch: Stretch, *, old: bool) -> list[Mark]:
    """When states began of the alarms of that rule and subject, the first few."""
    marks: list[Mark] = []
    for span in [span for span in spans if span.key == chosen.key][:4]:
        moments = {"since": span.since_ms, "raised": span.raised_ms, "ended": span.resolved_ms}
        marks += [
            Mark(at_ms, what, old)
            for what, at_ms in moments.items()
            if at_ms is not None and stretch.from_ms <= at_ms < stretch.to_ms
        ]
    return marks
