"""A model's answers to a labelled set, and the figures that come of them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from msgspec import Struct

from domain.errors import ConfigError, SourceError
from domain.register import Zone
from vision.detecting import Detector
from vision.evaluation.labels import Labelled, LabelledSet
from vision.evaluation.precision import Figures, Pair, Scored, figures
from vision.evaluation.verdicts import Question, Thing, Verdicts, answered
from vision.memory import Detection
from vision.picture import decode_for_look


class Terms(Struct, frozen=True, kw_only=True):
    """The working point: from which score a thing is reported, and how well its box must fit."""

    min_score: float
    iou: float


class Answer(Struct, frozen=True, kw_only=True):
    """One picture and everything that the model found in it."""

    picture: Labelled
    found: tuple[Detection, ...]


class Report(Struct, frozen=True, kw_only=True):
    """The figures of one model on one set."""

    model: str
    model_sha256: str
    folder: str
    pictures: int
    boxes: int
    min_score: float
    iou: float
    classes: tuple[Figures, ...]
    """Of every class that is labelled, the most frequent first."""
    mean_ap50: float | None
    mean_ap50_95: float | None
    matters: tuple[Verdicts, ...]
    remarks: tuple[str, ...]


def ask(labelled: LabelledSet, detector: Detector) -> Iterator[Answer]:
    """Show the model each picture as a look would. Raises ConfigError for a file that is no picture."""
    for picture in labelled.pictures:
        try:
            pixels = decode_for_look(picture.path.read_bytes())
        except SourceError as wrong:
            raise ConfigError(f"this is no picture that can be looked at: {wrong}", path=picture.path) from None
        yield Answer(picture=picture, found=detector.detect(pixels))


def report(
    labelled: LabelledSet,
    answers: Sequence[Answer],
    detector: Detector,
    terms: Terms,
    *,
    questions: Sequence[Question] = (),
    known: Collection[str] | None = None,
) -> Report:
    """The figures. `known` are the classes that the model can find at all, if that can be told."""
    counts = Counter(truth.label for answer in answers for truth in answer.picture.truths)
    of_classes = tuple(
        figures(label, [_pair(answer, label) for answer in answers], min_score=terms.min_score, iou=terms.iou)
        for label, _ in counts.most_common()
    )
    named = {*counts, *(thing.label for answer in answers for thing in answer.found)}
    zoned = [_zoned(answer, terms.min_score) for answer in answers if answer.picture.zones]
    return Report(
        model=detector.model,
        model_sha256=detector.model_sha256,
        folder=str(labelled.folder),
        pictures=len(answers),
        boxes=sum(counts.values()),
        min_score=terms.min_score,
        iou=terms.iou,
        classes=of_classes,
        mean_ap50=_mean(of_classes, lambda one: one.ap50),
        mean_ap50_95=_mean(of_classes, lambda one: one.ap50_95),
        matters=tuple(
            verdicts for one in questions if one.classes & named and (verdicts := answered(one, zoned)) is not None
        ),
        remarks=(*labelled.remarks, *_unknown(counts, known)),
    )


def _pair(answer: Answer, label: str) -> Pair:
    return Pair(
        truths=tuple(truth.box for truth in answer.picture.truths if truth.label == label),
        found=tuple(Scored(box=thing.box, score=thing.score) for thing in answer.found if thing.label == label),
    )


def _zoned(answer: Answer, min_score: float) -> tuple[tuple[Zone, ...], list[Thing], list[Thing]]:
    return (
        answer.picture.zones,
        [(truth.label, truth.box) for truth in answer.picture.truths],
        [(thing.label, thing.box) for thing in answer.found if thing.score >= min_score],
    )


def _mean(of_classes: Sequence[Figures], value: Callable[[Figures], float | None]) -> float | None:
    values = [found for one in of_classes if (found := value(one)) is not None]
    return sum(values) / len(values) if values else None


def _unknown(counts: Counter[str], known: Collection[str] | None) -> Iterator[str]:
    for label in counts:
        if known is not None and label not in known:
            yield f"the model has no class {label!r} ({counts[label]} boxes): it finds none, or calls them otherwise"
