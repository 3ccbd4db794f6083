"""Both languages say the same things."""

import re
from pathlib import Path

import pytest

from config.load import SHARED
from config.texts import LANGUAGES, Texts
from domain.errors import ConfigError

TEXTS = Texts.load(SHARED / "texts")
# A fact may come in both languages; each text then takes its own.
_FACT = re.compile(r"\{([a-z_]+?)(?:_zh|_en)?[}:]")


@pytest.mark.parametrize("key", sorted(TEXTS.keys()))
def test_both_languages_use_the_same_facts(key: str) -> None:
    """A fact that one language fills, the other fills too; of a sentence read back, Chinese may leave some away."""
    chinese, english = (set(_FACT.findall(TEXTS.template(language, key))) for language in LANGUAGES)

    assert chinese <= english if key.startswith("console.retold.") else chinese == english


def test_a_text_of_one_language_only_is_told(tmp_path: Path) -> None:
    """A key that one language lacks stops the start."""
    for language, text in (("zh-CN", "ok: 好\nmore: 多"), ("en", "ok: good")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "page.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"en: has no text 'page\.more'"):
        Texts.load(tmp_path)
