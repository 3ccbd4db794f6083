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


@cli.command()
def series(
    values: Annotated[int, typer.Option(help="How many field values each store is given.", min=10_000)] = 1_000_000,
    as_json: AsJson = False,
) -> None:
    """The embedded series store beside DuckDB on the same points: writing, reading, size. Needs `longcheng[dev]`."""
    from app.bench.series import bench_series

    _show("series stores", bench_series(values), as_json=as_json)


def _show(title: str, figures: msgspec.Struct, *, as_json: bool) -> None:
    if as_json:
        out.print_json(msgspec.json.encode(figures).decode(), indent=None)
        return
    table = Table(title=title, show_header=False, title_justify="left")
    for name, value in msgspec.to_builtins(figures).items():
        for row, figure in value.items() if isinstance(value, dict) else (("", value),):
            table.add_row(name, row, str(figure))
    out.print(table)
