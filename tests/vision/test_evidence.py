"""The copy that may leave."""

from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from msgspec import structs

from config.load import SHARED
from config.texts import LANGUAGES, Texts
from domain.register import Camera, ZoneRole
from domain.sighting import Sighting
from tests.fakes.cameras import jpeg
from tests.vision.scenes import BIKES_ZONE, NOON_MS, ROAD_ZONE, Array, camera, road, street, zone
from vision import drawing
from vision.classes import FAMILIES
from vision.detectors.openvino import OpenVino
from vision.evidence import Hider, Words, hidden_parts, sensitive, shareable_copy
from vision.look import Terms, Visit, look
from vision.memory import CameraMemory, Detection
from vision.picture import Picture, decode

TEXTS = Texts.load(SHARED / "texts")
CHINESE = Words(texts=TEXTS, language="zh-CN", timezone=ZoneInfo("Asia/Shanghai"))


def seen(picture: Array, watched: Camera, detector: OpenVino) -> tuple[bytes, Sighting]:
    """A picture and what a first look at it says."""
    data = jpeg(picture)
    visit = Visit(camera=watched, brought=Picture(data=data), taken_ms=NOON_MS)
    return data, look(visit, CameraMemory(), detector, Terms(min_score=0.35)).sighting


def detail(picture: Array, box: tuple[float, float, float, float]) -> float:
    """How much fine detail there is inside a box."""
    x1, y1, x2, y2 = drawing.in_pixels(box, picture)
    return float(cv2.Laplacian(cv2.cvtColor(picture[y1:y2, x1:x2], cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())


def test_no_head_leaves_readable(detector: OpenVino) -> None:
    """Every person that is found in the original has the head blurred in the copy; feet stay as they are."""
    watched = camera(zone(ROAD_ZONE, ZoneRole.NO_PARKING))
    heads = 0
    for frame in road()[::6]:
        data, sighting = seen(frame, watched, detector)
        original = decode(data)
        copy = decode(shareable_copy(data, sighting, watched, Hider(detect=detector.detect), CHINESE))[: frame.shape[0]]
        for person in detector.detect(original):
            x1, y1, x2, y2 = person.box
            if person.label != "person" or person.score < 0.5 or y1 < 0.25:
                continue
            heads += 1
            head = (x1, y1, x2, y1 + 0.2 * (y2 - y1))
            assert detail(copy, head) < 0.1 * detail(original, head)
    assert heads > 15


def test_small_people_are_found_in_parts_of_the_picture(detector: OpenVino) -> None:
    """Looking at the four corners too finds more of them than one look at the whole frame."""
    whole = sum(thing.label == "person" for frame in road()[::6] for thing in detector.detect(frame))
    parts = sum(thing.label == "person" for frame in road()[::6] for thing in sensitive(frame, detector.detect))
    assert parts > 1.3 * whole


def test_heads_with_a_margin_and_lower_parts_of_vehicles_are_hidden() -> None:
    """The boxes that are made unreadable; a bicycle has nothing to hide."""
    person = Detection(label="person", score=0.2, box=(0.4, 0.2, 0.6, 0.8))
    car = structs.replace(person, label="car")
    (head,) = hidden_parts([person])
    (plate,) = hidden_parts([car])
    assert head == pytest.approx((0.35, 0.14, 0.65, 0.38))
    assert plate == pytest.approx((0.4, 0.53, 0.6, 0.8))


def test_hiding_takes_the_detail_away() -> None:
    """Noise of a single pixel is gone; the rest of the picture is untouched; a box outside does nothing."""
    noise = np.random.default_rng(1).integers(0, 255, (100, 100, 3), np.uint8).astype(np.uint8)
    picture = noise.copy()
    drawing.hide(picture, (0.2, 0.2, 0.6, 0.6))
    assert picture[20:60, 20:60].std() < 0.2 * noise[20:60, 20:60].std()
    assert np.array_equal(picture[60:], noise[60:])
    drawing.hide(picture, (1.2, 1.2, 1.4, 1.4))
    drawing.hide(picture, (-1.0, -1.0, 0.001, 0.001))
    assert np.array_equal(picture[60:], noise[60:])


def test_the_copy_shows_zone_boxes_and_a_caption_and_the_original_stays(detector: OpenVino) -> None:
    """Red where something stands, green where the zone is clear; three lines of words below the whole picture."""
    watched = camera(zone(BIKES_ZONE))
    for name, red in (("bikes", True), ("clear", False)):
        data, sighting = seen(street(name), watched, detector)
        before = bytes(data)
        copy = decode(shareable_copy(data, sighting, watched, Hider(detect=detector.detect), CHINESE)).astype(int)
        assert data == before
        assert copy.shape[0] > 563
        assert copy.shape[1] == 751
        x, y = round(0.14 * 750), round(0.82 * 562)
        blue, green, redness = copy[y - 3 : y + 4, x - 1 : x + 2].reshape(-1, 3).mean(axis=0)
        assert (redness > green + 40) == red
        assert (green > redness + 40) == (not red)
        assert blue < 170


def test_words_are_drawn_in_chinese_as_in_english() -> None:
    """The font has the characters: a line of them is no row of question marks, and is as wide as it should be."""
    bar = drawing.with_caption(np.zeros((576, 768, 3), np.uint8), ["常州市劳动中路"])[576:]
    marks = drawing.with_caption(np.zeros((576, 768, 3), np.uint8), ["???????"])[576:]
    assert not np.array_equal(bar, marks)
    assert (bar.max(axis=(0, 2)) > 200).sum() > 80


def test_a_caption_too_long_is_made_to_fit() -> None:
    """Nothing runs out of the picture."""
    bar = drawing.with_caption(np.zeros((240, 320, 3), np.uint8), ["很长的文字" * 20])[240:]
    assert (bar[:, -3:].max(axis=(0, 2)) < 100).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_and_role_has_its_words(language: str) -> None:
    """Whatever may be drawn can be named."""
    words = structs.replace(CHINESE, language=language)
    for label in FAMILIES:
        assert words.say(f"class.{label}")
    for role in ZoneRole:
        if role is not ZoneRole.MASK:
            assert words.say(f"role.{role.value}")
    for key in ("seconds", "minutes", "hours"):
        assert words.say(key, seconds=5, minutes=6, hours=7)
