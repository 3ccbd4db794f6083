"""Sentences that the product words in English, for logs and engineers, told to whoever looks in their language.

They are kept as they were worded, with a dead letter or a replay, often for years; or they stand in a rule's file, as
where its numbers come from. So they are read back here: each stands in the catalogues `console/retold.yaml` and
`sources.yaml` with its values as `{facts}`, once as it is worded and once in Chinese.
"""

import string
from functools import lru_cache
from typing import Final

from msgspec import Struct

from config.texts import Texts

_AREAS: Final = ("console.retold.", "sources.")
_WORDED: Final = "en"
_LONGEST: Final = 4000
_DEEPEST: Final = 3
"""So often a sentence may stand in another."""


class _Sentence(Struct, frozen=True, kw_only=True):
    """One of ours: what stands between its facts, one more than there are facts."""

    key: str
    between: tuple[str, ...]
    facts: tuple[str, ...]

    def read(self, text: str) -> dict[str, str] | None:
        """The facts of a text; None if it is another sentence. In a time that grows with the text and no faster."""
        first, last = self.between[0], self.between[-1]
        if not self.facts:
            return {} if text == first else None
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return None
        rest, found = text[len(first) : len(text) - len(last)], []
        for literal in self.between[1:-1]:
            value, met, rest = rest.partition(literal)
            if not met:
                return None
            found.append(value)
        found.append(rest)
        return dict(zip(self.facts, found, strict=True)) if all(found) else None


@lru_cache(maxsize=4096)
def retold(texts: Texts, language: str, text: str, *, deep: int = 0) -> str | None:
    """A sentence of ours in this language; None if it is none, such as what a store or a library said."""
    if language == _WORDED or len(text) > _LONGEST or deep > _DEEPEST:
        return None
    for sentence in _sentences(texts):
        if (facts := sentence.read(text)) is not None:
            told = {name: retold(texts, language, value, deep=deep + 1) or value for name, value in facts.items()}
            return texts.say(language, sentence.key, told)
    return None


@lru_cache(maxsize=4)
def _sentences(texts: Texts) -> tuple[_Sentence, ...]:
    """Those with the most words of their own first: they say the most about what it is."""
    found = [_sentence(key, texts.template(_WORDED, key)) for key in texts.keys() if key.startswith(_AREAS)]  # noqa: SIM118
    return tuple(sorted(found, key=lambda one: (-sum(map(len, one.between)), one.key)))


def _sentence(key: str, template: str) -> _Sentence:
    between, facts = [""], []
    for literal, name, _, _ in string.Formatter().parse(template):
        between[-1] += literal
        if name is not None:
            facts.append(name)
            between.append("")
    return _Sentence(key=key, between=tuple(between), facts=tuple(facts))
