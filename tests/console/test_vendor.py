"""Other people's scripts are what they were when they were read."""

import hashlib

import pytest

from console.pages.render import FOLDER

VENDOR = FOLDER / "static" / "vendor"
SUMS = [line.split() for line in (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("digest", "name"), SUMS)
def test_they_are_as_published(digest: str, name: str) -> None:
    """A change in them, by whomever, is told."""
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest


def test_each_has_its_sum_and_its_licence() -> None:
    """Nothing comes in unseen."""
    files = {f"./{path.relative_to(VENDOR)}" for path in VENDOR.glob("*/*")}
    assert files == {name for _, name in SUMS}
    assert all((folder / "LICENSE").exists() for folder in VENDOR.iterdir() if folder.is_dir())
