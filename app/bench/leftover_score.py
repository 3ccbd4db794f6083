"""How well things of no known class are found in made sequences: precision and recall, by story."""

import statistics
import time
import zlib
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct, msgpack

from app.bench.leftover_sequences import Moment, Story, play
from app.bench.leftover_stories import WITH_GOODS, WITHOUT, StoryMaker
from app.bench.leftover_street import streets
from domain.sighting import Box
from vision.glance import Glance
from vision.leftover import Backgrounds, Leftover, Surroundings, observe
from vision.zones import likeness

DWELL_MS = 180_000
"""From this stay on a thing is to be found, and what is reported counts."""
OVERLAP = 0.3
RATES_S = (10.0, 20.0, 60.0, 120.0)
AFTER_LOOKS = 3
"""Looks after its going in which a thing may still be reported."""


class Score(Struct, kw_only=True):
    """What came of the sequences of one story."""

    story: str
    sequences: int = 0
    looks: int = 0
    found: int = 0
    missed: int = 0
    false: int = 0
    kept: list[float] = []
    """Of each thing found: share of the looks, from its dwell to its end, that did not lose it."""
    stay_looks: list[float] = []
    """Of each thing found: error of its stay when first reported, in looks."""
    gone_looks: list[int] = []
    """Looks until one of them said that it was gone."""
    ms: list[float] = []
    notes: list[str] = []

    def add(self, other: "Score") -> None:
        """Count another's sequences too."""
        for name in ("sequences", "looks", "found", "missed", "false"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("kept", "stay_looks", "gone_looks", "ms", "notes"):
            getattr(self, name).extend(getattr(other, name))

    @property
    def precision(self) -> float:
        """Share of what was reported that was there; 1 if nothing was."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of what was there that was reported; 1 if nothing was."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


class _Truth:
    """One thing of the story, and what was said of it."""

    def __init__(self) -> None:
        self.box: Box | None = None
        self.from_ms: int | None = None
        self.found = False
        self.kept: list[bool] = []
        self.stay_looks = 0.0
        self.gone = 0
        self.gone_looks: int | None = None


def judge(story: Story, every_s: float, seed: int, name: str = "", sheet: Callable[..., None] | None = None) -> Score:
    """Play one story, and score what is said of it. `sheet` sees every moment and what was reported."""
    backgrounds = Backgrounds()
    score = Score(story=name, sequences=1)
    truths = [_Truth() for thing in story.standing if thing.goods]
    false: set[str] = set()
    for moment in play(story, every_s, np.random.default_rng(seed)):
        glance = Glance.of(moment.picture)
        named = Surroundings(
            taken_ms=moment.taken_ms, zones=(story.street.zone,), people=moment.people, known=moment.known
        )
        began = time.thread_time()
        backgrounds, left = observe(backgrounds, glance, named)
        score.ms.append((time.thread_time() - began) * 1000)
        score.looks += 1
        if score.looks % 7 == 0:
            backgrounds = msgpack.decode(msgpack.encode(backgrounds), type=Backgrounds)
        false |= _compare(truths, moment, left, every_s)
        if sheet:
            sheet(moment, left, backgrounds)
    score.false = len(false)
    score.notes = [f"{every_s:g} s, seed {seed}: false {key}" for key in sorted(false)]
    for number, truth in enumerate(truths):
        _count(score, truth, f"{every_s:g} s, seed {seed}: thing {number}")
    return score


def _compare(truths: Sequence[_Truth], moment: Moment, left: Sequence[Leftover], every_s: float) -> set[str]:
    """Count one look; the keys of what is reported and not there come back."""
    there: list[Box] = []
    for truth, box in zip(truths, moment.truth, strict=True):
        if box is None and truth.from_ms is None:
            continue
        if box is not None and truth.from_ms is None:
            truth.from_ms, truth.box = moment.taken_ms, box
        if truth.box is None or truth.from_ms is None:
            continue
        match = max(left, key=lambda thing: likeness(thing.box, truth.box or thing.box), default=None)
        hit = match is not None and likeness(match.box, truth.box) >= OVERLAP
        if box is None:
            truth.gone += 1
            if not hit and truth.gone_looks is None:
                truth.gone_looks = truth.gone
            if truth.gone <= AFTER_LOOKS:
                there.append(truth.box)
            continue
        there.append(truth.box)
        stands_ms = moment.taken_ms - truth.from_ms
        if hit and match is not None and stands_ms >= DWELL_MS and not match.hidden and not truth.found:
            truth.found = True
            truth.stay_looks = (match.stay_ms - stands_ms) / 1000 / every_s
        if truth.found:
            truth.kept.append(hit)
    both = [_around(there)] if len(there) > 1 else []
    return {
        thing.key
        for thing in left
        if thing.stay_ms >= DWELL_MS
        and not thing.hidden
        and not any(likeness(thing.box, box) >= OVERLAP or _inside(thing.box, box) for box in (*there, *both))
    }


def _around(boxes: Sequence[Box]) -> Box:
    x1, y1, x2, y2 = zip(*boxes, strict=True)
    return (min(x1), min(y1), max(x2), max(y2))


def _inside(box: Box, truth: Box) -> bool:
    """A part of a thing, or of its shadow, is no other thing."""
    pad = (truth[2] - truth[0]) / 4
    truth = (truth[0] - pad, truth[1] - pad, truth[2] + pad, truth[3] + pad)
    wide = min(box[2], truth[2]) - max(box[0], truth[0])
    high = min(box[3], truth[3]) - max(box[1], truth[1])
    return wide > 0 and high > 0 and wide * high >= 0.7 * (box[2] - box[0]) * (box[3] - box[1])


def _count(score: Score, truth: _Truth, note: str) -> None:
    score.found += truth.found
    score.missed += not truth.found
    if not truth.found:
        score.notes.append(f"{note} missed at {truth.box}")
        return
    score.kept.append(statistics.fmean(truth.kept))
    score.stay_looks.append(truth.stay_looks)
    if truth.gone_looks is not None:
        score.gone_looks.append(truth.gone_looks)


def evaluate(
    sequences: int = 208,
    *,
    stories: Sequence[StoryMaker] = (*WITH_GOODS, *WITHOUT),
    seed: int = 0,
    told: Callable[[Score], None] | None = None,
) -> tuple[Score, ...]:
    """Play so many sequences, spread over stories, look rates and both scenes. `told` hears of each as it is done."""
    scores: dict[str, Score] = {}
    for number in range(sequences):
        maker, turn = stories[number % len(stories)], number // len(stories)
        name = maker.__name__.replace("_", " ")
        rate_s = RATES_S[turn % len(RATES_S)] if name != "all day" else max(RATES_S[turn % len(RATES_S)], 60.0)
        own = zlib.crc32(f"{name} {turn} {seed}".encode())
        street = streets()[(turn + turn // len(RATES_S)) % 2]
        one = judge(maker(street, np.random.default_rng(own)), rate_s, own, name)
        scores.setdefault(name, Score(story=name)).add(one)
        if told:
            told(one)
    return tuple(scores.values())


def table(scores: Sequence[Score]) -> str:
    """Precision and recall for people to read."""
    whole = Score(story="all")
    for score in scores:
        whole.add(score)
    lines = [
        "| story | sequences | looks | found | missed | false | precision | recall | kept | stay off | gone after |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for score in (*scores, whole):
        kept = f"{statistics.fmean(score.kept):.2f}" if score.kept else ""
        stay = f"{max(score.stay_looks, key=abs):+.1f}" if score.stay_looks else ""
        gone = f"{max(score.gone_looks)}" if score.gone_looks else ""
        lines.append(
            f"| {score.story} | {score.sequences} | {score.looks} | {score.found} | {score.missed} | {score.false} "
            f"| {score.precision:.2f} | {score.recall:.2f} | {kept} | {stay} | {gone} |"
        )
    lines.append(
        f"\nA look costs {statistics.median(whole.ms):.2f} ms (median), {np.percentile(whole.ms, 95):.2f} (p95)."
    )
    return "\n".join(lines)
