"""Somebody at a browser: sees what a screen reader says, clicks with a mouse, presses keys, waits for what comes."""

import asyncio
import contextlib
from typing import Any

from tests.fakes.chromium import PageLeft, Tab

PATIENCE_S = 60.0
_CODES = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39}
_CODES |= {"ArrowDown": 40, "Delete": 46, "Backspace": 8, "Home": 36, "End": 35}
_SHIFT = 8


class Person:
    """At one tab. Things are found by their role and what they are called, exactly or by a part of it."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    async def until(self, condition: str, *, within_s: float = PATIENCE_S) -> None:
        """Wait until a JavaScript expression is true, over changes of the page, too."""
        watched = f"""new Promise(done => {{
            const look = () => {{ let is = false; try {{ is = {condition}; }} catch {{}}
                is ? done(true) : requestAnimationFrame(look); }};
            look();
        }})"""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    with contextlib.suppress(PageLeft):
                        await self.tab.run(watched)
                        return
        except TimeoutError:
            seen = await self.tab.run("location.href + '\\n' + document.body.innerText.slice(0, 3000)")
            raise AssertionError(f"not so after {within_s:g} s: {condition}\n{seen}") from None

    async def at(self, path: str) -> None:
        """Wait until a page is there."""
        await self.until(f"location.pathname === '{path}' && document.readyState === 'complete'")

    async def is_live(self) -> None:
        """Wait until the page keeps itself up to date."""
        await self.until("document.getElementById('live').classList.contains('on')")

    async def reads(self, text: str) -> None:
        """Wait until a text stands on the page."""
        await self.until(f"document.body.innerText.includes({text!r})")

    async def names(self, role: str) -> list[str]:
        """What everything of a role is called."""
        return [node["name"]["value"] for node in await self._nodes(role)]

    async def click(self, name: str, role: str = "button") -> None:
        """In the middle of it, once it is there."""
        x, y = await self.where(name, role)
        await self.click_at(x, y)

    async def click_at(self, x: float, y: float) -> None:
        """With the left button."""
        for what in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self._mouse(what, x, y)

    async def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press at one place, let go at another."""
        await self._mouse("mouseMoved", *start)
        await self._mouse("mousePressed", *start)
        await self._mouse("mouseMoved", *end)
        await self._mouse("mouseReleased", *end)

    async def fill(self, name: str, text: str, role: str = "textbox") -> None:
        """A field, in place of what it says."""
        await self.click(name, role)
        await self.tab.run("document.activeElement.select?.()")
        await self.type(text)

    async def type(self, text: str) -> None:
        """Where the focus is."""
        await self.tab.call("Input.insertText", text=text)

    async def press(self, key: str, *, shift: bool = False) -> None:
        """A key, down and up: `Tab`, `Enter`, `Escape`, an arrow or a letter."""
        letter = len(key) == 1
        code = f"Key{key.upper()}" if letter and key.isalpha() else {" ": "Space"}.get(key, key)
        number = _CODES.get(key, ord(key.upper()) if letter else 0)
        text = {"Enter": "\r"}.get(key, key if letter else "")
        facts: dict[str, Any] = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        facts["modifiers"] = _SHIFT if shift else 0
        await self.tab.call(
            "Input.dispatchKeyEvent",
            type="keyDown" if text else "rawKeyDown",
            **facts,
            **({"text": text} if text else {}),
        )
        await self.tab.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    async def where(self, name: str, role: str) -> tuple[float, float]:
        """The middle of something on the screen, scrolled to, once it is there."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (quad := await self._drawn(name, role)):
                    await self._next_change()
        except TimeoutError:
            names = await self.names(role)
            raise AssertionError(f"there is no {role} called {name!r} to be seen; there are {names}") from None
        return sum(quad[0::2]) / 4, sum(quad[1::2]) / 4

    async def _drawn(self, name: str, role: str) -> list[float]:
        """The corners of the first of this name; none where there is none, or where it has just been drawn anew."""
        found = await self._named(name, role)
        if not found:
            return []
        node = found[0]["backendDOMNodeId"]
        await self.tab.call("DOM.scrollIntoViewIfNeeded", backendNodeId=node)
        quads = (await self.tab.call("DOM.getContentQuads", backendNodeId=node)).get("quads", [])
        return list(quads[0]) if quads else []

    async def _next_change(self) -> None:
        """Whatever changes in the page, or a frame later where nothing does."""
        with contextlib.suppress(PageLeft):
            await self.tab.run("""new Promise(done => {
                const eye = new MutationObserver(() => { eye.disconnect(); done(); });
                eye.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
                setTimeout(() => { eye.disconnect(); done(); }, 250);
            })""")

    async def _named(self, name: str, role: str) -> list[Any]:
        nodes = await self._nodes(role)
        same = [node for node in nodes if node["name"]["value"] == name]
        return same or [node for node in nodes if name in node["name"]["value"]]

    async def _nodes(self, role: str) -> list[Any]:
        root = (await self.tab.call("DOM.getDocument", depth=0)).get("root")
        if root is None:
            return []
        found = await self.tab.call("Accessibility.queryAXTree", nodeId=root["nodeId"], role=role)
        return [node for node in found.get("nodes", []) if not node["ignored"] and "value" in node.get("name", {})]

    async def _mouse(self, what: str, x: float, y: float) -> None:
        button = {"button": "none", "buttons": 0} if what == "mouseMoved" else {"button": "left", "clickCount": 1}
        await self.tab.call("Input.dispatchMouseEvent", type=what, x=x, y=y, **button)
