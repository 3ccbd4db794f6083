"""The commands of `longcheng bench`."""

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

cli = typer.Typer(no_args_is_help=True)
out = Console()

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on the last line of standard output.")]


@cli.command()
def demo(
    minutes: Annotated[float, typer.Option(help="How long the demo runs.", min=0.2)] = 2, as_json: AsJson = False
) -> None:
    """The whole demo: time to its page, processor time, memory of all its processes."""
    from app.bench.demo import bench_demo

    _show("the whole demo", asyncio.run(bench_demo(minutes)), as_json=as_json)


def _show(title: str, figures: msgspec.Struct, *, as_json: bool) -> None:
    if as_json:
        out.print_json(msgspec.json.encode(figures).decode(), indent=None)
        return
    table = Table(title=title, show_header=False, title_justify="left")
    for name, value in msgspec.to_builtins(figures).items():
        rows = value.items() if isinstance(value, dict) else ((name, value),)
        for row, figure in rows:
            table.add_row(row, str(figure))
    out.print(table)
