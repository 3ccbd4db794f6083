"""How hypothesis looks for counter-examples, in all tests."""

from random import SystemRandom

import pytest
from hypothesis import settings

# An example's time says how busy the machine is. What takes for ever is ended by pytest's own timeout.
settings.register_profile("longcheng", deadline=None, print_blob=True)
settings.load_profile("longcheng")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed of all examples here, where it can be told."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(SystemRandom().randrange(1 << 32))


def pytest_report_header(config: pytest.Config) -> str:
    """Tell the seed: with it, the same examples come again."""
    return f"examples: --hypothesis-seed={config.option.hypothesis_seed}"
