"""What axe finds wrong with a page, for those who hear it or have to see it another way."""

from importlib.resources import files
from typing import Final

from tests.fakes.chromium import Tab

_AXE: Final = files("axe_core_python") / "axe.min.js"
_RUN: Final = """axe.run(%s, { resultTypes: ["violations"] }).then(found => found.violations
    .filter(one => one.impact === "serious" || one.impact === "critical")
    .flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary}`)))"""


async def grave(tab: Tab, within: str = "document") -> list[str]:
    """Its violations of serious or critical impact, one line each."""
    if not await tab.run("typeof axe === 'object'"):
        await tab.run(_AXE.read_text(encoding="utf-8") + "; 0")
    return list(await tab.run(_RUN % within))
