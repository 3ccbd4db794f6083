"""What the OpenAPI document says is asked for, and much that it forbids: each answer is one that it tells of, none 5xx.

The examples are the same in each run. Of a valid request not all is in its schema (a cursor is the server's, `who` is
who asks), so that one may still be refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.console import Console
from config.load import Site
from console.access.passwords import Passwords
from console.api.openapi import openapi
from console.server import make_app
from domain.clock import ManualClock, epoch_ms
from domain.permission import Permission, Role
from tests.app.line import LEAK_MA, STATION, Line, message, residual, starter
from tests.app.test_desk import City
from tests.console.access.people import QUICK as HASHER
from tests.console.access.people import people_in
from tests.console.conftest import NIGHT, QUICK
from tests.console.reader import TOKEN
from tests.fakes.desk import busy_desk
from tests.fakes.serving import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
STREAMS = ("/api/v1/live", "/api/v1/events/live")
"""These have no end."""
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, methods in openapi()["paths"].items()
    for method in methods
    if path.startswith("/api/v1/") and path not in STREAMS
]
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass
class Served:
    """A console on loopback and its document."""

    schema: Any
    session: requests.Session
    administrator: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Served]:
    """The busy city, with accounts, for all tests of the file."""
    folder, clock = tmp_path_factory.mktemp("served"), ManualClock(epoch_ms(NIGHT))
    console = Console(api_token=TOKEN, open="none")
    opened = replace(site, settings=site.settings.model_copy(update={"console": console}))
    desk, people = busy_desk(site, clock.now_ms(), Path(folder)), people_in(folder, site, clock)
    _, token = people.token(Role.ADMINISTRATOR, *Permission)
    passwords = Passwords(HASHER)
    with (
        serving(lambda: make_app(desk, opened, clock, accounts=people.store, passwords=passwords, rhythm=QUICK)) as url,
        requests.Session() as session,
    ):
        schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
        yield Served(schema, session, {"Authorization": f"Bearer {token}"})
    people.store.close()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_an_administrator_is_answered_as_documented(served: Served, label: str, mode: GenerationMode) -> None:
    """By a token of an account that may everything."""
    asked(served, label, mode, served.administrator, examples=3)


@pytest.mark.parametrize("label", OPERATIONS)
def test_nobody_is_answered_as_documented(served: Served, label: str) -> None:
    """Who shows nothing, of a console that is closed to them."""
    asked(served, label, GenerationMode.POSITIVE, {}, examples=1)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The starter site's console over the product's own desk and stores, after an alarm, its case and a dead letter."""
    line = Line(starter(tmp_path_factory.mktemp("stored")))
    city = City(line)
    line.journal.append([residual(LEAK_MA), message(b"{", topic=STATION)])
    city.reader.step()
    opened = replace(line.site, settings=line.site.settings.model_copy(update={"console": Console(api_token=TOKEN)}))
    with serving(lambda: make_app(city.desk, opened, line.clock, rhythm=QUICK)) as url, requests.Session() as session:
        schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
        yield Served(schema, session, {"Authorization": f"Bearer {TOKEN}"})
    city.series.close()
    line.close()


@pytest.mark.parametrize("label", OPERATIONS)
def test_the_product_s_own_stores_answer_as_documented(stored: Served, label: str) -> None:
    """By the token of the settings."""
    asked(stored, label, GenerationMode.POSITIVE, stored.administrator, examples=2)


def asked(served: Served, label: str, mode: GenerationMode, headers: dict[str, str], *, examples: int) -> None:
    """An operation is asked for, several times, and each answer looked at."""
    method, path = label.split(" ")
    operation = served.schema[path][method]
    if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation):
        pytest.skip("there is nothing in it that could be wrong")

    @seed(1)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        assume(len(repr(case.query)) < 500)  # an address of more than 8 KiB never comes as far as the console
        case.call_and_validate(headers=headers, session=served.session, checks=CHECKS, timeout=60)

    run: Callable[[], None] = ask
    run()


def _can_be_wrong(operation: Any) -> bool:
    told = operation.definition.raw
    return bool(told.get("requestBody") or [one for one in told["parameters"] if one["in"] in {"path", "query"}])
