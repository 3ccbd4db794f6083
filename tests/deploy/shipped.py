"""The files of `deploy/`, and what they say."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from config.load import SHARED

ROOT = SHARED.parent
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRETS = "/run/secrets/"


def variables(path: Path) -> set[str]:
    """The variables that a site's settings read."""
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", path.read_text(encoding="utf-8")))


def read_by_settings() -> set[str]:
    """What the starter site's settings read, and the command line."""
    return variables(SHARED / "sites" / "starter" / "site.yaml") | {"LONGCHENG_SITE"}


def made_secrets(folder: Path) -> Path:
    """What `deploy/make-secrets` makes, run in a copy of the folder."""
    shutil.copy(DEPLOY / "make-secrets", folder)
    for _ in range(2):  # the second time changes nothing
        done = subprocess.run([folder / "make-secrets"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ""
    return folder / "secrets"
