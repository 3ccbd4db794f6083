"""A city to break: its site, its broker, its store, what its devices said, and the account of it."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.load import SHARED
from tests.fakes.brokers import Mosquitto
from tests.fakes.fleet import Fleet
from tests.scenario.product import Product
from tests.scenario.readings import KIND, LEAK_RULE, PORTS, STATIONS, Key, Said, messages, station
from tests.scenario.stores import Embedded, Store
from tests.scenario.waiting import PATIENCE_S, until

_DEVICES = "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline"


class Stage:
    """One city. Its files are in `folder`; broker and store may serve others before and after it."""

    def __init__(self, folder: Path, broker: Mosquitto, store: Store | None = None, **files: Any) -> None:
        """`files` as in `write`."""
        self.folder = folder
        self.data = folder / "data"
        self.store = store or Embedded(self.data)
        self.broker = broker
        self.fleet = Fleet(broker.port)
        self.said: list[Said] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.write(**files)

    def write(
        self,
        *,
        profiles: Mapping[str, object] | None = None,
        devices: Mapping[str, str] | None = None,
        mqtt: Mapping[str, object] | None = None,
        ingest: Mapping[str, object] | None = None,
        journal: Mapping[str, object] | None = None,
        cases: Mapping[str, object] | None = None,
    ) -> None:
        """Write the site's files: the shipped ones, but for this. `devices` are further ones with their profiles."""
        site = {
            "site": "scenario",
            "name": {"zh": "情景", "en": "Scenario"},
            "division": "320400",
            "data_dir": str(self.data),
            "mqtt": {"url": self.broker.url, "client_id": self.folder.name, **(mqtt or {})},
            "ingest": ingest or {},
            "journal": journal or {},
            "series": self.store.section(),
            "cases": cases or {},
            "console": {"port": 0},
            "rules": [str(SHARED / "rules" / "chargers.yaml")],
        }
        _write(self.folder / "site.yaml", site)
        if profiles is not None:
            _write(self.folder / "profiles.yaml", {"profiles": profiles})
        profile_of = {station(number): "charging-station" for number in range(STATIONS)} | dict(devices or {})
        rows = [f"{name},{profile_of[name]},{name},天宁区,天宁,延陵路,119.9,31.7,{PORTS}," for name in profile_of]
        (self.folder / "devices.csv").write_text("\n".join([_DEVICES, *rows, ""]), encoding="utf-8")

    @contextmanager
    def running(self, *, fault: str = "", ready: bool = True) -> Iterator[Product]:
        """The product runs; in the end it is gone, whatever its state."""
        product = Product(self.folder, self.folder / "serve.log", {"LONGCHENG_FAULT": fault} if fault else {})
        try:
            if ready:
                product.until_ready()
            yield product
        finally:
            product.close()

    def meet_broker(self) -> None:
        """A first run, killed at once: from now on the broker keeps what comes."""
        with self.running():
            pass

    def send(self, *said: Said) -> None:
        """Devices say this; every message is acknowledged by the broker when it returns."""
        self.fleet.send(messages(said))
        self.said += said

    # The account.

    @property
    def expected(self) -> dict[Key, Any]:
        """What must be stored because of what was said."""
        return {key: value for one in self.said for key, value in one.values.items()}

    def difference(self) -> tuple[list[Key], list[object]]:
        """What is lost: said, acknowledged, and not stored. And what is extra: other, or more than once."""
        expected, held = self.expected, self.store.held()
        right = {key for key, value in held if expected.get(key) == value}
        seen: Counter[Key] = Counter(key for key, _ in held)
        extra: list[object] = [(key, value) for key, value in held if expected.get(key) != value]
        extra += [key for key, times in seen.items() if times > 1]
        return [key for key in expected if key not in right], extra

    def settle(self, product: Product) -> None:
        """Wait until every reading is stored and both readers are done."""
        until(lambda: not self.difference()[0], lambda: self._how_it_is(product))
        product.until(lambda one: not any(lag(one).values()), "both readers have read everything")

    def account(self, product: Product, *, leaks: set[str] | None = None) -> None:
        """Nothing lost, nothing extra; each leak is one alarm, one case, and a notice of each kind."""
        self.settle(product)
        lost, extra = self.difference()
        assert (lost[:5], extra[:5]) == ([], [])
        if leaks is not None:
            self._account_of_leaks(product, dict.fromkeys(leaks, 1))

    def _account_of_leaks(self, product: Product, once: Mapping[str, int]) -> None:
        product.until(
            lambda one: Counter(a["subject"] for a in one.alarms(LEAK_RULE)) == once, f"one alarm each: {once}"
        )
        cases = [one for one in product.json("api/v1/cases?limit=1000")["items"] if one["kind"] == KIND]
        assert _subjects(cases) == once
        notices = [one for one in product.json("api/v1/notices?limit=1000")["items"] if one["case_id"]]
        told = Counter((one["recipient"], one["case_id"], one["step"]) for one in notices)
        assert {case["id"] for case in cases} <= {one["case_id"] for one in notices}
        assert [key for key, times in told.items() if times > 1] == []

    def _how_it_is(self, product: Product) -> str:
        lost, extra = self.difference()
        return f"nothing is lost: {len(lost)} are, {lost[:3]}; {len(extra)} extra, {extra[:3]}\n{product.log()[-3000:]}"

    def command(self, *words: str, fault: str = "") -> "subprocess.CompletedProcess[str]":
        """`longcheng` with these words, on this site."""
        command = [sys.executable, "-m", "app", *words, "--site", str(self.folder)]
        environment = {**os.environ, "LONGCHENG_FAULT": fault}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def close(self) -> None:
        """The devices leave."""
        self.fleet.close()


def _subjects(items: Iterable[Mapping[str, str]]) -> Counter[str]:
    return Counter(item["subject"] for item in items)


def lag(product: Product) -> dict[str, float]:
    """Records each reader has not read yet."""
    return {reader: product.metric("journal_lag_records", f'"{reader}"') for reader in ("rules", "series")}


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")  # YAML holds JSON
