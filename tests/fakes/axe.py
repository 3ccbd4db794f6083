"""What axe finds wrong with a page, for those who hear it or have to see it another way."""

from importlib.resources import files
from typing import Final

from tests.fakes.chromium import Tab

_AXE: Final = files("axe_core_python") / "axe.min.js"
_RUN: Final = """axe.run(%s, { resultTypes: ["violations"]%s }).then(found => found.violations
    .filter(one => one.impact === "serious" || one.impact === "critical")
    .flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary}`)))"""
_DIALOGS: Final = """(async () => {
    const found = [];
    for (const [number, one] of document.querySelectorAll("dialog").entries()) {
        if (one.open) continue;
        one.showModal();
        found.push(...(await RUN).map(line => `dialog ${number}: ${line}`));
        one.close();
    }
    return found;
})()""".replace("RUN", _RUN % ("one", ""))
_CONTRAST: Final = ', runOnly: ["color-contrast"]'


async def grave(tab: Tab) -> list[str]:
    """Violations of serious or critical impact, of the page and of each of its dialogs, one line each."""
    await _load(tab)
    return [*(await tab.run(_RUN % ("document", ""))), *(await tab.run(_DIALOGS))]


async def unreadable(tab: Tab) -> list[str]:
    """Texts of the page that stand out too little from what they are on."""
    await _load(tab)
    return list(await tab.run(_RUN % ("document", _CONTRAST)))


async def _load(tab: Tab) -> None:
    if not await tab.run("typeof axe === 'object'"):
        await tab.run(_AXE.read_text(encoding="utf-8") + "; 0")
