"""History out of a journal: every message as it came, when it came, and by which feed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.rules_history.points import Observation
from app.rules_history.stretch import Piece, Stretch
from config.load import Site
from domain.errors import ConfigError, StoreUnavailable
from domain.message import RawMessage
from ingest.decode import Decoder
from ingest.feeds import FeedOf
from storage.births import KeptBirths
from storage.journal.groups import Unreadable, columns_of, group_of
from storage.sqlite import open_readonly


def every_message(path: Path, site: Site, stretch: Stretch) -> Iterator[Piece]:
    """All messages of a journal that were received in the stretch, also beside a running `serve`. Changes nothing.

    Groups that cannot be read back are left out. Raises ConfigError if there is no such file.
    """
    if not path.is_file():
        raise ConfigError(f"there is no journal at {path}")
    decoder = Decoder(site, KeptBirths(site.settings.data_dir / "births.db"))
    feed_of = FeedOf(site.settings.mqtt.root, site.settings.ingest.feeds)
    for first_seq, messages in _groups(path):
        observations: list[Observation] = []
        heard: list[tuple[int, str]] = []
        for place, message in enumerate(messages):
            # before the stretch too: the decoder remembers a little of each device
            decoded = decoder.decode(message, first_seq + place)
            if not stretch.start_ms <= message.received_ms < stretch.to_ms:
                continue
            observations += decoded.observations
            if not message.retain and (feed := feed_of(message.topic)):
                heard.append((message.received_ms, feed))
        if heard or observations:
            yield Piece(messages[-1].received_ms, observations, heard, len(observations))


def _groups(path: Path) -> Iterator[tuple[int, tuple[RawMessage, ...]]]:
    with closing(open_readonly(path)) as connection:
        try:
            for row in connection.execute(f"SELECT {columns_of(connection)} FROM groups ORDER BY last_seq"):
                group = group_of(row)
                try:
                    messages = tuple(group.messages())
                except Unreadable:
                    continue
                if messages:
                    yield group.last_seq - len(messages) + 1, messages
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{path} cannot be read: {error}; try `longcheng journal verify`") from error
