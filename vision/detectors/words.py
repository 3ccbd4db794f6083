"""From the names a model was trained with to the words of our own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from vision.classes import FAMILIES, PERSON
from vision.detectors.network import wrong

_SHOWN = 12


def our_words(names: Sequence[str], classes: Mapping[str, str], path: Path) -> dict[str, str]:
    """What each class of the model is called from here on; its own name where `classes` says nothing.

    Raises ConfigError for a class the model does not have, and for a model that sees nothing we speak of: either
    would let every look call its zones clear.
    """
    for name in classes:
        if name not in names:
            raise wrong(path, f"vision.classes has {name!r}, but the model has no such class; it has {_some(names)}")
    words = {name: classes.get(name, name) for name in names}
    if not any(word in FAMILIES for word in words.values()):
        raise wrong(
            path,
            f"none of the model's {len(names)} classes is a word of ours: it has {_some(names)}; "
            "say what they are in vision.classes, e.g. {出店经营: goods}",
        )
    return words


def spoken_of(words: Mapping[str, str]) -> dict[str, str]:
    """Those that a sighting can speak of, by the model's own names."""
    return {name: word for name, word in words.items() if word in FAMILIES}


def ignored(words: Mapping[str, str]) -> tuple[str, ...]:
    """The model's own names of what is found for nothing: neither spoken of nor a person to hide."""
    return tuple(name for name, word in words.items() if word not in FAMILIES and word != PERSON)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
