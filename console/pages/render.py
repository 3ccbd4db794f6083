"""Templates filled: a page is a frame around named fragments, and the live stream sends the same fragments again."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from config.load import Site
from console.city import look
from console.desk import Desk
from console.pages.case import case_context
from console.pages.overview import overview_context
from console.words import Words
from domain.clock import Clock

FOLDER = Path(__file__).parent.parent


class View(Struct, frozen=True, kw_only=True):
    """What a browser looks at: the overview or, with a `case_id`, one case."""

    language: str
    case_id: str | None = None


class Rendered(Struct, frozen=True, kw_only=True):
    """The changing parts of a page, by the id of the element each fills."""

    title: str
    as_of: str
    as_of_exact: str
    fragments: dict[str, str]


class Pages:
    """All pages of a site. Every method blocks: call it in a thread."""

    def __init__(self, desk: Desk, site: Site, clock: Clock) -> None:
        self._desk, self._site, self._clock = desk, site, clock
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        files = sorted(path for name in ("templates", "static") for path in (FOLDER / name).rglob("*.*"))
        self.build = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
        """Changes with every template, style or script: a page of another build reloads itself."""

    def render(self, view: View) -> Rendered | None:
        """The changing parts of a view; None if there is no such case."""
        words = self.words(view.language)
        if view.case_id is None:
            city = look(self._desk, self._site, words.now_ms)
            title, contexts = overview_context(city, self._desk, self._site, words)
        elif (found := case_context(view.case_id, self._desk, self._site, words)) is not None:
            title, contexts = found
        else:
            return None
        return Rendered(
            title=title,
            as_of=words.local(words.now_ms).strftime("%H:%M:%S"),
            as_of_exact=words.exact(words.now_ms),
            fragments={name: self._fill(f"sections/{name}.html", words, facts) for name, facts in contexts.items()},
        )

    def page(self, view: View) -> str | None:
        """A whole page; None if there is no such case."""
        if (rendered := self.render(view)) is None:
            return None
        name = "overview.html" if view.case_id is None else "case.html"
        fragments = {key: Markup(html) for key, html in rendered.fragments.items()}  # noqa: S704 our own templates
        words = self.words(view.language)
        return self._fill(name, words, {"view": view, "rendered": rendered, "fragments": fragments})

    def error(self, language: str, text: str) -> str:
        """A page that says what went wrong."""
        return self._fill("error.html", self.words(language), {"text": text})

    def words(self, language: str) -> Words:
        """The texts of a language at this moment."""
        return Words(self._site, language, self._clock.now_ms())

    def _fill(self, name: str, words: Words, facts: Mapping[str, object]) -> str:
        city = words.pick(self._site.settings.name.zh, self._site.settings.name.en)
        return self._templates.get_template(name).render(
            w=words,
            city_name=city,
            demo=self._demo(words),
            build=self.build,
            timezone=self._site.timezone.key,
            **facts,
        )

    def _demo(self, words: Words) -> str:
        """That this city is simulated, and how fast; empty for a real one."""
        settings = self._site.settings
        return words.say("demo", times=f"{settings.compress:g}") if settings.demo else ""
