"""Real servers on loopback: one that serves a tiny model, and a proxy that misbehaves before it."""

import http.client
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`transformers serve`, an OpenAI-compatible server, in a process of its own."""

    def __init__(self, model: Path) -> None:
        self.model = str(model)
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("transformers")),
                *("serve", "--host", "127.0.0.1", "--port", str(self.port)),
                *("--device", "cpu", "--log-level", "error", self.model),
            ],
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/health")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            except OSError:
                time.sleep(0.2)
            finally:
                connection.close()
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(model: Path) -> Iterator[Server]:
    server = Server(model)
    try:
        server.wait()
        yield server
    finally:
        server.kill()


class Proxy(http.server.ThreadingHTTPServer):
    """Passes requests on to a server, but does first what `faults` says, one for each request.

    A fault is a status with headers to answer with, or "drop" to close the connection.
    """

    daemon_threads = True

    def __init__(self, port: int, model: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = port
        self.model = model
        self.key: str | None = None
        self.faults: list[object] = []
        self.asked: list[dict] = []
        self.times: list[float] = []
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def count(self, change: int) -> None:
        with self._counting:
            self._at_once += change
            self.most_at_once = max(self.most_at_once, self._at_once)

    def handle_error(self, request, client_address) -> None:
        """A client that went away is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    """Of one request."""

    server: Proxy
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.count(+1)
        try:
            self._handle(json.loads(body))
        finally:
            self.server.count(-1)

    def _handle(self, asked: dict) -> None:
        proxy = self.server
        proxy.asked.append(asked)
        proxy.times.append(time.monotonic())
        given = self.headers.get("Authorization")
        if proxy.key is not None and given != f"Bearer {proxy.key}":
            self._answer(401, {}, {"error": {"message": f"no such key: {given}"}})
            return
        if proxy.faults:
            fault = proxy.faults.pop(0)
            if fault == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, headers = fault
            self._answer(status, headers, {"error": {"message": f"not now ({given})"}})
            return
        connection = http.client.HTTPConnection("127.0.0.1", proxy.target, timeout=60)
        connection.request(
            "POST",
            self.path,
            json.dumps({**asked, "model": proxy.model}),
            {"Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        self._answer(answer.status, {}, json.loads(answer.read()))
        connection.close()

    def _answer(self, status: int, headers: dict, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@contextmanager
def proxied(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server.port, server.model)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
