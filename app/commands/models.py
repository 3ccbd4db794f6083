"""`longcheng models …`: which models there are, whether one can be used, and making one that can."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from app.called import command
from app.commands.which_site import SiteName, the_site
from config.schema import Vision
from domain.errors import ConfigError

cli = typer.Typer(no_args_is_help=True)
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="A shipped model's name, or a path.")]


@cli.command("list")
def list_command(site: SiteName = "", as_json: AsJson = False) -> None:
    """The shipped models and, with a site, the one it uses: what each sees, and whether it can be read."""
    from app.commands.models_facts import listed
    from app.commands.models_view import list_table
    from vision.detectors import SHIPPED_DETECTORS, find_model

    settings = the_site(site).settings.vision if site else Vision()
    used = settings.model
    if used is None or used.exists() or str(used) in SHIPPED_DETECTORS:
        used = find_model(used)
    wanted = dict(SHIPPED_DETECTORS)
    if used not in wanted.values():
        wanted[used.name] = used
    rows = [
        listed(name, path, settings if path == used else Vision(), in_use=path == used) for name, path in wanted.items()
    ]
    if as_json:
        out.print_json(msgspec.json.encode({"models": rows}).decode(), indent=None)
    else:
        out.print(list_table(rows))


@cli.command()
def check(
    model: ModelName,
    picture: Annotated[Path | None, typer.Option(help="A JPEG or PNG to try it on; default: a shipped street.")] = None,
    device: Annotated[str, typer.Option(help="For Ultralytics' weights: cpu, or cuda:0.")] = "",
    site: SiteName = "",
    as_json: AsJson = False,
) -> None:
    """Load a model as `watch` would, say what it sees, and try it on a picture.

    With a site, its `vision.classes` are used. Exits with 2 and the reason for what cannot be used.
    """
    from app.commands.models_facts import checked
    from app.commands.models_view import check_table
    from vision.detectors import find_model

    settings = the_site(site).settings.vision if site else Vision()
    if device:
        settings = settings.model_copy(update={"device": device})
    found = checked(find_model(Path(model)), settings, picture)
    if as_json:
        out.print_json(msgspec.json.encode(found).decode(), indent=None)
    else:
        for part in check_table(found):
            out.print(part)


@cli.command()
def export(
    model: ModelName,
    *,
    to_format: Annotated[str, typer.Option("--format", help="onnx or openvino.")] = "onnx",
    int8: Annotated[bool, typer.Option("--int8", help="8 bits: always OpenVINO; wants --calibrate.")] = False,
    calibrate: Annotated[
        Path | None, typer.Option(help="A folder of JPEGs and PNGs of your own cameras, by day and by night.")
    ] = None,
    size: Annotated[int, typer.Option(help="Side of the picture the model will take.", min=32, max=4096)] = 640,
    folder: Annotated[Path | None, typer.Option("--to", help="Where to write; default: beside the model.")] = None,
) -> None:
    """Make a model that runs on a CPU without Ultralytics: from .pt to ONNX or OpenVINO, from any to 8 bits."""
    from app.commands.models_making import exported, in_8_bits, pictures_in
    from vision.detectors import engine_of, find_model

    path = find_model(Path(model))
    target = folder or path.parent
    target.mkdir(parents=True, exist_ok=True)
    if to_format not in {"onnx", "openvino"}:
        raise ConfigError(f"--format is {to_format!r}; there is onnx and openvino")
    if int8 and calibrate is None:
        raise ConfigError("8 bits are measured on pictures: say --calibrate FOLDER")
    if not int8 and engine_of(path) != "ultralytics":
        raise ConfigError(
            "this model is exported already; with --int8 --calibrate FOLDER it is put into 8 bits", path=path
        )
    if int8 and calibrate is not None:
        made = in_8_bits(path, pictures_in(calibrate), target, size=size)
    else:
        made = exported(path, to_format, target, size=size)
    out.print(f"written: {made}", soft_wrap=True, highlight=False)
    out.print(f"try it:  {command(f'models check {made}')}", soft_wrap=True, highlight=False)
