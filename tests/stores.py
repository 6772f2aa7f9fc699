"""Real stores for tests and benchmarks: an MLflow server, and PostgreSQL behind it."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 90


class Server:
    """`mlflow server` on a loopback port of its own; keeps its artifacts and proxies them."""

    def __init__(self, folder: Path, backend: str) -> None:
        self._log = folder / "server.log"
        self._port = free_port()
        self.uri = f"http://127.0.0.1:{self._port}"
        self._environment = {
            **os.environ,
            "MLFLOW_BACKEND_STORE_URI": backend,
            "MLFLOW_ARTIFACTS_DESTINATION": str(folder / "artifacts"),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_WORKERS": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1"]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self._port)],
                env=self._environment,
                stdout=log,
                stderr=log,
                cwd=self._log.parent,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self._log.read_text()
            try:
                urllib.request.urlopen(f"{self.uri}/health", timeout=5).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError(self._log.read_text())

    def stop(self) -> None:
        """End it and wait for that; may be started again, at the same address."""
        if self._process is not None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGKILL)
            self._process.wait(PATIENCE_S)
            self._process = None

    def signal(self, number: int) -> None:
        """Send a signal to all its processes."""
        assert self._process is not None
        os.killpg(self._process.pid, number)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's server programs; None where they are not installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own on loopback; gives its address. It refuses to run as root."""
    programs = postgres_programs()
    assert programs is not None
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    folder.mkdir()
    shutil.chown(folder, user)
    port = free_port()
    data = folder / "data"

    def run(*command: str) -> None:
        done = subprocess.run(
            command, user=user, cwd=folder, capture_output=True, text=True, check=False, env={}
        )
        assert done.returncode == 0, done.stdout + done.stderr

    control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    how = ("--username=llmatic", "--auth=trust", "--encoding=UTF8", "--no-sync")
    run(str(programs / "initdb"), "-D", str(data), *how)
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run(*control, "-o", settings, "start")
    try:
        yield f"postgresql+psycopg2://llmatic@127.0.0.1:{port}/postgres"
    finally:
        run(*control, "-m", "immediate", "stop")
