"""The peers, each in a process of its own, one after the other."""

import sys
from pathlib import Path

import msgspec

from app.bench.rig import Part, running
from app.bench.vision.figures import Asked, PeerFigures, Progress
from app.bench.vision.peers import PEERS, SAME_WEIGHTS, missing
from vision.detectors import SHIPPED

WITHIN_S = 900.0


async def measure_peers(asked: Asked, folder: Path, port: int, tell: Progress) -> tuple[list[PeerFigures], list[str]]:
    """Those with the product's own file; and what is not installed."""
    if not asked.peers:
        return [], []
    without = {name: wanted for name in PEERS if (wanted := missing(name))}
    measured = []
    for name in (name for name in SAME_WEIGHTS if name not in without):
        tell(name, 0, 1)
        measured.append(await measure_peer(name, asked.model or str(SHIPPED), folder, port, asked.cameras))
        tell(name, 1, 1)
    return measured, [f"{name}: {wanted}" for name, wanted in without.items()]


async def measure_peer(name: str, model: str, folder: Path, port: int, cameras: int) -> PeerFigures:
    """One of them, through all cameras."""
    command = (sys.executable, "-m", "app.bench.vision.peers", name, model, str(port), str(cameras))
    async with running(await Part.start("peer", folder, *command)) as part:
        return msgspec.json.decode(await line_with(part, "{"), type=PeerFigures)


async def line_with(part: Part, beginning: str) -> str:
    """Its next line that begins so: libraries may print before it."""
    while not (line := await part.line(WITHIN_S)).startswith(beginning):
        pass
    return line
