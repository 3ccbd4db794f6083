"""Whether there is light to see by, and which."""

import cv2
import numpy as np

from domain.sighting import ViewHealth
from vision.glance import Glance
from vision.picture import Pixels
from vision.view_health.blocks import Blocks
from vision.view_health.verdict import Light, Verdict

DARK_P95 = 40
"""Luma below which 95 % of the picture lie. The scenes at 15 % of their light: 31; at 25 %: 51; lit by two street
lamps: 45 and more, most of the time."""
BRIGHT_P5 = 180
"""Luma above which 95 % of the picture lie. The road overexposed fourfold: 212, doubly: 122; the street eightfold:
196, fourfold: 104; in snow 87, in fog 98."""
NIGHT_MEDIAN = 30
"""Median luma. Lit by lamps: 19 and 34; the street as it is: 63."""
NIGHT_CHROMA = 3.0
"""Mean distance between the largest and the least channel. Infrared: 0.0; the dullest day: 9.9."""
SHOWING_SHARE = 0.1
"""Share of the blocks that show something. Cloth with folds: 0.00; a hand over two thirds of the view: 0.31; the
scenes lit by lamps: 0.40, at a quarter of their light: 0.21."""


def too_little_or_too_much(glance: Glance, blocks: Blocks) -> Verdict | None:
    """Dark, bright, or a plain nothing. What lamps light is enough to look at, if there is something in it."""
    counts = np.cumsum(cv2.calcHist([glance.thumb], [0], None, [256], [0, 256]))
    p5, p50, p95 = (int(at) for at in np.searchsorted(counts, counts[-1] * np.array((0.05, 0.5, 0.95))))
    if p95 < DARK_P95:
        return Verdict(view=ViewHealth.DARK, reason=f"luma p95 {p95} of 255, below {DARK_P95}")
    if p5 > BRIGHT_P5:
        return Verdict(view=ViewHealth.BRIGHT, reason=f"luma p5 {p5} of 255, above {BRIGHT_P5}")
    shown = np.count_nonzero(blocks.showing) / blocks.showing.size
    if shown >= SHOWING_SHARE:
        return None
    view = ViewHealth.DARK if p50 < NIGHT_MEDIAN else ViewHealth.COVERED
    return Verdict(view=view, reason=f"{shown:.2f} of the view shows anything, below {SHOWING_SHARE:g}")


def light_of(pixels: Pixels, glance: Glance) -> Light:
    """By which light the picture was taken."""
    if is_dim(glance):
        return Light.NIGHT
    blue, green, red = cv2.split(np.ascontiguousarray(pixels[::8, ::8]))
    apart = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    return Light.NIGHT if cv2.mean(apart)[0] < NIGHT_CHROMA else Light.DAY


def is_dim(glance: Glance) -> bool:
    """Whether most of the picture is so dark that little can be told of it."""
    some = glance.thumb[::2, ::2]
    return 2 * int(np.count_nonzero(some < NIGHT_MEDIAN)) > some.size
