"""How small a thing may be, and in what light, and still be found: the figures in docs/vision.md.

`sizes`: each labelled thing is shown again and again, scaled with what is around it so that it becomes so many pixels
high in a picture of 1920 × 1080. `lights`: all labelled pictures in light and weather that are made. Run:
`.venv/bin/python -m scripts.vision_limits sizes|lights`. Sizes takes a minute or two on two idle cores.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from domain.sighting import Box, ViewHealth
from vision import view_health
from vision.classes import FAMILIES, PERSON
from vision.detectors import SHIPPED
from vision.detectors.openvino import OpenVino
from vision.evaluation.labels import Truth, read_set
from vision.glance import Glance
from vision.memory import Detection
from vision.picture import Pixels, decode
from vision.view_memory import ViewMemory
from vision.zones import likeness

LABELLED = Path(__file__).parents[1] / "tests" / "vision" / "labelled"
HEIGHTS = (30, 40, 50, 60, 80, 100, 130, 170, 220, 300)
SCENE = (960, 540)
"""Half of 1920 × 1080, as a look decodes it."""
PLACES = ((0.5, 0.5), (0.35, 0.6), (0.65, 0.4), (0.4, 0.7))
"""Where in the picture the thing's middle lies."""
MIN_SCORE = 0.35
FITS = 0.5


def main(wanted: str) -> None:
    """Print recall by family, and height or light."""
    {"sizes": sizes, "lights": lights}[wanted](OpenVino(SHIPPED, 1))


def sizes(detector: OpenVino) -> None:
    """Recall by the height of a thing."""
    tried: dict[str, dict[int, list[bool]]] = {}
    for picture in read_set(LABELLED, {}).pictures:
        pixels = decode(picture.path.read_bytes())
        for truth in picture.truths:
            rows = tried.setdefault(_family(truth.label), {high: [] for high in HEIGHTS})
            for high in HEIGHTS:
                rows[high] += [_found(pixels, truth, high, place, detector) for place in PLACES]
    print("height at 1080p |", " | ".join(f"{family} (n = {len(rows[30])})" for family, rows in tried.items()))
    for high in HEIGHTS:
        print(f"{high:3} px |", " | ".join(f"{np.mean(rows[high]):.2f}" for rows in tried.values()))


def lights(detector: OpenVino) -> None:
    """Recall and false alarms by light and weather, and what view health says of the pictures."""
    pictures = [(decode(one.path.read_bytes()), one.truths) for one in read_set(LABELLED, {}).pictures]
    families = ("person", "car", "bike")
    print("| what was done | view | " + " | ".join(families) + " | found, nothing there |")
    for name, changed in LIGHTS.items():
        right, there, nothing, healthy = dict.fromkeys(families, 0), dict.fromkeys(families, 0), 0, 0
        for pixels, truths in pictures:
            seen = changed(pixels)
            healthy += _usable(seen)
            found = [
                thing
                for thing in detector.detect(seen)
                if thing.score >= MIN_SCORE and (thing.label == PERSON or thing.label in FAMILIES)
            ]
            for truth in truths:
                there[_family(truth.label)] += 1
                right[_family(truth.label)] += any(_is(thing, truth) for thing in found)
            nothing += sum(not any(_is(thing, truth) for truth in truths) for thing in found)
        shares = " | ".join(f"{right[family] / there[family]:.2f}" for family in families)
        print(f"| {name} | {healthy}/{len(pictures)} | {shares} | {nothing} |")


def _is(thing: Detection, truth: Truth) -> bool:
    return _family(thing.label) == _family(truth.label) and likeness(thing.box, truth.box) >= FITS


def _usable(pixels: Pixels) -> bool:
    """Whether a first look would count. A camera that knows its view refuses more."""
    arrival = view_health.Arrival(taken_ms=1, sha256="", age_ms=None, interval_s=60)
    verdict = view_health.judge(pixels, Glance.of(pixels), arrival, ViewMemory())
    return verdict.view is ViewHealth.HEALTHY


def _lit(gain: float, noise: float = 0.0) -> Callable[[Pixels], Pixels]:
    def changed(pixels: Pixels) -> Pixels:
        grain = np.random.default_rng(1).normal(0, noise, pixels.shape) if noise else 0.0
        return np.clip(pixels * gain + grain, 0, 255).astype(np.uint8)

    return changed


def _veiled(pixels: Pixels) -> Pixels:
    """The sun in the lens: less contrast, more light, most at the top."""
    veil = np.linspace(200, 90, pixels.shape[0])[:, np.newaxis, np.newaxis]
    return np.clip(pixels * 0.45 + veil * 0.55, 0, 255).astype(np.uint8)


def _in_rain(pixels: Pixels) -> Pixels:
    """Blurred, grey, and with streaks."""
    rng = np.random.default_rng(2)
    drops = (rng.random(pixels.shape[:2]) > 0.997).astype(np.float32) * 255
    streaks = cv2.filter2D(drops, -1, np.ones((15, 1), np.float32) / 5)[..., np.newaxis]
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.2).astype(np.float32) * 0.7 + 35
    return np.clip(soft + streaks * 0.5, 0, 255).astype(np.uint8)


def _infrared(pixels: Pixels) -> Pixels:
    blue, green, red = (pixels[..., channel].astype(np.float32) for channel in range(3))
    grey = np.clip(0.9 * red + 0.5 * green - 0.35 * blue + 25, 0, 255).astype(np.uint8)
    return np.asarray(cv2.merge([grey] * 3), np.uint8)


def _squeezed(pixels: Pixels) -> Pixels:
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 25])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


LIGHTS: dict[str, Callable[[Pixels], Pixels]] = {
    "nothing": lambda pixels: pixels,
    "half the light": _lit(0.5),
    "dusk: a quarter, noise of 6": _lit(0.25, 6),
    "night: 12 %, noise of 8": _lit(0.12, 8),
    "overexposed 1.8 times": _lit(1.8),
    "the sun in the lens": _veiled,
    "infrared": _infrared,
    "rain": _in_rain,
    "out of focus, sigma 2": lambda pixels: np.asarray(cv2.GaussianBlur(pixels, (0, 0), 2), np.uint8),
    "JPEG of quality 25": _squeezed,
}


def _family(label: str) -> str:
    return PERSON if label == PERSON else FAMILIES[label]


def _found(pixels: Pixels, truth: Truth, high: int, place: tuple[float, float], detector: OpenVino) -> bool:
    scene, box = _shown(pixels, truth.box, high, place)
    shown = Truth(label=truth.label, box=box)
    return any(
        thing.score >= MIN_SCORE and (thing.label == PERSON or thing.label in FAMILIES) and _is(thing, shown)
        for thing in detector.detect(scene)
    )


def _shown(pixels: Pixels, box: Box, high: int, place: tuple[float, float]) -> tuple[Pixels, Box]:
    """The picture scaled so that the box is `high` / 1080 of the scene, moved so that it lies at `place`."""
    height, width = pixels.shape[:2]
    x1, y1, x2, y2 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    times = high / 1080 * SCENE[1] / (y2 - y1)
    right = place[0] * SCENE[0] - times * (x1 + x2) / 2
    down = place[1] * SCENE[1] - times * (y1 + y2) / 2
    smaller = cv2.resize(
        pixels, None, fx=times, fy=times, interpolation=cv2.INTER_AREA if times < 1 else cv2.INTER_CUBIC
    )
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    scene = cv2.warpAffine(smaller, matrix, SCENE, borderMode=cv2.BORDER_CONSTANT, borderValue=(114, 114, 114))
    moved = [times * x + right for x in (x1, x2)], [times * y + down for y in (y1, y2)]
    (left, end), (top, foot) = moved
    return np.asarray(scene, np.uint8), (left / SCENE[0], top / SCENE[1], end / SCENE[0], foot / SCENE[1])


if __name__ == "__main__":
    main(sys.argv[1])
