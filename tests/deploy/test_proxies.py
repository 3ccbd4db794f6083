"""The shipped nginx and Caddy before something that answers: who gets through, with what headers, and how large."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.deploy.shipped import DEPLOY
from tests.fakes.brokers import free_port
from tests.scenario.waiting import until

pytestmark = pytest.mark.server

SHOPS, DESK = "shops.example.gov.cn", "desk.example.gov.cn"


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked; a stream's first word at once, and then nothing until it is let go."""

    let_go = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        if self.path.endswith("/live"):
            self.wfile.write(b"data: first\n\n")
            self.wfile.flush()
            self.let_go.wait(20)
            return
        self.wfile.write(json.dumps({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}}).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Says nothing."""


@pytest.fixture
def upstream() -> Iterator[int]:
    """Where the product would be."""
    Echo.let_go.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    Echo.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, tmp_path: Path, upstream: int) -> Iterator[int]:
    """The port where it takes TLS."""
    program = shutil.which(request.param) or shutil.which(request.param, path="/usr/sbin")
    if program is None:
        pytest.skip(f"needs {request.param}")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={DESK}",
            "-addext", f"subjectAltName=DNS:{DESK},DNS:{SHOPS}",
            "-keyout", f"{tmp_path}/privkey.pem", "-out", f"{tmp_path}/fullchain.pem"]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    port = free_port()
    command = _nginx(program, tmp_path, upstream, port) if request.param == "nginx" else _caddy(
        program, tmp_path, upstream, port
    )  # fmt: skip
    with (tmp_path / "proxy.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": str(tmp_path), "PATH": "/usr/bin"})
    until(lambda: _up(port), lambda: (tmp_path / "proxy.log").read_text(errors="replace"))
    yield port
    process.terminate()
    process.wait(60)


def _nginx(program: str, folder: Path, upstream: int, port: int) -> list[str]:
    text = (DEPLOY / "nginx" / "longcheng.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/ssl/longcheng", str(folder)).replace("127.0.0.1:8080", f"127.0.0.1:{upstream}")
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    text = "\n".join(line for line in text.splitlines() if "listen [::]" not in line)
    (folder / "longcheng.conf").write_text(text, encoding="utf-8")
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        # Its workers write large bodies into our folder, which is root's alone where the tests are root's.
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; error_log stderr; pid {folder}/pid; events {{}}\n"
        f"http {{ access_log off; {places} include {folder}/longcheng.conf; }}\n",
        encoding="utf-8",
    )
    checked = subprocess.run([program, "-t", "-c", whole], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr
    return [program, "-c", str(whole)]


def _caddy(program: str, folder: Path, upstream: int, port: int) -> list[str]:
    text = (
        (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8").replace("127.0.0.1:8080", f"127.0.0.1:{upstream}")
    )
    for name in (SHOPS, DESK):
        tls = f"tls {folder}/fullchain.pem {folder}/privkey.pem"
        text = text.replace(f"{name} {{", f"https://{name}:{port} {{\n\t{tls}")
    text = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    return [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@contextmanager
def asked(
    port: int, name: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Iterator[http.client.HTTPResponse]:
    """The answer, over TLS, to the name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname=name) as wrapped,
    ):
        connection = http.client.HTTPSConnection(name, port, timeout=60)
        connection.sock = wrapped
        connection.request(
            "GET" if body is None else "POST", path, body=body, headers={"Host": name, **(headers or {})}
        )
        with connection.getresponse() as answer:
            yield answer


def status(port: int, name: str, path: str, body: bytes | None = None) -> int:
    """Just that; 413 too where it closes while we still send."""
    try:
        with asked(port, name, path, body=body) as answer:
            return answer.status
    except OSError:
        if body is None:
            raise
        return 413


def _up(port: int) -> bool:
    try:
        return status(port, DESK, "/") == 200
    except OSError:
        return False


def test_the_shops_name_has_their_page_alone(proxy: int) -> None:
    """All else is not there, whatever is asked."""
    assert status(proxy, SHOPS, "/n/abc") == 200
    for path in ("/", "/api/v1/alarms", "/metrics", "/healthz", "/n/../api/v1/alarms"):
        assert status(proxy, SHOPS, path) == 404, path


def test_who_asks_is_what_the_proxy_says(proxy: int) -> None:
    """Headers that come from outside are overwritten, and nobody signs in by one."""
    lies = {"X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6", "X-Remote-User": "boss"}
    for name, path in ((SHOPS, "/n/abc"), (DESK, "/api/v1/alarms")):
        with asked(proxy, name, path, headers=lies) as answer:
            heard = json.loads(answer.read())
        assert heard["x-real-ip"] == "127.0.0.1"
        assert "6.6.6.6" not in heard["x-forwarded-for"]
        assert heard["x-forwarded-proto"] == "https"
        assert not heard.get("x-remote-user")
        assert heard["host"].partition(":")[0] == name


def test_what_is_too_large_is_not_let_through(proxy: int) -> None:
    """A photo is; more is not, and the desk takes less."""
    assert status(proxy, SHOPS, "/n/abc", b"x" * (8 << 20)) == 200
    assert status(proxy, SHOPS, "/n/abc", b"x" * (10 << 20)) in {413, 502}
    assert status(proxy, DESK, "/api/v1/x", b"x" * (2 << 20)) in {413, 502}


@pytest.mark.parametrize("path", ["/live", "/api/v1/live"])
def test_a_stream_is_not_gathered(proxy: int, path: str) -> None:
    """Its first word arrives while it goes on."""
    with asked(proxy, DESK, path) as answer:
        assert answer.readline() == b"data: first\n"
        Echo.let_go.set()


def test_the_desk_is_the_office_s(tmp_path: Path) -> None:
    """Each file says so; from loopback alone it cannot be tried."""
    nginx = (DEPLOY / "nginx" / "longcheng.conf").read_text(encoding="utf-8")
    desk = nginx[nginx.index(f"server_name {DESK};\n    ssl") :]
    assert "deny all;" in desk
    caddy = (DEPLOY / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    assert "remote_ip" in caddy[caddy.index(DESK) :]
