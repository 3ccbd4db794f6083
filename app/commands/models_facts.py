"""What can be said of a model: from its file, and from trying it."""

from pathlib import Path
from time import perf_counter

from msgspec import Struct

from config.schema import Vision
from domain.errors import ConfigError
from domain.sighting import Box
from vision.classes import FAMILIES, PERSON
from vision.detectors import engine_of, open_detector
from vision.detectors.network import read_network, sha256_of
from vision.detectors.words import ignored, our_words, spoken_of
from vision.picture import decode_for_look

STREET = Path(__file__).parents[1] / "demo" / "pictures" / "street-bikes.jpg"
TRIES = 10


class Listed(Struct, frozen=True, kw_only=True):
    """A model in a list."""

    name: str
    path: str
    engine: str
    in_use: bool
    size_bytes: int = 0
    sha256: str | None = None
    input: str | None = None
    output: str | None = None
    classes: int | None = None
    spoken_of: int | None = None
    """How many of them a sighting can speak of."""
    problem: str | None = None
    """Why it cannot be used; None: nothing is known against it."""


class Seen(Struct, frozen=True, kw_only=True):
    """One detection in the picture it was tried on."""

    label: str
    score: float
    box: Box
    spoken_of: bool


class Checked(Struct, frozen=True, kw_only=True):
    """A model that was loaded and tried."""

    model: str
    sha256: str
    engine: str
    input: str
    output: str
    words: dict[str, str]
    """The model's classes that a sighting can speak of, and our words for them."""
    hides_people: bool
    ignored: tuple[str, ...]
    picture: str
    best_ms: float
    median_ms: float
    found: tuple[Seen, ...]


def listed(name: str, path: Path, settings: Vision, *, in_use: bool) -> Listed:
    """What the file says; the model is not run."""
    engine = engine_of(path, settings.engine)
    try:
        if engine == "ultralytics":
            return _weights(name, path, in_use=in_use)
        network = read_network(path)
        words = our_words(network.names, settings.classes, path)
    except ConfigError as wrong:
        return Listed(name=name, path=str(path), engine=engine, in_use=in_use, problem=wrong.problem)
    return Listed(
        name=name,
        path=str(path),
        engine=engine,
        in_use=in_use,
        size_bytes=sum(file.stat().st_size for file in network.files),
        sha256=network.sha256,
        input=f"{network.input_size[0]}×{network.input_size[1]}",
        output=network.output.value,
        classes=len(words),
        spoken_of=len(spoken_of(words)),
    )


def checked(path: Path, settings: Vision, picture: Path | None) -> Checked:
    """Load the model as `watch` would, and try it. Raises ConfigError or SourceError for what cannot be used."""
    settings = settings.model_copy(update={"model": path})
    engine = engine_of(path, settings.engine)
    detector = open_detector(settings)
    shown = picture or STREET
    if not shown.is_file():
        raise ConfigError("--picture: there is no such file", path=shown)
    pixels = decode_for_look(shown.read_bytes())
    times_ms = []
    for _ in range(TRIES):
        began = perf_counter()
        found = detector.detect(pixels)
        times_ms.append(round((perf_counter() - began) * 1e3, 1))
    words = detector.words
    return Checked(
        model=detector.model,
        sha256=detector.model_sha256,
        engine=engine,
        input=f"{detector.input_size[0]}×{detector.input_size[1]}",
        output=read_network(path).output.value if engine == "openvino" else "Ultralytics' own",
        words=spoken_of(words),
        hides_people=PERSON in words.values(),
        ignored=ignored(words),
        picture=str(shown),
        best_ms=min(times_ms),
        median_ms=sorted(times_ms)[TRIES // 2],
        found=tuple(
            Seen(label=thing.label, score=round(thing.score, 3), box=thing.box, spoken_of=thing.label in FAMILIES)
            for thing in found
        ),
    )


def _weights(name: str, path: Path, *, in_use: bool) -> Listed:
    """Only Ultralytics can say more of its weights, and it takes seconds to load."""
    there = path.is_file()
    return Listed(
        name=name,
        path=str(path),
        engine="ultralytics",
        in_use=in_use,
        size_bytes=path.stat().st_size if there else 0,
        sha256=sha256_of((path,)) if there else None,
        problem=None if there else "there is no such file",
    )
