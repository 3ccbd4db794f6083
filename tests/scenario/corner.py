"""A street corner: its camera, its shops, its charging station, and the product that is killed; and who is told."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from config.load import SHARED
from domain.clock import SystemClock
from domain.notice import Notice, NoticeState
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from storage.case_store import CaseStore
from tests.fakes.brokers import Mosquitto
from tests.fakes.fleet import Fleet, Message
from tests.fakes.listeners import listening
from tests.scenario.product import Product, cut_power
from tests.scenario.waiting import until
from vision.wire import payload_of

ROOT = "longcheng/v1"
COMPRESS = 900
"""A quarter of an hour is a second."""
PLACE = "天宁区,天宁街道,双桂街,119.95,31.78"


class Bureau:
    """The other end of the webhook: keeps every request, answers as told, or not at all."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        """Given one after the other; then 200."""
        self.hangs_at = ""
        """A step of which it answers nothing, until released."""
        self.released = threading.Event()
        bureau = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            def do_POST(self) -> None:
                """Take it in, then answer."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bureau.got.append((self.headers["Idempotency-Key"], body))
                if bureau.hangs_at and json.loads(body)["step"] == bureau.hangs_at:
                    bureau.released.wait(60)
                self.send_response(bureau.answers.pop(0) if bureau.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/notices"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def steps(self) -> list[str]:
        """Of every request, in order."""
        return [json.loads(body)["step"] for _key, body in self.got]

    def close(self) -> None:
        """No more."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class Corner:
    """A street corner: a camera, the shops before it, a charging station; its files and its product."""

    def __init__(self, folder: Path, broker: Mosquitto, notices: Mapping[str, object], contacts: Sequence[str]) -> None:
        folder.mkdir()
        self.folder, self.broker = folder, broker
        settings = {
            "site": "corner",
            "name": {"zh": "街角", "en": "Corner"},
            "division": "320400",
            "data_dir": str(folder / "data"),
            "mqtt": {"url": broker.url, "client_id": folder.name},
            "console": {"port": 0},
            "rules": [str(SHARED / "rules" / f"{name}.yaml") for name in ("storefronts", "chargers")],
            "ladder": {"quiet_hours": None},
            "demo": {"compress": COMPRESS},
            "notices": notices,
        }
        zones = [f'C1,door-{n},frontage,S{n},"0.1,0.1 0.4,0.1 0.4,0.9"' for n in range(len(contacts))]
        files = {
            "site.yaml": json.dumps(settings, ensure_ascii=False),
            "shops.csv": _table(
                "shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact",
                *(f"S{n},{n}号店,{PLACE},{contact}" for n, contact in enumerate(contacts)),
            ),
            "cameras.csv": _table(
                "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s",
                f"C1,双桂街1号,http://127.0.0.1:1/1.jpg,{PLACE},",
            ),
            "zones.csv": _table("camera_id,zone,role,shop_id,polygon", *zones),
            "devices.csv": _table(
                "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline",
                f"E1,charging-station,双桂街充电站,{PLACE},12,",
            ),
        }
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        self.clear: set[str] = set()
        self._zones = [f"door-{n}" for n in range(len(contacts))]
        self._fleet = Fleet(broker.port)
        self._looks = self._looked_ms = 0

    def look(self) -> None:
        """The camera tells what stands where; the broker has it when it returns."""
        now_ms = self._looked_ms = max(SystemClock().now_ms(), self._looked_ms + 1)  # no two looks at one moment
        self._looks += 1
        bike = SeenObject(label="bicycle", score=0.9, box=(0.1, 0.4, 0.3, 0.8), overlap=0.9, stay_s=1000.0, looks=9)
        sighting = Sighting(
            camera_id="C1",
            look_id=f"look-{self._looks}",
            taken_ms=now_ms,
            received_ms=now_ms,
            view=ViewHealth.HEALTHY,
            picture=f"C1/20261122/look-{self._looks}",
            picture_sha256="00",
            zones=tuple(
                ZoneSighting(zone=zone, shop_id=f"S{zone[-1]}", objects=() if zone in self.clear else (bike,))
                for zone in self._zones
            ),
        )
        self._fleet.send([Message(topic=f"{ROOT}/camera/C1/sighting", payload=payload_of(sighting))])

    def smoke(self) -> None:
        """The charging station's detector goes off."""
        said = json.dumps({"ts": SystemClock().now_ms(), "metrics": {"smoke": True}}).encode()
        self._fleet.send([Message(topic=f"{ROOT}/charger/E1/telemetry", payload=said)])

    @contextmanager
    def running(self) -> Iterator[Product]:
        """The product; in the end it is gone, whatever its state."""
        product = Product(self.folder, self.folder / "serve.log", {})
        try:
            yield product
        finally:
            product.close()

    def dies_at(self, *faults: str) -> None:
        """It is started again and again, and dies at each of these points; perhaps before it says that it runs."""
        words = [sys.executable, "-m", "app", "serve", "--site", str(self.folder)]
        for fault in faults:
            with (self.folder / "serve.log").open("ab") as log:
                log.write(f"--- {fault}\n".encode())
                log.flush()
                began = log.tell()
                environment = {**os.environ, "LONGCHENG_FAULT": fault}
                serve = subprocess.Popen(words, stdout=log, stderr=log, env=environment, start_new_session=True)
            try:
                self._until_death(serve, began)
            finally:
                cut_power(serve)

    def _until_death(self, serve: "subprocess.Popen[bytes]", began: int) -> None:
        """Of it, or of a process of its own: a power cut would take the others with it."""

        def log() -> str:
            return (self.folder / "serve.log").read_bytes()[began:].decode(errors="replace")

        def died() -> bool:
            ended = serve.poll()
            assert ended in {None, -signal.SIGKILL}, log()
            return ended is not None or "exit status -9" in log()

        until(died, lambda: f"it dies: {log()}")

    def known_to_the_broker(self) -> None:
        """A first run: from now on the broker keeps what comes."""
        with self.running() as product:
            product.until_ready()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """The camera's worker looks whenever it is asked to."""
        over = threading.Event()
        with listening(self.broker.url, f"{ROOT}/camera/C1/command") as asked:

            def answer() -> None:
                while not over.is_set():
                    if not asked.empty() and json.loads(asked.get().payload)["command"] == "look_now":
                        self.look()
                    over.wait(0.02)

            worker = threading.Thread(target=answer)
            worker.start()
            try:
                yield
            finally:
                over.set()
                worker.join()

    @contextmanager
    def book(self) -> Iterator[CaseStore]:
        """What is in the case store."""
        store = CaseStore(f"sqlite:///{self.folder / 'data' / 'cases.db'}")
        try:
            yield store
        finally:
            store.close()

    def notices(self) -> list[Notice]:
        """To people, oldest first; those of the product about itself are another matter."""
        with self.book() as store:
            found = store.notices(limit=1000)
        return [one for one in reversed(found) if one.channel != "command" and one.alarm_id is not None]

    def story(self, *, of: str) -> list[str]:
        """The lines of the only alarm of this subject."""
        with self.book() as store:
            (alarm,) = (one for one in store.alarms(open_only=False) if one.subject == of)
            return [line.what for line in store.log(alarm_id=alarm.id)]

    def settled(self, *steps: str) -> list[Notice]:
        """Wait until there is a notice of each of these steps, and nothing waits to go out any more."""

        def over() -> list[Notice]:
            found = self.notices()
            there = {one.step for one in found} >= set(steps)
            return found if there and all(one.state is not NoticeState.PENDING for one in found) else []

        return until(over, lambda: f"{steps} in {[(one.step, one.state) for one in self.notices()]}")

    def close(self) -> None:
        """The devices leave."""
        self._fleet.close()


def _table(*rows: str) -> str:
    return "\n".join([*rows, ""])
