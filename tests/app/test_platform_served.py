"""`serve` tells the platform what anybody does to a case, in whichever process."""

import asyncio
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from config.load import Site
from config.platform import Platform as Settings
from domain.errors import ConfigError
from storage.case_opening import open_cases
from tests.app.line import starter
from tests.app.test_wiring import serving
from tests.cases.platform.receiver import SECRET, open_platform
from tests.contract.case_store.samples import CASE, fill
from tests.fakes.brokers import free_port

PATIENCE_S = 60.0


def site_with(tmp_path: Path, **platform: object) -> Site:
    """The starter site, whose broker is not there, with a platform."""
    site = starter(tmp_path, LONGCHENG_MQTT_URL=f"mqtt://127.0.0.1:{free_port()}", LONGCHENG_CONSOLE_PORT="0")
    settings = Settings.model_validate({"secrets": [SECRET], **platform})
    return replace(site, settings=site.settings.model_copy(update={"platform": settings}))


async def test_what_another_process_does_is_told(tmp_path: Path) -> None:
    """A case that is filed beside a running `serve` is told within a second or two; the figures show it."""
    async with open_platform() as platform, aiohttp.ClientSession() as session:
        site = site_with(tmp_path, url=platform.url)
        async with serving(site) as address:
            beside = open_cases(site.settings)
            fill(beside)
            beside.close()
            async with asyncio.timeout(PATIENCE_S):
                while not platform.bodies:
                    platform.came.clear()
                    await platform.came.wait()
            async with session.get(f"{address}metrics") as answer:
                assert 'longcheng_platform_events{state="dead"} 0.0' in await answer.text()

        body = platform.bodies[0]  # what `serve` itself finds about the case comes after it
        assert (body["case_id"], body["sequence"], body["case"]["status"]) == (CASE.id, 1, "open")
        assert platform.unsigned == 0


async def test_a_file_of_certificates_that_is_none_stops_the_start(tmp_path: Path) -> None:
    """Before anything is sent; with the file and its line."""
    site = site_with(tmp_path, url="https://127.0.0.1:1/in", ca_file="nowhere.pem")

    with pytest.raises(ConfigError, match=r"site\.yaml.*ca_file is nowhere\.pem"):
        async with serving(site):
            pass
