"""Templates filled: a page is a frame around named fragments, and the live stream sends the same fragments again."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from config.load import Site
from console.access.caller import Caller
from console.desk.city import Desk
from console.pages.live_views import LIVE
from console.pages.looking import Looking, View
from console.pages.rail import stops
from console.seat import Seat
from console.words import Words
from domain.clock import Clock

FOLDER = Path(__file__).parent.parent


class Rendered(Struct, frozen=True, kw_only=True):
    """The changing parts of a page, by the id of the element each fills."""

    title: str
    as_of: str
    as_of_exact: str
    fragments: dict[str, str]


class Pages:
    """All pages of a site. Every method blocks: call it in a thread."""

    def __init__(self, desk: Desk, site: Site, clock: Clock) -> None:
        self._site, self._clock = site, clock
        self._everywhere = Seat(desk=desk, site=site)
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        files = sorted(
            path for name in ("templates", "static") for path in (FOLDER / name).rglob("*.*") if path.is_file()
        )
        self.build = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
        """Changes with every template, style or script: a page of another build reloads itself."""

    def render(self, view: View, seat: Seat | None = None) -> Rendered | None:
        """The changing parts of a view from a seat, or from one that sees all; None if what it is about isn't there."""
        words, seat = self.words(view.language), seat or self._everywhere
        live = LIVE[view.name]
        view.as_(live.asks)
        found = live.answer(Looking(view=view, seat=seat, words=words))
        if found is None:
            return None
        title, contexts = found
        by = {"caller": seat.caller, "view": view}
        return Rendered(
            title=title,
            as_of=words.local(words.now_ms).strftime("%H:%M:%S"),
            as_of_exact=words.exact(words.now_ms),
            fragments={
                name: self._fill(f"sections/{name}.html", words, by | facts) for name, facts in contexts.items()
            },
        )

    def page(self, view: View, seat: Seat | None = None) -> str | None:
        """A whole page from a seat, or from one that sees all; None if what it is about isn't there."""
        seat = seat or self._everywhere
        if (rendered := self.render(view, seat)) is None:
            return None
        live = LIVE[view.name]
        fragments = {key: Markup(html) for key, html in rendered.fragments.items()}  # noqa: S704 our own templates
        shown = {"view": view, "rendered": rendered, "fragments": fragments, "here": live.rail}
        return self.fill(live.template, view.language, seat.caller, **shown)

    def seat(self, caller: Caller) -> Seat:
        """Where somebody looks from who sees all."""
        return Seat(desk=self._everywhere.desk, site=self._site, caller=caller)

    def templates(self) -> list[str]:
        """The names of all there are."""
        return self._templates.list_templates()

    def prepare(self, template: str) -> None:
        """Read one, so that its first page does not wait for that."""
        self._templates.get_template(template)

    def error(self, language: str, text: str, caller: Caller | None = None) -> str:
        """A page that says what went wrong."""
        return self.fill("error.html", language, caller, text=text)

    def fill(self, template: str, language: str, caller: Caller | None, **facts: object) -> str:
        """A page without live parts, for whoever asks."""
        return self._fill(template, self.words(language), {"caller": caller, "stops": stops(caller), **facts})

    def words(self, language: str) -> Words:
        """The texts of a language at this moment."""
        return Words(self._site, language, self._clock.now_ms())

    def _fill(self, template: str, words: Words, facts: Mapping[str, object]) -> str:
        city = words.pick(self._site.settings.name.zh, self._site.settings.name.en)
        return self._templates.get_template(template).render(
            w=words,
            city_name=city,
            demo=self._demo(words),
            build=self.build,
            timezone=self._site.timezone.key,
            **{"here": "", **facts},
        )

    def _demo(self, words: Words) -> str:
        """That this city is simulated, and how fast; empty for a real one."""
        settings = self._site.settings
        return words.say("demo", times=f"{settings.compress:g}") if settings.demo else ""
