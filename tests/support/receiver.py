"""A server on loopback that takes everything it is sent, and remembers it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What came: method, path, body. ``status`` is what everybody is answered."""

    url: str = ""
    status: int = 200
    got: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def told(self, path: str) -> list[dict[str, str]]:
        """The messages that came to a path (apprise's json:// target)."""
        return [json.loads(body) for _, at, body in self.got if at.rstrip("/") == path]

    def titles(self) -> list[tuple[str, str]]:
        """All messages: path and title."""
        return [(at.rstrip("/"), json.loads(body)["title"]) for _, at, body in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            found.got.append((self.command, self.path, body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = do_GET = take

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
