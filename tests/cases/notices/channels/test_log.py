"""Notices as lines of a file."""

from pathlib import Path

import msgspec
import pytest

from cases.notices.channels.log import Log
from domain.errors import ChannelError
from tests.cases.notices.letter import letter


async def test_each_notice_is_a_line(tmp_path: Path) -> None:
    """JSON, in UTF-8, appended; the folder is made."""
    log = Log(tmp_path / "new" / "notices.jsonl")

    await log.send(letter("a"))
    await log.send(letter("b"))

    lines = (tmp_path / "new" / "notices.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line)["key"] for line in lines] == ["a", "b"]
    assert "您好。".encode() in lines[0]


async def test_a_file_that_cant_be_written_is_tried_again(tmp_path: Path) -> None:
    """A folder stands where the file should be: the error names it."""
    with pytest.raises(ChannelError, match=str(tmp_path)) as caught:
        await Log(tmp_path).send(letter())

    assert caught.value.retry
