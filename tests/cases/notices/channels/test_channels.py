"""The list of channels is the folder."""

from pathlib import Path

from cases.notices import channels
from cases.notices.channels import CHANNELS


def test_every_channel_is_in_the_list_under_its_files_name() -> None:
    """File name = key = class name."""
    files = {path.stem for path in Path(channels.__file__).parent.glob("*.py")} - {"__init__"}

    assert set(CHANNELS) == files
    assert {name: channel.__name__.lower() for name, channel in CHANNELS.items()} == {name: name for name in files}
