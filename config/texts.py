"""The words people read, by language and key. None of them stand in code."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import RootModel

from config.source import load
from domain.errors import ConfigError

LANGUAGES = ("zh-CN", "en")


class _Catalogue(RootModel[dict[str, object]]):
    pass


class Texts:
    """Both languages. One folder a language, one file an area: `cases.yaml` holds the keys `cases.…`, and
    `console/map.yaml` the keys `console.map.…`."""

    def __init__(self, catalogues: Mapping[str, Mapping[str, str]]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, folder: Path) -> "Texts":
        """Read `<language>/**/*.yaml`. Raises ConfigError if a key stands in one language only."""
        catalogues = {language: _read(folder / language) for language in LANGUAGES}
        first, second = (catalogues[language] for language in LANGUAGES)
        for key in sorted(first.keys() ^ second.keys()):
            missing = LANGUAGES[1] if key in first else LANGUAGES[0]
            raise ConfigError(f"has no text {key!r}, the other language has", path=folder / missing)
        return cls(catalogues)

    def say(self, language: str, key: str, facts: Mapping[str, object] | None = None) -> str:
        """The text of a key with its `{facts}` filled in. Raises KeyError for an unknown key or a missing fact."""
        return self._catalogues[language][key].format_map(facts or {})

    def unit(self, language: str, unit: str) -> str:
        """A unit as people read it: those of its parts, as in `°/h`, that are words."""
        return "/".join(self._catalogues[language].get(f"rules.unit.{part}", part) for part in unit.split("/"))

    def __contains__(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._catalogues.get(LANGUAGES[0], {})

    def keys(self) -> frozenset[str]:
        """Every key there is."""
        return frozenset(self._catalogues[LANGUAGES[0]])

    def template(self, language: str, key: str) -> str:
        """The text of a key as written, with its `{facts}` unfilled."""
        return self._catalogues[language][key]


def _read(folder: Path) -> dict[str, str]:
    flat: dict[str, str] = {}

    def walk(prefix: str, node: object) -> None:
        if isinstance(node, dict):
            for key, below in node.items():
                walk(f"{prefix}.{key}", below)
        else:
            flat[prefix] = str(node)

    for path in sorted(folder.rglob("*.yaml")):
        walk(".".join(path.relative_to(folder).with_suffix("").parts), load(path, _Catalogue, {}).root)
    return flat
