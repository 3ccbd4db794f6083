"""The units, as systemd itself reads them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.shipped import DEPLOY, read_by_settings

UNITS = DEPLOY / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
WORST = 2.0
"""What `systemd-analyze security` may say; a unit without any of it has 9.6."""


def test_every_variable_is_read_by_the_settings() -> None:
    """And each secret is one that the unit is given."""
    for unit in SERVICES:
        text = unit.read_text(encoding="utf-8")
        given = set(re.findall(r"^LoadCredential=(\w+):/etc/longcheng/secrets/\1$", text, flags=re.MULTILINE))
        for variable, value in re.findall(r"^Environment=((?:LONGCHENG|INFLUX)_\w+)=(\S+)$", text, flags=re.MULTILINE):
            assert variable.removesuffix("_FILE") in read_by_settings(), f"{unit.name}: {variable}"
            if variable.endswith("_FILE"):
                assert value.removeprefix("%d/") in given, f"{unit.name}: {variable}"
                given.discard(value.removeprefix("%d/"))
        assert given == set(), f"{unit.name} is given what it does not name"


@pytest.mark.server
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """Nothing is unknown, misspelt or ignored; the programs it names are put in the place they have on a machine."""
    _needs_systemd()
    program = tmp_path / "longcheng"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/longcheng/bin/longcheng", str(program))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.glob("longcheng-*"))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "longcheng" in line]
    assert ours == []


@pytest.mark.server
@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.stem)
def test_each_service_is_locked_in(unit: Path) -> None:
    """By systemd's own account."""
    _needs_systemd()
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found, said
    assert float(found[1]) <= WORST


def _needs_systemd() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (systemd)")
