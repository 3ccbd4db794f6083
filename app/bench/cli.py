"""The commands of `longcheng bench`."""

import asyncio
from pathlib import Path
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


@cli.command()
def ingest(
    *,
    messages: Annotated[int, typer.Option(help="How many messages, as fast as they go.", min=100)] = 200_000,
    devices: Annotated[int, typer.Option(help="How many charging stations send them.", min=1, max=99_999)] = 5000,
    ports: Annotated[int, typer.Option(help="How many sockets each station has.", min=1, max=99)] = 2,
    seconds: Annotated[float, typer.Option(help="Then 2,000 messages/s with alarms; 0: left out.", min=0)] = 20,
    peers: Annotated[bool, typer.Option(help="Measure what people write instead, too.")] = True,
    peer_messages: Annotated[int | None, typer.Option(help="For each peer; default: as many.", min=100)] = None,
    data: Annotated[Path | None, typer.Option(help="Measure the disk this folder is on; default: TMPDIR.")] = None,
    as_json: AsJson = False,
) -> None:
    """Broker, product and store under load: what is lost, how fast, how soon an alarm shows. Needs mosquitto."""
    from app.bench.figures import Asked
    from app.bench.ingest import bench_ingest
    from app.bench.report import Bars, report

    asked = Asked(
        messages=messages, devices=devices, ports=ports, latency_s=seconds, peers=peers, peer_messages=peer_messages
    )
    with Bars() as bars:
        figures = asyncio.run(bench_ingest(asked, bars.tell, data))
    if as_json:
        _show("ingest", figures, as_json=True)
    else:
        report(figures, out)


@cli.command()
def console(
    *,
    people: Annotated[int, typer.Option(help="How many people have a live page open and click.", min=1)] = 50,
    rate: Annotated[float, typer.Option(help="Messages a second that come in meanwhile.", min=1)] = 5000,
    seconds: Annotated[float, typer.Option(help="How long each of the two phases lasts.", min=2, max=30)] = 20,
    devices: Annotated[int, typer.Option(help="How many charging stations send them.", min=1, max=99_999)] = 5000,
    data: Annotated[Path | None, typer.Option(help="Measure the disk this folder is on; default: TMPDIR.")] = None,
    as_json: AsJson = False,
) -> None:
    """People at the console while messages come in: how long answers take, how soon an alarm is on their page, what is
    lost; beside it the same people with nothing coming in. Needs mosquitto."""
    from app.bench.console import Asked, bench_console
    from app.bench.report import Bars

    asked = Asked(people=people, rate=rate, seconds=seconds, devices=devices)
    with Bars() as bars:
        figures = asyncio.run(bench_console(asked, bars.tell, data))
    _show("console", figures, as_json=as_json)


@cli.command()
def lists(
    *,
    cases: Annotated[int, typer.Option(help="How many cases, a tenth of them open.", min=200)] = 100_000,
    url: Annotated[str, typer.Option(help="An empty PostgreSQL database to fill; default: SQLite in TMPDIR.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every long list of the case store: how long a page takes, the first and one deep in it, chosen, for a keeper."""
    from app.bench.lists import bench_lists

    figures = bench_lists(cases, url)
    if as_json:
        _show("lists", figures, as_json=True)
        return
    title = f"{figures.store}: {figures.cases} cases, {figures.open_cases} open; p95 of a page of 50, ms"
    table = Table("list", "items", "first page", "deep page", title=title, title_justify="left")
    for one in figures.lists:
        table.add_row(one.name, str(one.n or "-"), f"{one.first_ms}", "-" if one.deep_ms is None else f"{one.deep_ms}")
    out.print(table)


@cli.command()
def pages(
    *,
    cases: Annotated[int, typer.Option(help="How many cases, a tenth of them open.", min=200)] = 100_000,
    rounds: Annotated[int, typer.Option(help="How often each view is opened, cold and warm.", min=1)] = 5,
    data: Annotated[Path | None, typer.Option(help="Measure the disk this folder is on; default: TMPDIR.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every view of the console in a city of 671 cameras: its first answer, a browser that has never been here, and
    one that has. Needs mosquitto; without Chromium only what the server takes is measured."""
    from app.bench.pages import bench_pages
    from app.bench.pages_report import report
    from app.bench.report import Bars

    with Bars() as bars:
        figures = asyncio.run(bench_pages(cases, rounds, bars.tell, data))
    if as_json:
        _show("pages", figures, as_json=True)
    else:
        report(figures, out)


@cli.command()
def vision(
    *,
    cameras: Annotated[int, typer.Option(help="How many cameras.", min=2, max=60_000)] = 671,
    sweeps: Annotated[int, typer.Option(help="How often all are looked at with every frame inferred.", min=2)] = 10,
    dead: Annotated[int, typer.Option(help="How many accept and say nothing, in the sweeps with dead hosts.")] = 34,
    streams: Annotated[int, typer.Option(help="RTSP streams beside OpenCV's; 0: left out.", min=0)] = 8,
    peers: Annotated[bool, typer.Option(help="Measure what people use instead, too.")] = True,
    model: Annotated[str, typer.Option(help="Another model file; default: the shipped one.")] = "",
    data: Annotated[Path | None, typer.Option(help="Keep the pictures below this folder; default: TMPDIR.")] = None,
    as_json: AsJson = False,
) -> None:
    """A city's cameras on loopback, looked through by the vision worker; and by `ultralytics` and OpenCV beside it.

    Needs mosquitto; for the others `longcheng[ultralytics]`, ffmpeg and GStreamer's RTSP server.
    """
    from app.bench.report import Bars
    from app.bench.vision.figures import Asked
    from app.bench.vision.report import report
    from app.bench.vision.run import bench_vision

    asked = Asked(cameras=cameras, sweeps=sweeps, dead=dead, streams=streams, peers=peers, model=model)
    with Bars() as bars:
        figures = asyncio.run(bench_vision(asked, bars.tell, data))
    if as_json:
        _show("vision", figures, as_json=True)
    else:
        report(figures, out)


@cli.command()
def rules(
    *,
    trees: Annotated[int, typer.Option(help="How many heritage trees.", min=1)] = 339,
    stations: Annotated[int, typer.Option(help="How many charging stations.", min=1, max=999)] = 400,
    ports: Annotated[int, typer.Option(help="How many sockets each station has.", min=1, max=99)] = 10,
    cameras: Annotated[int, typer.Option(help="How many cameras.", min=1)] = 671,
    minutes: Annotated[float, typer.Option(help="How much of their traffic is judged.", min=1)] = 10,
    replay_days: Annotated[float, typer.Option(help="How much history is replayed.", min=0.1)] = 0.5,
    peers: Annotated[bool, typer.Option(help="Measure what people write instead, too.")] = True,
    data: Annotated[Path | None, typer.Option(help="Measure the disk this folder is on; default: TMPDIR.")] = None,
    as_json: AsJson = False,
) -> None:
    """The shipped rules over a city's traffic, on one core: evaluations a second, memory, commits, replay.

    An evaluation is one value heard by one rule about one device or port. Beside it the thresholds alone, as people
    write them by hand and in CEL: `cel-python` (needs `longcheng[dev]`) and `cel-expr-python`.
    """
    from app.bench.report import Bars
    from app.bench.rules import Asked, bench_rules
    from app.bench.rules_report import report

    asked = Asked(
        trees=trees,
        stations=stations,
        ports=ports,
        cameras=cameras,
        minutes=minutes,
        replay_days=replay_days,
        peers=peers,
    )
    with Bars() as bars:
        figures = bench_rules(asked, bars.tell, data)
    if as_json:
        _show("rules", figures, as_json=True)
    else:
        report(figures, out)


def _show(title: str, figures: msgspec.Struct, *, as_json: bool) -> None:
    if as_json:
        out.print_json(msgspec.json.encode(figures).decode(), indent=None)
        return
    table = Table(title=title, show_header=False, title_justify="left")
    for name, value in msgspec.to_builtins(figures).items():
        for row, figure in value.items() if isinstance(value, dict) else (("", value),):
            table.add_row(name, row, str(figure))
    out.print(table)
