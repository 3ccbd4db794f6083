"""A model of the size people bring: the product, and then `ultralytics predict`, with the same weights."""

import statistics
import sys
from pathlib import Path

import msgspec

from app.bench.rig import BenchError, Part, mosquitto, running
from app.bench.vision.figures import Asked, BroughtFigures, Progress
from app.bench.vision.peers import BROUGHT, missing
from app.bench.vision.predicting import WITHIN_S, line_with, measure_peer
from app.bench.vision.product import Order, Swept
from app.bench.vision.site import make_site

_TITLE = "yolo11n"
_WARM_UPS = 1
_SWEEPS = 3
_TIMEOUT_S = 10


async def measure(asked: Asked, folder: Path, port: int, tell: Progress) -> BroughtFigures | None:
    """Both, of all cameras; None without peers, or without the extra that makes the weights."""
    if not asked.peers or missing(BROUGHT):
        return None
    tell(f"{_TITLE}: weights", 0, 1)
    made = folder / _TITLE
    made.mkdir()
    async with running(
        await Part.start("weights", made, sys.executable, "-m", "app.bench.vision.weights", str(made))
    ) as part:
        await line_with(part, "ready")
    tell(f"{_TITLE}: weights", 1, 1)
    swept = (await _sweeps(asked, made, port, tell))[_WARM_UPS:]
    tell(BROUGHT, 0, 1)
    peer = await measure_peer(BROUGHT, str(made / "yolo11n.pt"), made, port, asked.cameras)
    tell(BROUGHT, 1, 1)
    looks_per_s = asked.cameras / statistics.median(each.seconds for each in swept)
    return BroughtFigures(
        looks_per_s=round(looks_per_s, 1),
        peer_looks_per_s=peer.looks_per_s,
        ratio=round(looks_per_s / peer.looks_per_s, 2),
        sweeps_s=[round(each.seconds, 2) for each in swept],
        cpu_ms_per_look=round(statistics.mean(each.cpu_s for each in swept) / asked.cameras * 1000, 1),
        peer_cpu_ms_per_look=peer.cpu_ms_per_look,
        peak_rss_mb=round(swept[-1].peak_rss_mb),
        peer_peak_rss_mb=peer.peak_rss_mb,
    )


async def _sweeps(asked: Asked, made: Path, port: int, tell: Progress) -> list[Swept]:
    """The worker with the exported weights, every frame inferred. Raises BenchError if a look fails."""
    (made / "broker").mkdir()
    async with mosquitto(made / "broker") as (_, broker_port):
        site = make_site(
            made / "site",
            broker_port=broker_port,
            camera_port=port,
            cameras=asked.cameras,
            timeout_s=_TIMEOUT_S,
            model=str(made / "yolo11n.onnx"),
        )
        command = (sys.executable, "-m", "app.bench.vision.product", str(site))
        async with running(await Part.start("watch", made, *command)) as product:
            await product.line()
            swept = []
            for done in range(_WARM_UPS + _SWEEPS):
                tell(_TITLE, done, _WARM_UPS + _SWEEPS)
                await product.say(msgspec.json.encode(Order(infer_all=True)))
                swept.append(msgspec.json.decode(await product.line(WITHIN_S), type=Swept))
                if swept[-1].stats.faults:
                    raise BenchError(f"{swept[-1].stats.faults} looks failed\n{product.tail()}")
            tell(_TITLE, len(swept), len(swept))
    return swept
