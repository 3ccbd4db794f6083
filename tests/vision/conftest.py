"""What the tests of vision share: one compiled detector."""

import pytest

from vision.detectors import SHIPPED
from vision.detectors.openvino import OpenVino


@pytest.fixture(scope="session")
def detector() -> OpenVino:
    """The shipped detector; compiling it takes a second."""
    return OpenVino(SHIPPED, 1)
