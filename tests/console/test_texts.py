"""Every word the page may need is there, in both languages."""

import re
import string
from collections.abc import Iterator
from enum import StrEnum

import pytest

from config.load import Site
from config.texts import LANGUAGES
from console.city import UNKNOWN, Reach
from console.pages.render import FOLDER
from domain.case import CaseState, CaseStep, ClosedReason
from domain.errors import SourceFault
from domain.finding import AlarmState, Severity
from domain.ladder import LadderStep
from domain.message import RejectReason
from domain.notice import NoticeState
from domain.sighting import ViewHealth

_SAID = re.compile(r'\b(?:say|count)\(\s*"([a-z_.]+)"(?!\s*~)')
_BUILT_UP = re.compile(r'\b(?:say|count)\(\s*"([a-z_.]+)"\s*~')
_COUNTED = re.compile(r'\bcount\(\s*"([a-z_.]+)"')


def _sources() -> Iterator[str]:
    for path in [*FOLDER.rglob("*.py"), *FOLDER.rglob("*.html")]:
        yield path.read_text(encoding="utf-8")


def test_every_text_asked_for_exists(site: Site) -> None:
    """A key in code or template that no catalogue has would fail only when a rare state is shown."""
    keys = site.texts.keys()
    for source in _sources():
        counted = set(_COUNTED.findall(source))
        for key in _SAID.findall(source):
            wanted = [f"console.{key}.one", f"console.{key}.many"] if key in counted else [f"console.{key}"]
            assert keys.issuperset(wanted), key
        for begin in _BUILT_UP.findall(source):
            assert any(key.startswith(f"console.{begin}") for key in keys), begin


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("severity", Severity),
        ("alarm_state", AlarmState),
        ("step", CaseStep),
        ("case_state", CaseState),
        ("closed_reason", ClosedReason),
        ("ladder_step", LadderStep),
        ("view", ViewHealth),
        ("fault", SourceFault),
        ("reason", RejectReason),
        ("notices", NoticeState),
        ("reach", Reach),
    ],
)
def test_every_state_has_a_word(site: Site, group: str, members: type[StrEnum]) -> None:
    """A new state of the domain needs its word before it is shown."""
    assert {f"console.{group}.{member}" for member in members} <= site.texts.keys()


def test_the_unknown_view_has_a_word(site: Site) -> None:
    """The page's own view beside those of the domain."""
    assert f"console.view.{UNKNOWN}" in frozenset(site.texts.keys())


def test_both_languages_fill_the_same_facts(site: Site) -> None:
    """A fact that one language leaves out is information lost in it."""
    for key in sorted(site.texts.keys()):
        if key.startswith("console."):
            said = {"n"} if key.endswith(".one") else set()  # where it is one, its number may be a word
            first, second = (_facts(site.texts.template(language, key)) - said for language in LANGUAGES)
            read_back = key.startswith("console.retold.")  # worded by code: what says nothing to people is left out
            assert first <= second if read_back else first == second, key


def _facts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
