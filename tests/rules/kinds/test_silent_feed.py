"""`kind: silent` for whole feeds: nothing at all comes in."""

from dataclasses import replace
from pathlib import Path

import pytest

from config.load import Site
from config.schema import Feed, Ingest
from domain.errors import ConfigError
from rules.files import load_rules
from tests.rules.city import behind, rules_from, shipped, small_city
from tests.rules.timetable import Timetable

QUIET = "id: quiet\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3"
FEED = "id: line\nkind: silent\nfor_each: {kind: feed}\nafter_intervals: 2\nat_least: 60s"


def _with_feeds(site: Site, *names: str) -> Site:
    feeds = {name: Feed(format="chirpstack") for name in names}
    settings = site.settings.model_copy(update={"ingest": Ingest(feeds=feeds)})
    return replace(site, settings=settings)


def _stations_only(site: Site) -> Site:
    """Every device on the books speaks every 30 s."""
    return replace(site, devices={name: device for name, device in site.devices.items() if device.kind == "charger"})


def test_when_nothing_comes_in_at_all_there_is_one_alarm(tmp_path: Path) -> None:
    """Raised before the stations' time is up, it stands for theirs; back again, everyone has their full time."""
    site = _stations_only(small_city())
    Timetable(rules_from(tmp_path, site, QUIET, FEED), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:00:00  heard from longcheng
        08:00:59  tick
        08:01:00  tick                  → raised line longcheng
        08:01:30  tick
        08:05:00  restart
        08:05:00  tick
        08:05:10  heard from longcheng  → resolved line longcheng
        08:06:00  heard from longcheng
        08:06:39  heard from longcheng
        08:06:39  tick
        08:06:40  tick                  → raised quiet cs-1
        """
    )


def test_a_feed_that_lives_holds_nothing_back(tmp_path: Path) -> None:
    """One station is silent, others speak: it is called silent when its time is up."""
    site = _stations_only(small_city())
    Timetable(rules_from(tmp_path, site, FEED, QUIET), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:00:00  heard from longcheng
        08:00:50  heard from longcheng
        08:01:30  tick                  → raised quiet cs-1
        08:01:50  tick                  → raised line longcheng
        08:02:00  heard from longcheng  → resolved line longcheng
        08:02:00  cs-1 smoke=false      → resolved quiet cs-1
        """
    )


def test_the_interval_is_what_half_of_the_devices_keep(tmp_path: Path) -> None:
    """Two trees every 10 min and a station: the station's silence alone must not be taken for everyone's."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, FEED, QUIET), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:00:00  heard from longcheng
        08:01:30  tick                  → raised quiet cs-1
        08:19:59  tick
        08:20:00  tick                  → raised line longcheng
        """
    )


def test_a_feed_of_our_own_that_never_spoke_is_no_matter(tmp_path: Path) -> None:
    """Nothing says that anyone uses it. One that was configured is expected to speak."""
    site = _with_feeds(small_city(), "lora")
    Timetable(rules_from(tmp_path, site, FEED), site, listening_since="08:00").play(
        """
        08:19:59  tick
        08:20:00  tick                  → raised line lora
        08:21:00  heard from elsewhere
        08:22:00  heard from lora       → resolved line lora
        08:30:00  heard from longcheng
        08:42:00  tick                  → raised line lora
        08:50:00  tick                  → raised line longcheng
        """
    )


def test_with_several_feeds_a_silent_one_speaks_for_itself_only(tmp_path: Path) -> None:
    """Nobody says which devices come by it: theirs are raised as ever."""
    site = _with_feeds(_stations_only(small_city()), "lora")
    Timetable(rules_from(tmp_path, site, QUIET, FEED), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:00:00  heard from longcheng
        08:00:00  heard from lora
        08:01:00  tick                  → raised line lora; raised line longcheng
        08:01:30  tick                  → raised quiet cs-1
        """
    )


def test_a_silent_feed_stands_for_its_gateways_too(tmp_path: Path) -> None:
    """One alarm, for what is nearest to us."""
    site = behind(_stations_only(small_city()), {"cs-1": "gw-1"})
    Timetable(load_rules(shipped("network", "chargers"), site), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:00:00  gw-1 online
        08:00:00  heard from longcheng
        08:02:00  tick                  → raised feed-silent longcheng
        09:00:00  tick
        09:00:01  heard from longcheng  → resolved feed-silent longcheng
        09:00:01  gw-1 online
        09:00:02  heard from longcheng
        09:00:02  cs-1 smoke=false
        """
    )


def test_our_own_deafness_is_not_the_feeds(tmp_path: Path) -> None:
    """Without a broker nothing can come in, and that is told elsewhere."""
    site = _stations_only(small_city())
    Timetable(rules_from(tmp_path, site, FEED), site).play(
        """
        08:00:00  heard from longcheng
        08:10:00  deaf since 08:00:10
        08:10:49  tick
        08:10:50  tick                  → raised line longcheng
        """
    )


def test_a_site_without_devices_waits_for_nothing(tmp_path: Path) -> None:
    """A bureau that begins with cameras alone has no feed to miss."""
    site = replace(small_city(), devices={})
    Timetable(rules_from(tmp_path, site, FEED), site).play("08:00  heard from longcheng\n1d 08:00  tick")


def test_no_feed_may_have_the_name_of_our_own(tmp_path: Path) -> None:
    """The alarm's subject would be two things at once."""
    site = _with_feeds(small_city(), "longcheng")
    with pytest.raises(ConfigError, match="no feed can be called 'longcheng'"):
        rules_from(tmp_path, site, FEED)


def test_only_silence_is_watched_of_whole_feeds(tmp_path: Path) -> None:
    """A feed has no metrics."""
    with pytest.raises(ConfigError, match=r"for_each\.kind is 'feed'; there is camera"):
        rules_from(
            tmp_path,
            small_city(),
            "id: x\nkind: threshold\nfor_each: {kind: feed}\nmetric: temp_c\nraise: {above: 1}",
        )
