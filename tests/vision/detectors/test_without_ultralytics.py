"""Weights that need a library that is not there."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from domain.errors import ConfigError
from vision.detectors.ultralytics import Ultralytics


@pytest.mark.skipif(find_spec("ultralytics") is not None, reason="Ultralytics is installed here")
def test_what_to_install_is_said(tmp_path: Path) -> None:
    """The command, and which file needs it."""
    (tmp_path / "best.pt").write_bytes(b"weights")
    with pytest.raises(ConfigError, match=r"best\.pt: .*pip install 'longcheng\[ultralytics\]'"):
        Ultralytics(tmp_path / "best.pt")
