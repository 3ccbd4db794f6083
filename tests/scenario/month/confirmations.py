"""What a person was asked about before anybody was told, and what they said."""

from typing import Final

from msgspec import Struct

from app.simulation.account import Account
from tests.scenario.month.seen import Began

ASKED: Final = frozenset({"09009"})
"""Matters of which the invented city tells nobody before a person has said that it is so."""


class Word(Struct, frozen=True, kw_only=True):
    """One person's."""

    at_ms: int
    is_so: bool


def confirmations(account: Account) -> dict[Began, Word]:
    """By rule, subject and beginning of what they are about; the first counts."""
    found: dict[Began, Word] = {}
    for deed in account.deeds:
        if deed.what in {"confirmed", "rejected"}:
            began = deed.rule_id or "", deed.subject or "", int(deed.reason or 0)
            assert began not in found, f"{began} was said twice"
            found[began] = Word(at_ms=deed.at_ms, is_so=deed.what == "confirmed")
    return found
