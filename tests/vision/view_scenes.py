"""What happens to a camera and its view, done to the sample pictures: weather, light, passers-by, hands and spanners.

Every maker takes a picture and chance, and gives the picture that the camera would see. `aimed` leaves a margin round
the view, so that a turned camera sees more street and no mirrored border.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.vision.scenes import Array

Chance = np.random.Generator
Maker = Callable[[Array, Chance], Array]

MARGIN = 0.08
"""Share of the sample picture that lies outside the view on each side."""


def aimed(picture: Array, right: float = 0.0, down: float = 0.0, turn_deg: float = 0.0, zoom: float = 1.0) -> Array:
    """What a camera sees that was turned: things lie so far to the right and down, as shares of the picture."""
    high, wide = picture.shape[:2]
    scale = zoom / (1 - 2 * MARGIN)
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), turn_deg, scale)
    matrix[:, 2] += (right * wide, down * high)
    return np.asarray(cv2.warpAffine(picture, matrix, (wide, high), borderMode=cv2.BORDER_REFLECT), np.uint8)


def _mixed(picture: Array, other: NDArray[np.float32] | float, share: NDArray[np.float32]) -> Array:
    """`other` laid over the picture, so much of it in each place."""
    part = share[..., None]
    return np.asarray(np.clip(picture * (1 - part) + other * part, 0, 255), np.uint8)


def _soft(shape: tuple[int, ...], draw: Callable[[Array], object], sigma: float) -> NDArray[np.float32]:
    """0–1: what `draw` painted white, with soft edges."""
    canvas = np.zeros(shape[:2], np.uint8)
    draw(canvas)
    # softened at a quarter of the size: large blurs are most of the time of a test
    small = cv2.resize(canvas, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    soft = cv2.GaussianBlur(small, (0, 0), sigma / 4)
    return np.asarray(cv2.resize(soft, (shape[1], shape[0])), np.float32)


def _spot(shape: tuple[int, ...], at: tuple[float, float], radius: float, sigma: float) -> NDArray[np.float32]:
    """A round spot; the place and the radius are shares of the width and height."""
    centre = (int(at[0] * shape[1]), int(at[1] * shape[0]))
    return _soft(shape, lambda canvas: cv2.circle(canvas, centre, int(radius * shape[1]), 255, -1), sigma)


# ---- light and weather: nothing is wrong with the view


def dimmed(picture: Array, chance: Chance) -> Array:
    """Dusk: a third of the light and more, warmer."""
    tint = np.array([0.8, 0.95, 1.0], np.float32) * np.float32(chance.uniform(0.35, 0.7))
    return np.asarray(np.clip(picture * tint, 0, 255), np.uint8)


def exposed(picture: Array, chance: Chance) -> Array:
    """The exposure a little longer or shorter, and another gamma."""
    values = (picture.astype(np.float32) / 255) ** np.float32(chance.uniform(0.75, 1.3))
    return np.asarray(np.clip(values * 255 * chance.uniform(0.85, 1.3), 0, 255), np.uint8)


def shaded(picture: Array, chance: Chance) -> Array:
    """The shadows of two houses have moved."""
    high, wide = picture.shape[:2]
    light = np.ones((high, wide), np.float32)
    for _ in range(2):
        x, slope, width = chance.uniform(0, wide), chance.uniform(-0.5, 0.5) * wide, chance.uniform(0.1, 0.3) * wide
        corners = np.array([(x, 0), (x + width, 0), (x + width + slope, high), (x + slope, high)], np.int32)

        def paint(canvas: Array, corners: NDArray[np.int32] = corners) -> None:
            cv2.fillPoly(canvas, [corners], 255)

        light *= 1 - 0.5 * _soft(picture.shape, paint, 3)
    return np.asarray(picture * light[..., None], np.uint8)


def glaring(picture: Array, chance: Chance) -> Array:
    """The low sun, or its reflection in a window."""
    halo = _spot(picture.shape, (chance.uniform(0.1, 0.9), chance.uniform(0, 0.4)), 0.12, 0.08 * picture.shape[1])
    return np.asarray(np.clip(picture + 190 * halo[..., None], 0, 255), np.uint8)


def head_lit(picture: Array, chance: Chance) -> Array:
    """Dusk, and a car comes with its lamps on."""
    out = dimmed(picture, chance)
    x, y = chance.uniform(0.2, 0.7), chance.uniform(0.5, 0.8)
    for lamp in (x, x + 0.12):
        spot = _spot(picture.shape, (lamp, y), 0.025, 0.02 * picture.shape[1])
        out = np.asarray(np.clip(out + 400 * spot[..., None], 0, 255), np.uint8)
    return out


def wet(picture: Array, chance: Chance) -> Array:
    """A wet road mirrors the houses."""
    high = picture.shape[0]
    share = np.zeros(picture.shape[:2], np.float32)
    share[high // 2 :] = chance.uniform(0.2, 0.4)
    return _mixed(picture, picture[::-1].astype(np.float32), cv2.blur(share, (1, 33)).astype(np.float32))


def snowed(picture: Array, chance: Chance) -> Array:
    """Snow lies on whatever looks up."""
    high = picture.shape[0]
    share = np.zeros(picture.shape[:2], np.float32)
    share[int(high * 0.55) :] = chance.uniform(0.4, 0.65)
    return _mixed(picture, 225.0, np.asarray(cv2.blur(share, (1, 41)), np.float32))


def rained(picture: Array, chance: Chance) -> Array:
    """Streaks, and less contrast."""
    streaks = (chance.random(picture.shape[:2]) > 0.997).astype(np.float32) * 255
    streaks = cv2.filter2D(streaks, -1, np.eye(9, dtype=np.float32) / 4)
    veiled = picture * np.float32(0.7) + 45
    return np.asarray(np.clip(veiled + 0.7 * streaks[..., None], 0, 255), np.uint8)


def fogged(picture: Array, chance: Chance) -> Array:
    """Fog takes contrast, the more of it the farther away (the higher up)."""
    depth = np.linspace(1, 0.3, picture.shape[0], dtype=np.float32)[:, None] * np.float32(chance.uniform(0.5, 0.7))
    return _mixed(picture, 185.0, np.broadcast_to(depth, picture.shape[:2]).astype(np.float32))


def leafy(picture: Array, chance: Chance) -> Array:
    """Wind in the trees: a quarter of the picture sways by some pixels, each leaf its own way."""
    high, wide = picture.shape[:2]
    flow = chance.normal(0, 1, (2, high // 12, wide // 12)).astype(np.float32)
    x, y = (cv2.resize(part, (wide, high), interpolation=cv2.INTER_CUBIC) * 5 for part in flow)
    here = _spot(picture.shape, (chance.uniform(0.2, 0.8), 0.3), 0.28, 12)
    columns, rows = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    return np.asarray(cv2.remap(picture, columns + x * here, rows + y * here, cv2.INTER_LINEAR), np.uint8)


def infrared(picture: Array, chance: Chance) -> Array:
    """The camera has switched to infrared: no colour, leaves bright, lit from where it hangs, and grainy."""
    blue, green, red = (picture[..., channel].astype(np.float32) for channel in range(3))
    grey = 0.1 * blue + 0.2 * green + 0.7 * red + 0.8 * np.clip(green - np.maximum(red, blue), 0, 60)
    lamp = _spot(picture.shape, (0.5, 0.6), 0.25, 0.2 * picture.shape[1])
    grey = grey * (0.35 + chance.uniform(0.5, 0.8) * lamp) + chance.normal(0, 3, grey.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)[..., None].repeat(3, axis=2)


def lamp_lit(picture: Array, chance: Chance) -> Array:
    """Night, and two street lamps: what they light can be seen."""
    light = np.full(picture.shape[:2], 0.08, np.float32)
    out = picture.astype(np.float32)
    for x in (chance.uniform(0.1, 0.4), chance.uniform(0.6, 0.9)):
        light += chance.uniform(0.6, 0.9) * _spot(picture.shape, (x, 0.65), 0.22, 0.12 * picture.shape[1])
    out = out * light[..., None] * np.array([0.6, 0.85, 1.0], np.float32)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


# ---- what passes or stands in the view


def bus(picture: Array, chance: Chance) -> Array:
    """A bus fills three tenths of the picture."""
    return vehicle(picture, chance, wide=0.6, high=0.5)


def lorry(picture: Array, chance: Chance) -> Array:
    """A lorry stands right before the camera and fills four tenths of the picture: hardly anything on its side."""
    return vehicle(picture, chance, wide=0.62, high=0.65, windows=False)


def vehicle(picture: Array, chance: Chance, *, wide: float, high: float, windows: bool = True) -> Array:
    """A large vehicle: body, wheels, perhaps windows, its number, dirt and the light on it."""
    out = picture.copy()
    width, height = int(wide * picture.shape[1]), int(high * picture.shape[0])
    left = int(chance.uniform(0, picture.shape[1] - width))
    top = int(chance.uniform(0.15, 0.95 - high) * picture.shape[0])
    body = np.full((height, width, 3), chance.uniform(60, 220, 3), np.float32)
    body *= np.linspace(1.1, 0.8, height, dtype=np.float32)[:, None, None]
    dirt = cv2.resize(chance.normal(0, 6, (height // 16 + 1, width // 16 + 1)).astype(np.float32), (width, height))
    body += dirt[..., None]
    if windows:
        for pane in range(5):
            x = int((0.04 + pane * 0.19) * width)
            seen = cv2.resize(picture[:60, 60 * pane : 60 * pane + 60], (int(0.16 * width), int(0.35 * height)))
            body[int(0.1 * height) : int(0.1 * height) + seen.shape[0], x : x + seen.shape[1]] = seen * 0.5
    painted = np.asarray(np.clip(body, 0, 255), np.uint8)
    cv2.putText(painted, "BUS 24", (int(0.1 * width), int(0.7 * height)), 0, height / 200, (250, 250, 250), 3)
    for wheel in (0.2, 0.8):
        cv2.circle(painted, (int(wheel * width), height), int(0.13 * height), (25, 25, 25), -1)
    out[top : top + height, left : left + width] = painted
    return out


# ---- what is done to a camera


def defocused(picture: Array, chance: Chance) -> Array:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), chance.uniform(3, 7)), np.uint8)


def shaken(picture: Array, chance: Chance) -> Array:
    """Motion blur: the pole trembles while the shutter is open."""
    size = int(chance.integers(25, 45))
    kernel = np.zeros((size, size), np.float32)
    cv2.line(kernel, (0, int(chance.integers(0, size))), (size - 1, int(chance.integers(0, size))), 1.0, 1)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)


def dropped_on(picture: Array, chance: Chance) -> Array:
    """A drop of water hangs on the lens, over half the view and more."""
    here = _spot(picture.shape, (chance.uniform(0.4, 0.6), chance.uniform(0.4, 0.6)), 0.42, 20)
    return _mixed(picture, cv2.GaussianBlur(picture, (0, 0), 9).astype(np.float32), here)


def cloth(picture: Array, chance: Chance) -> Array:
    """A cloth hangs over the camera: folds, a faint weave."""
    folds = cv2.resize(chance.normal(0, 5, (4, 6)).astype(np.float32), picture.shape[1::-1], interpolation=2)
    weave = 3 * np.sin(np.arange(picture.shape[1], dtype=np.float32) * 1.3)
    out = chance.uniform(50, 200, 3) + folds[..., None] + weave[None, :, None]
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def hand(picture: Array, chance: Chance) -> Array:
    """A hand before the lens, out of focus, over two thirds of the view."""
    at = (chance.uniform(0.4, 0.6), chance.uniform(0.45, 0.55))
    shade = np.linspace(0.7, 1.1, picture.shape[1], dtype=np.float32)[None, :, None]
    skin = np.array([110, 130, 180], np.float32) * shade * np.ones((picture.shape[0], 1, 1), np.float32)
    return _mixed(picture, np.asarray(skin, np.float32), _spot(picture.shape, at, 0.46, 14))


def sprayed(picture: Array, chance: Chance) -> Array:
    """Spray paint: blots with soft edges that leave a third of the view at most."""
    share = np.zeros(picture.shape[:2], np.float32)
    while share.mean() < 0.68:
        share = np.maximum(share, _spot(picture.shape, (chance.random(), chance.random()), 0.2, 9))
    return _mixed(picture, float(chance.uniform(20, 160)), share)


def leaf(picture: Array, chance: Chance) -> Array:
    """A leaf sticks to the glass, over half the view and more, out of focus."""
    high, wide = picture.shape[:2]
    centre, turn = (int(chance.uniform(0.4, 0.6) * wide), high // 2), float(chance.uniform(0, 180))
    axes = (int(0.55 * wide), int(0.38 * wide))
    here = _soft(picture.shape, lambda canvas: cv2.ellipse(canvas, centre, axes, turn, 0, 360, 255, -1), 12)
    return _mixed(picture, np.broadcast_to(np.array([40, 110, 70], np.float32), picture.shape), here)


def half(picture: Array, chance: Chance) -> Array:
    """A board hides one half of the view."""
    out, plain = picture.copy(), int(chance.integers(40, 200))
    side = int(chance.integers(0, 4))
    middle = (picture.shape[0] // 2, picture.shape[1] // 2)
    parts = (np.s_[: middle[0]], np.s_[middle[0] :], np.s_[:, : middle[1]], np.s_[:, middle[1] :])
    out[parts[side]] = plain
    return out


# ---- what a server gives instead of a picture


def no_signal(picture: Array, chance: Chance) -> Array:
    """A blue screen that says so."""
    out = np.full_like(picture, (int(chance.integers(120, 220)), 30, 20))
    cv2.putText(out, "NO SIGNAL", (120, 300), cv2.FONT_HERSHEY_SIMPLEX, 2.2, (255, 255, 255), 4, cv2.LINE_AA)
    return out


def bars(picture: Array, chance: Chance) -> Array:
    """Colour bars."""
    colours = [(255, 255, 255), (0, 255, 255), (255, 255, 0), (0, 255, 0), (255, 0, 255), (0, 0, 255), (255, 0, 0)]
    row = np.array(colours, np.uint8)[np.arange(picture.shape[1]) * 7 // picture.shape[1]]
    return np.asarray(np.broadcast_to(row, picture.shape) * np.float32(chance.uniform(0.6, 0.9)), np.uint8)


def logo(picture: Array, chance: Chance) -> Array:
    """A media server's own picture."""
    out = np.full_like(picture, int(chance.integers(180, 250)))
    cv2.circle(out, (picture.shape[1] // 2, 220), 90, (200, 90, 30), -1, cv2.LINE_AA)
    cv2.putText(out, "MediaServer", (200, 420), cv2.FONT_HERSHEY_DUPLEX, 1.8, (60, 60, 60), 3, cv2.LINE_AA)
    return out


def cut_off(picture: Array, chance: Chance) -> Array:
    """A picture of which only the upper part arrived; the decoder of some server filled the rest with grey."""
    out = picture.copy()
    out[int(chance.uniform(0.3, 0.85) * picture.shape[0]) :] = 128
    return out
