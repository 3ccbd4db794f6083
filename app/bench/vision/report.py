"""The vision measurement for people."""

from rich.console import Console
from rich.table import Table

from app.bench.vision.figures import BroughtFigures, VisionFigures


def report(figures: VisionFigures, out: Console) -> None:
    """Print the tables."""
    out.print(_sweeps(figures))
    out.print(_rates(figures))
    if figures.yolo11n:
        out.print(_brought(figures.yolo11n))
    if figures.streams:
        out.print(_streams(figures))
    stages = figures.stages_ms
    out.print(
        f"a look, ms by the clock: fetch {stages.fetch:g}, decode {stages.decode:g}, health {stages.health:g}, "
        f"detect {stages.detect:g}, places {stages.places:g}, publish {stages.publish:g}; "
        f"processor {figures.cpu_ms_per_look:g} ms"
    )
    out.print(
        f"1080p JPEG of {figures.picture_bytes / 1000:.0f} kB; {figures.model}; {figures.cores} cores, of which others "
        f"kept {figures.others_cores:g} busy; load average before: {figures.load_average:g}"
    )
    for missing in figures.peers_missing:
        out.print(f"left out: {missing}")


def _sweeps(figures: VisionFigures) -> Table:
    table = Table(title=f"{figures.cameras} cameras, one sweep", title_justify="left", show_header=False)
    table.add_row("every frame inferred", f"{figures.sweep_s:.1f} s")
    table.add_row(f"unchanged views skipped ({figures.skipped_share:.0%})", f"{figures.sweep_gated_s:.1f} s")
    if figures.dead_hosts_ratio is not None:
        with_dead = f"healthy camera's visit with {figures.dead_hosts} dead hosts, p95 over without"
        table.add_row(with_dead, f"{figures.dead_hosts_ratio:.2f} ×")
    table.add_row("memory at its most", f"{figures.peak_rss_mb:.0f} MiB")
    table.add_row(f"memory gained over {len(figures.sweeps_s)} sweeps", f"{figures.rss_growth_mb:+.1f} MiB")
    return table


def _rates(figures: VisionFigures) -> Table:
    table = Table(title="the same pictures, the same weights", title_justify="left")
    for column in ("", "looks/s", "longcheng over it", "processor ms a look", "memory MiB"):
        table.add_column(column, justify="left" if not column else "right")
    ours = (f"{figures.looks_per_s:.1f}", "", f"{figures.cpu_ms_per_look:.1f}", f"{figures.peak_rss_mb:.0f}")
    table.add_row("longcheng", *ours, style="bold")
    for peer in figures.peers:
        rates = (f"{peer.looks_per_s:.1f}", f"{peer.ratio or 0:.2f} ×")
        table.add_row(peer.name, *rates, f"{peer.cpu_ms_per_look:.1f}", f"{peer.peak_rss_mb:.0f}")
    return table


def _brought(figures: BroughtFigures) -> Table:
    table = Table(title="YOLO11n at 640 pixels, random weights", title_justify="left")
    for column in ("", "looks/s", "longcheng over it", "processor ms a look", "memory MiB"):
        table.add_column(column, justify="left" if not column else "right")
    ours = (f"{figures.looks_per_s:.1f}", "", f"{figures.cpu_ms_per_look:.1f}", f"{figures.peak_rss_mb:.0f}")
    table.add_row("longcheng, its ONNX export", *ours, style="bold")
    rates = (f"{figures.peer_looks_per_s:.1f}", f"{figures.ratio:.2f} ×")
    table.add_row(
        "ultralytics predict, .pt", *rates, f"{figures.peer_cpu_ms_per_look:.1f}", f"{figures.peer_peak_rss_mb:.0f}"
    )
    return table


def _streams(figures: VisionFigures) -> Table:
    streams = figures.streams
    assert streams is not None  # noqa: S101 asked before
    table = Table(title=f"RTSP: {streams.video}", title_justify="left", show_header=False)
    table.add_row("OpenCV's VideoCapture, all frames", f"{streams.opencv_cores_per_camera * 100:.1f} % of a core")
    visit = f"a visit a minute, {streams.ours_visit_cpu_ms:.0f} ms of processor each"
    table.add_row(visit, f"{streams.ours_cores_per_camera * 100:.2f} % of a core")
    table.add_row("", f"{streams.ratio:.0f} × less")
    return table
