"""How `longcheng vision` shows what it measured."""

from collections.abc import Iterator
from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from vision.detectors.outputs import LEAST_SCORE
from vision.evaluation.evaluate import Report


def tables(done: Report) -> Iterator[Table]:
    """Boxes for each class, and verdicts for each matter if there are zones."""
    title = f"{done.model} on {done.folder}: {done.pictures} pictures, {done.boxes} boxes"
    boxes = _table(title, "class", "boxes", "found", "right", "prec.", "recall", "F1", "AP50", "AP50–95")
    for one in done.classes:
        values = (one.precision, one.recall, one.f1, one.ap50, one.ap50_95)
        boxes.add_row(Text(one.label), *map(str, (one.truths, one.found, one.right)), *map(_share, values))
    if done.classes:
        boxes.add_section()
        boxes.add_row("mean", *[""] * 6, _share(done.mean_ap50), _share(done.mean_ap50_95))
    yield boxes
    if not done.matters:
        return
    zones = _table("zones, picture by picture", "rule", "taken", "false", "missed", "clear", "prec.", "recall")
    for verdicts in done.matters:
        counts = (verdicts.taken, verdicts.false, verdicts.missed, verdicts.clear)
        zones.add_row(Text(verdicts.name), *map(str, counts), *map(_share, (verdicts.precision, verdicts.recall)))
    yield zones


def remarks(done: Report, sheet: Path | None) -> Iterator[str]:
    """What has to be known to read the tables, and what was odd."""
    yield (
        f"found, right: with a score of at least {done.min_score:g} and an overlap of at least {done.iou:g}; "
        f"AP: over all scores from {LEAST_SCORE:g} on"
    )
    yield from (f"note: {remark}" for remark in done.remarks)
    if done.matters:
        yield "taken, clear: rightly said to be so; false: said to be taken and clear; missed: the other way round"
    if sheet:
        yield f"sheets: {sheet}: found in green, missed in orange, found where nothing is in red; people are not hidden"


def _table(title: str, name: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE)
    table.add_column(name)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
