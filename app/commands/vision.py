"""The commands of `longcheng vision`: how well a model sees, and how well what has no class is found."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from config.load import Site, load_site
from rules.files import load_rules
from rules.kinds.presence import Presence
from vision.classes import LEFT_OBJECT
from vision.evaluation.verdicts import Question

cli = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
out = Console()
err = Console(stderr=True)


@cli.callback()
def options() -> None:
    """How well a model sees."""


@cli.command("eval")
def eval_command(
    *,
    folder: Annotated[Path, typer.Argument(help="Pictures with YOLO labels: images/ and labels/, or side by side.")],
    model: Annotated[
        Path | None, typer.Option(help="A shipped model's name, or a model file; default: the site's.")
    ] = None,
    iou: Annotated[float, typer.Option(min=0.05, max=0.95, help="From which overlap on a box is right.")] = 0.5,
    min_score: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="From which score on a thing counts; default: the site's.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Write each picture with what is there and what was found drawn on it here.")
    ] = None,
    site: Annotated[
        str,
        typer.Option("--site", envvar="LONGCHENG_SITE", help="Whose model, class map, working score and rules."),
    ] = "demo",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on the last line of standard output.")
    ] = False,
) -> None:
    """Measure a model on labelled pictures: boxes for each class, and verdicts for each matter.

    A label file has a line for each box: `class x y width height`, the middle and the size in shares of the picture.
    Classes are named by `classes.txt`, a line each, or `data.yaml`. With a `zones.csv`, written as a site's, it is also
    counted how often each rule would rightly call a zone taken or clear; a zone is for every picture whose name begins
    with its `camera_id`.
    """
    from app.commands import vision_view as view
    from vision.detectors import engine_of, find_model, open_detector
    from vision.detectors.network import read_network
    from vision.evaluation.evaluate import Terms, ask, report
    from vision.evaluation.labels import read_set
    from vision.evaluation.sheet import draw_sheets

    found = load_site(site)
    settings = found.settings.vision
    settings = settings.model_copy(update={"model": model or settings.model})
    labelled = read_set(folder, settings.classes)
    path = find_model(settings.model)
    known = None
    if engine_of(path, settings.engine) == "openvino":
        known = {settings.classes.get(name, name) for name in read_network(path).names}
    detector = open_detector(settings)
    terms = Terms(min_score=settings.min_score if min_score is None else min_score, iou=iou)
    with _progress() as shown:
        task = shown.add_task("looking", total=len(labelled.pictures))
        answers = []
        for answer in ask(labelled, detector):
            answers.append(answer)
            shown.advance(task)
        for _ in draw_sheets(answers, terms, sheet) if sheet else ():
            shown.update(task, description="drawing")
    done = report(labelled, answers, detector, terms, questions=questions(found), known=known)
    if as_json:
        out.print_json(msgspec.json.encode(done).decode(), indent=None)
        return
    for table in view.tables(done):
        out.print(table)
    for remark in view.remarks(done, sheet):
        out.print(Text(remark), soft_wrap=True)


@cli.command()
def sequences(
    *,
    number: Annotated[int, typer.Option(min=1, help="How many sequences; 208 take some minutes.")] = 208,
    seed: Annotated[int, typer.Option(help="Other sequences of the same stories.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object on the last line of standard output.")
    ] = False,
) -> None:
    """Measure how well things of no known class are found: made sequences over real pictures, with goods and without.

    Each is a story at a rate of looks: goods are put there and taken away, people queue, lamps go on, it rains. The
    goods are pasted in, so the figures are no promise for a street; they say what the method does with each story.
    """
    from app.bench.leftover_score import Score, evaluate, table

    with _progress() as shown:
        task = shown.add_task("playing", total=number)
        scores = evaluate(number, seed=seed, told=lambda _: shown.advance(task))
    if as_json:
        whole = Score(story="all")
        for score in scores:
            whole.add(score)
        stories = [
            {"story": one.story, "found": one.found, "missed": one.missed, "false": one.false}
            | {"precision": one.precision, "recall": one.recall}
            for one in (*scores, whole)
        ]
        out.print_json(data={"sequences": number, "seed": seed, "stories": stories}, indent=None)
        return
    out.print(Markdown(table(scores)))


def questions(site: Site) -> list[Question]:
    """What the site's rules ask of zones. Things of no class are found over time, so no single picture shows them."""
    return [
        Question(
            name=f"{rule.id} {rule.spec.case.matter}" if rule.spec.case and rule.spec.case.matter else rule.id,
            classes=frozenset(rule.spec.classes) - {LEFT_OBJECT},
            roles=frozenset(rule.spec.zone_roles),
        )
        for rule in load_rules(site.rule_files, site)
        if isinstance(rule.spec, Presence) and set(rule.spec.classes) != {LEFT_OBJECT}
    ]


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)
