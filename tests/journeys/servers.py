"""Real servers for the proofs of the day: uvicorn on loopback, started, killed and started again in a moment.

`python -m tests.journeys.servers` gets a listening socket and imports the server once; for each line it reads it forks
a child that serves on that socket. Callers who come while no child lives wait in the socket's queue, as they would
behind a load balancer.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass
class Servers:
    """A socket, and the server processes behind it."""

    process: "subprocess.Popen[str]"
    port: int
    secret: str
    living: list[int]

    def start(self, workers: int = 1) -> None:
        """Serve with so many processes more."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        for _ in range(workers):
            self.process.stdin.write("start\n")
            self.process.stdin.flush()
            self.living.append(int(self.process.stdout.readline()))

    def kill(self) -> None:
        """End one server process with SIGKILL, wherever it is."""
        os.kill(self.living.pop(), signal.SIGKILL)

    def replace(self) -> None:
        """Kill one and start another, as a supervisor would."""
        self.kill()
        self.start()

    def ask(
        self, method: str, path: str, body: object = None, *, key: str = "", seconds: float = 60
    ) -> tuple[int, dict[str, Any]] | None:
        """Send one request on a connection of its own; None if no answer came in time, or half of one."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            read = answer.read()
            return answer.status, json.loads(read) if read else {}
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()


@contextmanager
def servers_of(workspace: Path, store_url: str, secret: str, clock: str) -> Iterator[Servers]:
    """Listen on a free port; no server lives yet."""
    settings = {
        "ABONEMENT_WORKSPACE": str(workspace),
        "ABONEMENT_STORE_URL": store_url,
        "ABONEMENT_CLOCK": clock,
        "ABONEMENT_RATE_LIMIT": "100000/second",
    }
    with (
        socket.create_server(("127.0.0.1", 0), backlog=512) as listening,
        (workspace / "server.log").open("w", encoding="utf-8") as log,
    ):
        descriptor = listening.fileno()
        arguments = [sys.executable, "-m", "tests.journeys.servers", str(descriptor)]
        with subprocess.Popen(
            arguments,
            cwd=ROOT,
            env=os.environ | settings,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[descriptor],
        ) as process:
            servers = Servers(process, listening.getsockname()[1], secret, [])
            try:
                yield servers
            finally:
                while servers.living:
                    servers.kill()
                assert process.stdin is not None
                process.stdin.close()


def _serve(descriptor: int) -> None:
    import serve

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            import uvicorn

            uvicorn.run(serve.app, fd=descriptor, access_log=False, log_level="warning")
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
