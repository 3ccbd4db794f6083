"""People and plates are hidden whatever the settings' model knows, and masks wherever the view has swayed to."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec import structs

from config import source
from config.schema import Vision
from domain.errors import ConfigError
from domain.register import ZoneRole
from storage.evidence_store import EvidenceStore
from tests.fakes.cameras import jpeg
from tests.vision.evidence_scenes import LEFT, detail, people
from tests.vision.scenes import BIKES_ZONE, NOON_MS, Array, camera, sensed, shifted, street, zone
from tests.vision.test_evidence import CHINESE
from tests.vision.test_worker import site_of
from tests.vision.test_worker_changes import SeesNothing
from vision.archive import Archive
from vision.classes import FAMILIES
from vision.detectors.hiding import finder_of_hidden
from vision.detectors.once import Once
from vision.evidence import Hider
from vision.look import Look, Terms, Visit, look
from vision.memory import CameraMemory
from vision.picture import Picture, Pixels, decode
from vision.studio import Studio

WINDOW = ((0.45, 0.3), (0.6, 0.3), (0.6, 0.45), (0.45, 0.45))


async def test_a_model_that_knows_no_people_hides_them_all_the_same(tmp_path: Path) -> None:
    """A model of one's own, trained for stalls and goods only: the shipped one finds whom to hide."""
    watched = camera(zone(((0.0, 0.96), (0.04, 0.96), (0.04, 1.0))))
    store = EvidenceStore(tmp_path / "evidence")
    studio = Studio(site_of(tmp_path, [watched]), SeesNothing(), store, skip_unchanged=True)
    someone = list(people(0.1))
    picture = max((one.picture for one in someone), key=lambda picture: sum(one.picture is picture for one in someone))
    visit = Visit(camera=watched, brought=Picture(data=jpeg(picture)), taken_ms=NOON_MS, early=True)
    taken = await studio.look(visit, CameraMemory())
    studio.close()
    assert taken.sighting.picture is not None
    path = store.shareable(taken.sighting.picture)
    assert path is not None
    copy = decode(path.read_bytes())[: picture.shape[0]]
    heads = [one.head for one in someone if one.picture is picture]
    assert len(heads) >= 3
    shown = [head for head in heads if detail(copy, head) > LEFT * detail(picture, head)]
    assert len(shown) <= 1  # as with the shipped model alone: one is 35 pixels high


@pytest.mark.parametrize("lacking", ["person", "car", "bus", "truck", "motorcycle"])
def test_whatever_a_model_lacks_of_what_is_hidden_another_one_is_asked(lacking: str) -> None:
    """Each class by itself; a model that knows all of them is asked alone."""

    class Own(SeesNothing):
        labels = frozenset({*FAMILIES, "person"})

    class Partly(Own):
        labels = Own.labels - {lacking}

    knowing, lacks = Own(), Partly()
    assert finder_of_hidden(knowing) == knowing.detect
    assert finder_of_hidden(lacks) != lacks.detect


def test_people_cannot_be_called_something_else(tmp_path: Path) -> None:
    """They would be spoken of, and not hidden."""
    (tmp_path / "vision.yaml").write_text("classes:\n  行人: person\n  person: person\n", encoding="utf-8")
    assert source.load(tmp_path / "vision.yaml", Vision, {}).classes == {"行人": "person", "person": "person"}
    (tmp_path / "vision.yaml").write_text("interval: 60s\nclasses: {person: goods}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"vision.yaml line 2: classes: person is 'goods'; it must stay person"):
        source.load(tmp_path / "vision.yaml", Vision, {})


def _red(copy: Pixels) -> int:
    return int(((copy[..., 2] > 150) & (copy[..., 1] < 90)).sum())


class _Swaying:
    """A camera on a pole, before a window that nobody may look into."""

    def __init__(self, folder: Path) -> None:
        self.store = EvidenceStore(folder)
        self.archive = Archive(self.store, Hider(detect=lambda _: ()), CHINESE)
        self._memory = CameraMemory()
        self._looks = 0
        self._watched = camera(zone(BIKES_ZONE), zone(WINDOW, ZoneRole.MASK, "window"))

    def sees(self, picture: Array, *, early: bool = False) -> Look:
        """The next look, a minute later."""
        self._looks += 1
        data = jpeg(sensed(picture, seed=self._looks))
        taken_ms = NOON_MS + self._looks * 60_000
        self.visit = Visit(camera=self._watched, brought=Picture(data=data), taken_ms=taken_ms, early=early)
        taken = look(self.visit, self._memory, SeesNothing(), Terms(min_score=0.35))
        filed = self.archive.file(self.visit, taken)
        self._memory = filed.memory
        return filed


def test_a_mask_sways_with_the_view(tmp_path: Path) -> None:
    """As far as a view may sway and be healthy, nothing of the masked window is in the copy."""
    window = street("clear").copy()
    height, width = window.shape[:2]
    across, down = [round(x * width) for x in (0.45, 0.6)], [round(y * height) for y in (0.3, 0.45)]
    cv2.rectangle(window, (across[0], down[0]), (across[1], down[1]), (0, 0, 255), -1)
    swaying = _Swaying(tmp_path / "evidence")
    for _ in range(3):
        swaying.sees(window)
    for right, lower in ((0, 0), (12, 0), (-12, 0), (0, 9), (9, -9)):
        taken = swaying.sees(shifted(window, right, lower), early=True)
        name = taken.sighting.picture
        assert name is not None
        path, record = swaying.store.shareable(name), swaying.store.record(name)
        assert path is not None
        assert record is not None
        assert _red(decode(path.read_bytes())) == 0
        assert record.facts.shift == pytest.approx((right / width, lower / height), abs=0.006)


def test_a_kept_picture_is_masked_where_its_own_view_lay(tmp_path: Path) -> None:
    """However far that was: the mask goes the whole way."""
    swaying = _Swaying(tmp_path / "evidence")
    taken = structs.replace(swaying.sees(street("clear"), early=True), shift=(0.1, 0.0))
    filed = swaying.archive.file(swaying.visit, taken)
    assert filed.sighting.picture is not None
    assert _blank(swaying.store, filed.sighting.picture)


def test_a_picture_of_before_is_masked_as_its_own_view_lay(tmp_path: Path) -> None:
    """The one set aside may have swayed otherwise than the one that promotes it."""
    swaying = _Swaying(tmp_path / "evidence")
    taken = swaying.sees(street("clear"))
    assert taken.kept is not None
    aside = swaying.store.fetch_aside(taken.kept.name)
    assert aside is not None
    facts, original = aside
    swaying.store.set_aside(structs.replace(facts, shift=(0.1, 0.0)), original)
    came = structs.replace(swaying.sees(street()), kept=structs.replace(taken.kept, promote=(facts.name,)))
    swaying.archive.file(swaying.visit, came)
    assert _blank(swaying.store, facts.name)


def _blank(store: EvidenceStore, name: str) -> bool:
    """Whether a copy shows nothing where the window lies in a view shifted to the right by a tenth."""
    path = store.shareable(name)
    assert path is not None
    copy = decode(path.read_bytes())
    height, width = street("clear").shape[:2]
    inside = copy[round(0.32 * height) : round(0.43 * height), round(0.57 * width) : round(0.68 * width)]
    return bool((inside.std(axis=(0, 1)) < 3).all())


def test_what_takes_memory_is_made_when_it_is_needed_and_once() -> None:
    """Making that failed is tried again."""
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        if len(made) == 1:
            raise OSError("no room")
        return made[-1]

    once = Once(make)
    assert made == []
    with pytest.raises(OSError, match="no room"):
        once()
    assert (once(), once(), made) == (1, 1, [0, 1])
    assert np.isfinite(once())
