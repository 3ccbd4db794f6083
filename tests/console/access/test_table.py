"""The table of roles in the documentation is the one in force."""

import re

from config.load import SHARED
from domain.permission import MAY, Permission, Role

PAGE = SHARED.parent / "docs" / "accounts.md"


def test_the_documented_table_is_the_one_in_force() -> None:
    """Every permission has a row, and every mark is true."""
    rows: dict[Permission, frozenset[Role]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        named = [name for name in re.findall(r"`(\w+)`", cells[0]) if name in set(Permission)]
        if line.startswith("| `") and named and len(cells) == 1 + len(Role):
            marked = frozenset(role for role, cell in zip(Role, cells[1:], strict=True) if cell == "✓")
            rows |= {Permission(name): marked for name in named}
    assert rows == {one: frozenset(role for role in Role if one in MAY[role]) for one in Permission}


def test_nobody_may_more_by_being_less() -> None:
    """A wall only reads, an administrator may everything."""
    assert MAY[Role.WALL] == {Permission.READ}
    assert MAY[Role.ADMINISTRATOR] == frozenset(Permission)
    assert MAY[Role.KEEPER] < MAY[Role.OPERATOR]
    assert MAY[Role.KEEPER] < MAY[Role.REVIEWER]
